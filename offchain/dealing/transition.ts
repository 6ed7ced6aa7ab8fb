import type { Bytes32 } from "../kernel/ids.ts";
import { hashEnvelope } from "../terms/envelope.ts";
import { negotiationId, openerHalf } from "../terms/negotiation-id.ts";
import { decodeProposal } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import { append } from "../transcript/chain.ts";
import { bargain, JOURNAL_LOST, makeMove, takeTurn } from "./bargaining.ts";
import type { Brief } from "./brief.ts";
import { acknowledge } from "./fulfilling.ts";
import { receive } from "./receiving.ts";
import { isFinal, leave, speak, still } from "./speaking.ts";
import type { Common, Event, SpokenBody, State, Step } from "./state.ts";

const TOO_LATE = { code: "Expired", note: "no deal was agreed before `commitBy`" } as const;

/**
 * The negotiation as a pure function: what was, and what happened, give what is, and what is to be done. It reads no
 * clock and draws nothing at random, so replaying the journalled events makes the same states and the same envelopes.
 */
export function transition(separator: Bytes32, state: State | null, event: Event): Step {
  if (event.type === "opened") return open(separator, event.brief, event.at);
  if (event.type === "invited") return join(separator, event);
  if (state === null) throw new Refusal("OutOfTurn", "a negotiation starts by being opened or by an invitation");
  switch (event.type) {
    case "received":
      return receive(separator, state, event.message, event.at);
    case "offended":
      return isFinal(state) ? still(state) : leave(separator, state, event.at, event.reason);
    case "expired":
      return isFinal(state) ? still(state) : leave(separator, state, event.at, TOO_LATE);
    case "granted":
      return grant(separator, state, event.at);
    case "doubted":
      return doubt(separator, state, event.at);
    case "reopened":
      return still(state.reopened ? state : { ...state, reopened: true });
    case "moved":
      if (state.phase !== "bargaining")
        throw new Refusal("OutOfTurn", `no move can be made in this phase (${state.phase})`);
      return makeMove(separator, state, event.move, event.at);
    case "spoken":
      return say(separator, state, event.body, event.at);
  }
}

function open(separator: Bytes32, brief: Brief, at: number): Step {
  const { peer: responder, salt, certificate, proposal } = brief;
  const half = openerHalf(separator, brief.self, responder, salt);
  const state = { phase: "opening", ...introduce(brief, half, half) } as const;
  return speak(separator, state, at, { kind: "OPEN", responder, salt, certificate, proposal });
}

function join(separator: Bytes32, { brief, message, at }: Extract<Event, { type: "invited" }>): Step {
  const { envelope, body } = message;
  if (body.kind !== "OPEN") throw new Refusal("OutOfTurn", "a negotiation starts with OPEN");
  const { salt, certificate } = brief;
  const half = envelope.negotiation;
  const hash = hashEnvelope(separator, envelope);
  const state = bargain({
    ...introduce(brief, half, negotiationId(half, salt)),
    peerCertificate: body.certificate,
    theirs: append(null, envelope, hash, body),
  });
  return speak(separator, state, at, { kind: "JOIN", open: hash, salt, certificate });
}

function introduce({ proposal, ...brief }: Brief, half: Bytes32, negotiation: Bytes32): Common {
  return {
    brief,
    proposal: decodeProposal(proposal),
    half,
    negotiation,
    peerCertificate: null,
    ours: null,
    theirs: null,
    seen: -1,
    equivocated: null,
    doubted: false,
    mayBind: brief.intent === null,
    reopened: false,
  };
}

function grant(separator: Bytes32, state: State, at: number): Step {
  if (state.mayBind || isFinal(state)) return still(state);
  const granted = { ...state, mayBind: true };
  return granted.phase === "bargaining" ? takeTurn(separator, granted, at) : still(granted);
}

/**
 * Leaves wherever that is still of use. Before JOIN the peer shares no id with us that an END could name, so it hears of it when it
 * joins: it may have done so long ago, and hold offers of ours that we know nothing of.
 */
function doubt(separator: Bytes32, state: State, at: number): Step {
  if (state.doubted) return still(state);
  const doubted = { ...state, doubted: true };
  return doubted.phase === "bargaining" ? leave(separator, doubted, at, JOURNAL_LOST) : still(doubted);
}

function say(separator: Bytes32, state: State, body: SpokenBody, at: number): Step {
  if (body.kind === "END") {
    return isFinal(state) ? still(state) : leave(separator, state, at, body, body.subject);
  }
  if (state.phase !== "agreed") throw new Refusal("OutOfTurn", `${body.kind} needs an agreed deal`);
  if (state.doubted) throw new Refusal("JournalLost", `${body.kind} might be the second envelope under its number`);
  return speak(separator, { ...state, fulfilment: acknowledge(state, body, "self") }, at, body);
}
