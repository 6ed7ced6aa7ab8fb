import { isPast } from "../kernel/clock.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { EndBody } from "../terms/body.ts";
import type { Deal } from "../terms/deal.ts";
import { type Envelope, hashEnvelope, type Kind } from "../terms/envelope.ts";
import type { Message } from "../terms/message.ts";
import { negotiationId } from "../terms/negotiation-id.ts";
import { Refusal } from "../terms/refusal.ts";
import { acceptedOffer, append, type Chain, checkPlace, headHash, linkAt, nextSeq } from "../transcript/chain.ts";
import { agree, bargain, checkOffer, takeTurn } from "./bargaining.ts";
import { acknowledge } from "./fulfilling.ts";
import { end, isFinal, leave, still } from "./speaking.ts";
import type { Bargaining, Ended, State, Step } from "./state.ts";

/** Envelopes of one side that are no offers: an honest one has JOIN or OPEN, ACCEPT and END. */
const MOST_BESIDE_OFFERS = 64;

/** Takes in a message from the peer. Whatever it breaks ends the negotiation with the reason, on both sides. */
export function receive(separator: Bytes32, state: State, message: Message, at: number): Step {
  const hash = hashEnvelope(separator, message.envelope);
  let current = state;
  try {
    const known = linkAt(state.theirs, message.envelope.seq);
    if (known !== null) return repeated(state, message, hash, known.hash);
    if (saysTooMuch(state)) return still(state);
    // What binds, and what is said about a deal that binds, may come late: the chain knows whether it was in time.
    if (message.body.kind !== "ACCEPT" && state.phase !== "agreed") checkCertificateTime(state, at);
    const { next, seen } = hear(state, message, hash);
    current = next;
    return answer(separator, next, state, message, hash, seen, at);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    // A peer that leaves has left, wherever in its chain it says so: we differ on what was said, not on that.
    if (message.body.kind === "END" && !isFinal(state)) return still(endByPeer(state, message.body, at));
    // Who has lost its journal says END under a number that it has used before: no fault, since END binds nobody.
    const isEnd = message.body.kind === "END" || linkAt(state.theirs, message.envelope.seq)?.kind === "END";
    if (thrown.code === "Conflict" && !isEnd) current = convict(current, message);
    return isFinal(state)
      ? still(current)
      : leave(separator, current, at, { code: thrown.code, note: thrown.message }, hash);
  }
}

/** What binds is kept although something else was caught before: that is what costs the peer its bond. */
function convict(state: State, { envelope: { kind, seq } }: Message): State {
  const found = binds(kind) && binds(linkAt(state.theirs, seq)?.kind) ? "binding" : "other";
  return state.equivocated === null || (state.equivocated === "other" && found === "binding")
    ? { ...state, equivocated: found }
    : state;
}

function binds(kind: Kind | undefined): boolean {
  return kind === "OFFER" || kind === "ACCEPT";
}

/**
 * A repeated message gets the same reply; another one under the same `seq` is a conflict. Only the newest is replied
 * to: what its sender has said since shows that it had the replies to all before. Otherwise two sides that repeat
 * themselves would keep each other busy. An opener that says OPEN again has not heard of anything else, though.
 */
function repeated(state: State, { envelope }: Message, hash: Bytes32, known: Bytes32): Step {
  if (hash !== known) {
    throw new Refusal("Conflict", `agent ${envelope.agent} signed two envelopes with seq ${envelope.seq}`);
  }
  return {
    state,
    effects: hash === state.theirs?.hash || envelope.kind === "OPEN" ? [{ do: "resend", since: hash }] : [],
  };
}

/**
 * What comes after the end is kept, since it may bind or convict; from a peer that says far more than anybody needs for its rounds no
 * more is taken, or it could fill the journal. What it has committed is on the chain.
 */
function saysTooMuch(state: State): boolean {
  return state.phase === "ended" && nextSeq(state.theirs) >= state.proposal.protocol.rounds + MOST_BESIDE_OFFERS;
}

function checkCertificateTime({ peerCertificate }: State, at: number): void {
  if (peerCertificate !== null && isPast(peerCertificate.key.notAfter, at)) {
    throw new Refusal("CertificateExpired", `the session key counted until ${peerCertificate.key.notAfter}`);
  }
}

/** Adds the envelope to what the peer has said; throws unless it is the next one. */
function hear(state: State, { envelope, body }: Message, hash: Bytes32): { next: State; seen: Chain } {
  const joined = body.kind === "JOIN" && state.phase === "opening";
  const negotiation = joined ? negotiationId(state.half, body.salt) : idFor(state, envelope);
  const peerCertificate = joined ? body.certificate : state.peerCertificate;
  const { brief, theirs: speaker, ours: listener, seen: before } = state;
  const seen = checkPlace(envelope, { negotiation, agent: brief.peer, speaker, listener, seen: before });
  const theirs = append(speaker, envelope, hash, body);
  return { next: { ...state, negotiation, peerCertificate, theirs, seen: Math.max(before, seen?.seq ?? -1) }, seen };
}

/** An opener that leaves before it has heard the JOIN knows only its own half of the id. */
function idFor({ brief, half, negotiation }: State, { kind, seen }: Envelope): Bytes32 {
  return !brief.opener && kind === "END" && seen === ZERO_32 ? half : negotiation;
}

function answer(
  separator: Bytes32,
  next: State,
  before: State,
  message: Message,
  hash: Bytes32,
  seen: Chain,
  at: number,
): Step {
  const { body } = message;
  if (body.kind === "END") {
    return still(isFinal(next) ? next : endByPeer(next, body, at));
  }
  switch (next.phase) {
    case "opening":
      if (body.kind !== "JOIN") break;
      if (body.open !== headHash(before.ours)) throw new Refusal("SeenMismatch", "the JOIN answers another OPEN");
      return takeTurn(separator, bargain(next), at);
    case "bargaining":
      if (body.kind === "ACCEPT") return still(bind(next, next.template, message, hash, seen));
      if (body.kind !== "OFFER") break;
      checkOffer(next, body.deal, seen);
      return takeTurn(separator, { ...next, offers: next.offers + 1 }, at);
    case "ended":
      // An END withdraws no offer: an ACCEPT that crossed it, or comes in spite of it, still binds us.
      if (body.kind !== "ACCEPT" || next.template === null) break;
      return still(bind(next, next.template, message, hash, seen));
    case "agreed":
      return still({ ...next, fulfilment: acknowledge(next, body, "peer") });
  }
  throw new Refusal("OutOfTurn", `${body.kind} can't be said in this phase (${next.phase})`);
}

function endByPeer(state: State, { code, note }: EndBody, at: number): Ended {
  return end(state, { by: "peer", at, code, note });
}

/**
 * The peer accepts an offer of ours. Whether it did so before `commitBy` is for the chain to say: it may have been
 * committed in time though we hear of it late.
 */
function bind(
  next: Bargaining | Ended,
  template: Deal,
  { envelope }: Message,
  transcript: Bytes32,
  seen: Chain,
): State {
  const deal = acceptedOffer(envelope, seen);
  const { body: dealHash, seq: acceptSeq } = envelope;
  const offerSeq = seen?.seq ?? -1;
  return agree(next, template, { deal, dealHash, transcript, acceptedBy: "peer", offerSeq, acceptSeq });
}
