import { sha256 } from "../kernel/hash.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { Crypto } from "../ports/crypto.ts";
import { hashBody, type WithheldOpenBody } from "../terms/body.ts";
import type { Certificate, SessionKey } from "../terms/certificate.ts";
import type { Deal } from "../terms/deal.ts";
import { type Envelope, envelopePreimage, type Kind } from "../terms/envelope.ts";
import type { Message } from "../terms/message.ts";
import { negotiationId, openerHalf } from "../terms/negotiation-id.ts";
import { Refusal } from "../terms/refusal.ts";
import { acceptedOffer, append, type Chain, checkSeen, checkSuccession, type Link } from "./chain.ts";

/** An OPEN that does not show what it proposes. */
export interface WithheldOpen extends Omit<Message, "body"> {
  readonly body: WithheldOpenBody;
}

/** Everything that was said in one negotiation, each side's messages in the order of their `seq`. */
export interface Transcript<Said = Message> {
  readonly opener: readonly Said[];
  readonly responder: readonly Said[];
}

/** A transcript as it may be shown to others. */
export type ShownTranscript = Transcript<Message | WithheldOpen>;

/** What a transcript proves to whoever trusts both certificates. */
export interface VerifiedTranscript {
  readonly negotiation: Bytes32;
  /** How many signatures were verified: every one. */
  readonly signatures: number;
  readonly certificates: { readonly opener: Certificate; readonly responder: Certificate };
  /** Null where nothing was accepted. Of several, the opener's first, or else the responder's. */
  readonly agreement: VerifiedAgreement | null;
  /** All that hold, in that order: whoever accepts twice doesn't choose which of them the chain has committed. */
  readonly agreements: readonly VerifiedAgreement[];
}

/** Of all agreements the one that was committed, or else the first; null where there is none. */
export function agreementCommitted(
  agreements: readonly VerifiedAgreement[],
  committed: { readonly transcript: Bytes32 } | null,
): VerifiedAgreement | null {
  return agreements.find(({ transcript }) => transcript === committed?.transcript) ?? agreements[0] ?? null;
}

/** An OFFER and its ACCEPT: a claim to a deal, which exists once it is committed. */
export interface VerifiedAgreement {
  readonly deal: Deal;
  /** Hash of the ACCEPT. */
  readonly transcript: Bytes32;
  readonly offer: Message;
  readonly accept: Message;
}

type SideName = keyof Transcript;

/** One side's chain: its messages, all signed by `key`, and their links by hash. */
interface Side {
  readonly name: SideName;
  readonly key: SessionKey;
  readonly messages: readonly (Message | WithheldOpen)[];
  readonly links: ReadonlyMap<Bytes32, Link>;
}

/**
 * Verifies a whole transcript offline: contents, gapless chains, signatures, what each side says it has seen, and the
 * id. First each side alone, the opener's before the responder's, then `seen` in the same order. Since an envelope's
 * hash covers all that was said and seen before it, that is enough to know that the two chains can be woven in time.
 * Certificates are returned, not judged: that takes the registry, and until it is done nothing is proved about agents.
 * Nor can it be noticed that the end of a side's chain is missing, unless the other side has named it as seen.
 */
export async function verifyTranscript(
  crypto: Crypto,
  separator: Bytes32,
  transcript: ShownTranscript,
): Promise<VerifiedTranscript> {
  const { half, negotiation, certificates } = introduction(separator, transcript);
  // Who has not heard the other's JOIN can't know the full id: that leaves the OPEN, and an END that takes it back.
  const openerId = ({ seen, kind }: Envelope) =>
    seen === ZERO_32 && (kind === "OPEN" || kind === "END") ? half : negotiation;
  const read = (name: SideName, idOf: (envelope: Envelope) => Bytes32) =>
    readSide(crypto, separator, { name, key: certificates[name].key, messages: transcript[name], idOf });
  const opener = await read("opener", openerId);
  const responder = await read("responder", () => negotiation);
  weave(opener, responder);
  weave(responder, opener);
  const signatures = opener.messages.length + responder.messages.length;
  const agreements = findAgreements(opener, responder, negotiation);
  return { negotiation, signatures, certificates, agreement: agreements[0] ?? null, agreements };
}

async function readSide(
  crypto: Crypto,
  separator: Bytes32,
  { name, key, messages, idOf }: Omit<Side, "links"> & { readonly idOf: (envelope: Envelope) => Bytes32 },
): Promise<Side> {
  const links = new Map<Bytes32, Link>();
  let speaker: Chain = null;
  for (const [place, { envelope, body, signature }] of messages.entries()) {
    const at = { side: name, place, kind: envelope.kind };
    if (body.kind !== envelope.kind || hashBody(body) !== envelope.body) {
      throw located(at, new Refusal("BodyMismatch", "it was signed for another content"));
    }
    locating(at, () => checkSuccession(envelope, { negotiation: idOf(envelope), agent: key.agent, speaker }));
    const preimage = envelopePreimage(separator, envelope);
    if (!(await crypto.verify(key, preimage, signature))) {
      throw located(at, new Refusal("BadSignature", `the signature of agent ${key.agent} is not good`));
    }
    speaker = append(speaker, envelope, sha256(preimage), body);
    links.set(speaker.hash, speaker);
  }
  return { name, key, messages, links };
}

/** Which message it is that can't stand. */
interface Place {
  readonly side: SideName;
  /** Counted from 0, as its `seq` should be. */
  readonly place: number;
  readonly kind: Kind;
}

function locating<T>(at: Place, check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    throw thrown instanceof Refusal ? located(at, thrown) : thrown;
  }
}

function located({ side, place, kind }: Place, { code, message, facts, cause }: Refusal): Refusal {
  const says = `the ${side}'s message ${place} (${kind}): ${message}`;
  return new Refusal(code, says, { facts: { ...facts, side, place, kind }, cause });
}

/** Checks what one side says it has seen of the other. */
function weave(speaker: Side, listener: Side): void {
  let before = -1;
  for (const [place, { envelope, body }] of speaker.messages.entries()) {
    locating({ side: speaker.name, place, kind: envelope.kind }, () => {
      const seen = checkSeen(envelope, before, listener.links.get(envelope.seen) ?? null);
      before = Math.max(before, seen?.seq ?? -1);
      if (place > 0 || body.kind !== "JOIN" || listener.links.get(body.open)?.seq === 0) return;
      throw new Refusal("SeenMismatch", "the JOIN answers another OPEN");
    });
  }
}

/** What every ACCEPT that holds makes. One that doesn't is refused only if none does, so that it can't undo another. */
function findAgreements(opener: Side, responder: Side, negotiation: Bytes32): VerifiedAgreement[] {
  const found: VerifiedAgreement[] = [];
  let refusal: unknown = null;
  for (const [speaker, listener] of [
    [opener, responder],
    [responder, opener],
  ] as const) {
    for (const message of speaker.messages) {
      if (message.envelope.kind !== "ACCEPT") continue;
      try {
        const at = { side: speaker.name, place: message.envelope.seq, kind: message.envelope.kind };
        found.push(locating(at, () => agreementBy(message, speaker, listener, negotiation)));
      } catch (thrown) {
        refusal ??= thrown;
      }
    }
  }
  if (refusal !== null && found.length === 0) throw refusal;
  return found;
}

function agreementBy(
  accept: Message | WithheldOpen,
  speaker: Side,
  listener: Side,
  negotiation: Bytes32,
): VerifiedAgreement {
  const { seen, seq } = accept.envelope;
  const offered = listener.links.get(seen) ?? null;
  const deal = acceptedOffer(accept.envelope, offered);
  const offer = listener.messages[offered?.seq ?? -1];
  const transcript = [...speaker.links.keys()][seq];
  const parties = [speaker.key.agent, listener.key.agent];
  const between = deal.buyer !== deal.seller && parties.includes(deal.buyer) && parties.includes(deal.seller);
  if (
    !offer ||
    isWithheld(offer) ||
    isWithheld(accept) ||
    !transcript ||
    !between ||
    deal.negotiation !== negotiation
  ) {
    throw new Refusal("DealMismatch", "the accepted deal names other parties, or another negotiation");
  }
  return { deal, transcript, offer, accept };
}

export function isWithheld(message: Message | WithheldOpen): message is WithheldOpen {
  return message.body.kind === "OPEN" && typeof message.body.proposal !== "string";
}

function introduction(separator: Bytes32, { opener, responder }: ShownTranscript) {
  const open = opener[0]?.body;
  const join = responder[0]?.body;
  if (open?.kind !== "OPEN" || join?.kind !== "JOIN") {
    throw new Refusal("Malformed", "a transcript starts with OPEN on one side and JOIN on the other");
  }
  const { agent } = open.certificate.key;
  if (agent === open.responder) throw new Refusal("WrongAgent", `agent ${agent} opens a negotiation with itself`);
  if (join.certificate.key.agent !== open.responder) {
    throw new Refusal("CertificateInvalid", `the JOIN's certificate is not of agent ${open.responder}, who was asked`);
  }
  const half = openerHalf(separator, agent, open.responder, open.salt);
  return {
    half,
    negotiation: negotiationId(half, join.salt),
    certificates: { opener: open.certificate, responder: join.certificate },
  };
}
