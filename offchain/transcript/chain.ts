import { type AgentId, type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { Body, WithheldOpenBody } from "../terms/body.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { Envelope, Kind } from "../terms/envelope.ts";
import { Refusal } from "../terms/refusal.ts";

/** An envelope's place in its side's chain. Links are never changed, so a chain is named by its newest one. */
export interface Link {
  readonly seq: number;
  readonly hash: Bytes32;
  readonly kind: Kind;
  /** What an OFFER binds its signer to. */
  readonly deal: Deal | null;
  readonly previous: Chain;
}

/** All that one side has said, newest first; null before it has said anything. */
export type Chain = Link | null;

/** Where the next envelope has to fit. */
export interface Place {
  readonly negotiation: Bytes32;
  readonly agent: AgentId;
  /** What the speaker has said so far. */
  readonly speaker: Chain;
  /** What the other side has said so far. */
  readonly listener: Chain;
  /** `seq` of the newest envelope of the listener's that the speaker has named as seen; -1 for none. */
  readonly seen: number;
}

export function nextSeq(chain: Chain): number {
  return chain === null ? 0 : chain.seq + 1;
}

export function headHash(chain: Chain): Bytes32 {
  return chain === null ? ZERO_32 : chain.hash;
}

/** Appends without changing what was there. */
export function append(chain: Chain, envelope: Envelope, hash: Bytes32, body: Body | WithheldOpenBody): Link {
  const deal = body.kind === "OFFER" ? body.deal : null;
  return { seq: envelope.seq, hash, kind: envelope.kind, deal, previous: chain };
}

/** The link of that `seq`, or null where the chain does not hold it. */
export function linkAt(chain: Chain, seq: number): Chain {
  let link = chain;
  while (link !== null && link.seq > seq) link = link.previous;
  return link?.seq === seq ? link : null;
}

/**
 * Checks that an envelope is the next of its side: right negotiation and agent, no gap, the right `prev`, and a
 * `seen` that names what the other side in fact said. Returns the link that `seen` names.
 */
export function checkPlace(envelope: Envelope, place: Place): Chain {
  checkSuccession(envelope, place);
  const oldest = oldestSeen(envelope, place.seen);
  let link = place.listener;
  while (link !== null && link.seq >= oldest && link.hash !== envelope.seen) link = link.previous;
  return checkSeen(envelope, place.seen, link?.hash === envelope.seen ? link : null);
}

/** The part of a place that takes only the speaker's own side. */
export function checkSuccession(
  envelope: Envelope,
  { negotiation, agent, speaker }: Pick<Place, "negotiation" | "agent" | "speaker">,
): void {
  if (envelope.negotiation !== negotiation) {
    throw new Refusal("WrongNegotiation", "the envelope belongs to another negotiation");
  }
  if (envelope.agent !== agent) {
    throw new Refusal("WrongAgent", `agent ${envelope.agent} has no part in this negotiation`);
  }
  const expected = nextSeq(speaker);
  if (envelope.seq !== expected) {
    const facts = { actual: envelope.seq, expected };
    throw new Refusal("SeqGap", `envelope ${envelope.seq} came where ${expected} was due`, { facts });
  }
  if (envelope.prev !== headHash(speaker)) {
    throw new Refusal("PrevMismatch", `envelope ${envelope.seq} does not follow the one before it`);
  }
}

/**
 * The part that takes the other side: `link` is the one of that side which `seen` names, null for none, and `before`
 * the newest `seq` that the speaker has named so far. Returns the link.
 */
export function checkSeen(envelope: Envelope, before: number, link: Chain): Chain {
  if (envelope.seen === ZERO_32) {
    if (before === -1 && envelope.kind !== "ACCEPT") return null;
    throw new Refusal("SeenMismatch", "the envelope says that its sender has seen nothing");
  }
  if (link !== null && link.seq >= oldestSeen(envelope, before)) return link;
  throw new Refusal("SeenMismatch", "the envelope's `seen` names nothing that was said since");
}

/**
 * What the ACCEPT accepts: the deal of the OFFER that it names as seen. An older offer counts too, since later
 * ones withdraw nothing.
 */
export function acceptedOffer(accept: Envelope, seen: Chain): Deal {
  if (seen?.deal == null) throw new Refusal("SeenMismatch", "the ACCEPT names no OFFER as seen");
  if (hashDeal(seen.deal) !== accept.body) {
    throw new Refusal("DealMismatch", "the ACCEPT names another deal than the OFFER that it has seen");
  }
  return seen.deal;
}

/** An ACCEPT names its OFFER, however old; everything else the newest that its sender had. */
function oldestSeen(envelope: Envelope, before: number): number {
  return envelope.kind === "ACCEPT" ? 0 : before;
}
