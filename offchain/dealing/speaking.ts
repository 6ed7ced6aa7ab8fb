import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import { type Body, type EndBody, hashBody } from "../terms/body.ts";
import { MAX_NOTE_BYTES } from "../terms/body-codec.ts";
import { type Envelope, hashEnvelope } from "../terms/envelope.ts";
import { append, headHash, nextSeq } from "../transcript/chain.ts";
import type { Common, Ended, Ending, Reason, State, Step } from "./state.ts";

/** Adds the next envelope of our own side, and has it sent. */
export function speak<S extends State>(
  separator: Bytes32,
  state: S,
  at: number,
  body: Body,
): Step & { readonly state: S } {
  const { negotiation, brief, ours, theirs } = state;
  const envelope: Envelope = {
    negotiation,
    agent: brief.self,
    seq: nextSeq(ours),
    kind: body.kind,
    sentAt: at,
    prev: headHash(ours),
    seen: headHash(theirs),
    body: hashBody(body),
  };
  const hash = hashEnvelope(separator, envelope);
  return {
    state: { ...state, ours: append(ours, envelope, hash, body) },
    effects: [{ do: "send", envelope, hash, body }],
  };
}

/** Ends on our side, and tells the peer why. */
export function leave(separator: Bytes32, state: State, at: number, reason: Reason, subject: Bytes32 = ZERO_32): Step {
  const { state: spoken, effects } = speak(separator, state, at, endBody(reason, subject));
  return { state: end(spoken, { by: "self", at, code: reason.code, note: reason.note }), effects };
}

export function end(state: State, ending: Ending): Ended {
  const template = state.phase === "opening" ? null : state.template;
  return { ...commonOf(state), phase: "ended", template, ending };
}

/** What goes with a negotiation from phase to phase. */
export function commonOf(state: State): Common {
  const { brief, proposal, half, negotiation, peerCertificate, ours, theirs, seen } = state;
  const { equivocated, doubted, mayBind, reopened } = state;
  return {
    brief,
    proposal,
    half,
    negotiation,
    peerCertificate,
    ours,
    theirs,
    seen,
    equivocated,
    doubted,
    mayBind,
    reopened,
  };
}

/** True where no END changes anything any more. */
export function isFinal(state: State): boolean {
  return state.phase === "agreed" || state.phase === "ended";
}

export function still(state: State): Step {
  return { state, effects: [] };
}

export function endBody({ code, note }: Reason, subject: Bytes32): EndBody {
  return { kind: "END", code, subject, note: fitNote(note) };
}

/** Cuts a note to what an END may carry, never within a character. */
function fitNote(note: string): string {
  const fitting = new Uint8Array(MAX_NOTE_BYTES);
  return note.slice(0, new TextEncoder().encodeInto(note, fitting).read).toWellFormed();
}
