import { fromHex, type Hex } from "../../kernel/bytes.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { SessionProof } from "../../ports/chain.ts";
import type { Crypto } from "../../ports/crypto.ts";
import { hashBody } from "../../terms/body.ts";
import type { Certificate } from "../../terms/certificate.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { envelopePreimage, hashEnvelope } from "../../terms/envelope.ts";
import { decodeMessage, type Message } from "../../terms/message.ts";
import { Refusal } from "../../terms/refusal.ts";
import { isWithheld, verifyTranscript } from "../verify.ts";
import type { Bundle } from "./bundle.ts";

/** Two binding envelopes of one agent under one number, as Settlement judges them. */
export interface Equivocation {
  readonly agent: AgentId;
  readonly negotiation: Bytes32;
  readonly seq: number;
  /** What `first` offers or accepts: the bond that is named in it is what this costs. */
  readonly deal: Deal;
  readonly first: SessionProof;
  readonly second: SessionProof;
}

/** What is known from all bundles together. */
interface Heard {
  readonly proofs: Map<Bytes32, SessionProof>;
  readonly deals: Map<Bytes32, Deal>;
  readonly certificates: readonly Certificate[];
}

/**
 * Finds who has signed two different OFFERs or ACCEPTs as one and the same: within a bundle, or between what the one side and what the
 * other side holds of a negotiation. Both envelopes are verified; whether the certificates count is for the chain to say. Throws where a
 * bundle doesn't verify.
 */
export async function equivocationsIn(crypto: Crypto, bundles: readonly Bundle[]): Promise<Equivocation[]> {
  const heard = await hear(crypto, bundles);
  const groups = Map.groupBy(heard.proofs.values(), ({ message: { envelope } }) =>
    [envelope.negotiation, envelope.agent, envelope.seq].join(),
  );
  return [...groups.values()].flatMap((rivals) => judge(rivals, heard.deals) ?? []);
}

async function hear(crypto: Crypto, bundles: readonly Bundle[]): Promise<Heard> {
  const verified = await Promise.all(
    bundles.map((bundle) => verifyTranscript(crypto, separatorOf(bundle), bundle.transcript)),
  );
  const certificates = verified.flatMap(({ certificates: { opener, responder } }) => [opener, responder]);
  const heard: Heard = { proofs: new Map(), deals: new Map(), certificates };
  for (const [place, bundle] of bundles.entries()) {
    const separator = separatorOf(bundle);
    const sides = verified[place]?.certificates;
    if (sides === undefined) continue;
    for (const side of ["opener", "responder"] as const) {
      for (const message of bundle.transcript[side]) {
        if (!isWithheld(message)) keep(heard, separator, { message, certificate: sides[side] });
      }
    }
    for (const frame of new Set(bundle.beside)) {
      const proof = await prove(crypto, separator, frame, certificates);
      if (proof !== null) keep(heard, separator, proof);
    }
  }
  return heard;
}

/** A frame that stands in neither chain; null where none of the keys has signed it. */
async function prove(
  crypto: Crypto,
  separator: Bytes32,
  frame: Hex,
  certificates: readonly Certificate[],
): Promise<SessionProof | null> {
  const message = read(frame);
  if (message === null || !binds(message) || hashBody(message.body) !== message.envelope.body) return null;
  const preimage = envelopePreimage(separator, message.envelope);
  for (const certificate of certificates) {
    if (certificate.key.agent !== message.envelope.agent) continue;
    if (await crypto.verify(certificate.key, preimage, message.signature)) return { message, certificate };
  }
  return null;
}

function keep({ proofs, deals }: Heard, separator: Bytes32, proof: SessionProof): void {
  const { message } = proof;
  if (!binds(message)) return;
  if (message.body.kind === "OFFER") deals.set(hashDeal(message.body.deal), message.body.deal);
  proofs.set(hashEnvelope(separator, message.envelope), proof);
}

/** Of more than two the pair that costs most. Null where they are not rivals, or nobody shows a deal that they name. */
function judge(rivals: readonly SessionProof[], deals: ReadonlyMap<Bytes32, Deal>): Equivocation | null {
  const [any] = rivals;
  if (any === undefined || rivals.length < 2) return null;
  const { agent, negotiation, seq } = any.message.envelope;
  const known = rivals.flatMap((proof) => {
    const deal = deals.get(proof.message.envelope.body);
    const isTheirs = deal?.negotiation === negotiation && (agent === deal.buyer || agent === deal.seller);
    return deal !== undefined && isTheirs ? [{ proof, deal }] : [];
  });
  const [dearest] = known.sort((one, other) => compare(bondOf(agent, other.deal), bondOf(agent, one.deal)));
  const second = rivals.find((proof) => proof !== dearest?.proof);
  if (dearest === undefined || second === undefined) return null;
  return { agent, negotiation, seq, deal: dearest.deal, first: dearest.proof, second };
}

/** What a side has named to lose. */
export function bondOf(agent: AgentId, { buyer, buyerBond, sellerBond }: Deal): Amount {
  return agent === buyer ? buyerBond : sellerBond;
}

function compare(one: Amount, other: Amount): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function separatorOf({ deployment: { chainId, settlement } }: Bundle): Bytes32 {
  return domainSeparator(settlementDomain(chainId, settlement));
}

function binds({ envelope: { kind } }: Message): boolean {
  return kind === "OFFER" || kind === "ACCEPT";
}

function read(frame: Hex): Message | null {
  try {
    return decodeMessage(fromHex(frame));
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}
