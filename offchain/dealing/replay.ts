import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { hashEnvelope } from "../terms/envelope.ts";
import { decodeMessage, type Message } from "../terms/message.ts";
import { nextSeq } from "../transcript/chain.ts";
import { decodeRecord } from "./record.ts";
import type { Effect, Event, State } from "./state.ts";
import { transition } from "./transition.ts";

/** Where the records of a negotiation lead, and what was said on the way. */
export interface Replay {
  readonly state: State;
  readonly ours: readonly Message[];
  readonly theirs: readonly Message[];
  /** Frames that came in and are in neither chain: what was refused, and what contradicts something that was said before. */
  readonly beside: readonly Uint8Array[];
}

/** Goes through the records of a negotiation's journal; throws where they don't lead to what was signed then. */
export function replay(separator: Bytes32, records: readonly Uint8Array[]): Replay {
  let state: State | null = null;
  const [ours, theirs, beside]: [Message[], Message[], Uint8Array[]] = [[], [], []];
  for (const record of records) {
    const { event, sent } = decodeRecord(record);
    const step: { state: State; effects: readonly Effect[] } = transition(separator, state, event);
    const messages = sent.map(decodeMessage);
    state = step.state;
    checkReplay(separator, state, step.effects, messages);
    ours.push(...messages);
    const frame = heard(event);
    if (frame === null) continue;
    if ("message" in event && nextSeq(state.theirs) > theirs.length) theirs.push(event.message);
    else beside.push(frame);
  }
  if (state === null) throw new ParleyError("JournalEmpty", "a negotiation's journal holds no record");
  return { state, ours, theirs, beside };
}

function heard(event: Event): Uint8Array | null {
  return "frame" in event ? event.frame : null;
}

/** What the replay would say must be what was signed: never two envelopes under one `seq`. */
function checkReplay(separator: Bytes32, state: State, effects: readonly Effect[], sent: readonly Message[]): void {
  const said = effects.flatMap((effect) => (effect.do === "send" ? [effect.hash] : []));
  const signed = sent.map(({ envelope }) => hashEnvelope(separator, envelope));
  if (said.join() === signed.join()) return;
  throw new ParleyError("JournalDiverged", `the journal of negotiation ${state.half} does not replay`, {
    hint: "another version of Parley wrote it; finish this negotiation with that one",
  });
}
