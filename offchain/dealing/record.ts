import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { ParleyError } from "../kernel/errors.ts";
import { ZERO_32 } from "../kernel/ids.ts";
import type { ProposedMove } from "../negotiation/price/external.ts";
import { readBody, writeBody } from "../terms/body-codec.ts";
import { KINDS } from "../terms/envelope.ts";
import { decodeMessage, type Message } from "../terms/message.ts";
import { refusalName, refusalNumber } from "../terms/refusal.ts";
import { decodeBrief, encodeBrief, type Wanted } from "./brief.ts";
import type { Event, Reason, SpokenBody } from "./state.ts";

/**
 * One entry of a negotiation's journal: what happened, and every frame that we signed because of it. Keeping the
 * frames, not only the events, means that a later version of this code can never sign something else under a `seq`
 * that has been used.
 */
export interface JournalRecord {
  readonly event: Event;
  readonly sent: readonly Uint8Array[];
}

const VERSION = 1;

const TYPES = [
  "opened",
  "invited",
  "received",
  "offended",
  "expired",
  "spoken",
  "moved",
  "doubted",
  "granted",
  "reopened",
] as const;

/** A move is kept as the price that was offered, or as this. */
const ACCEPTANCE = "accept";

export function encodeRecord({ event, sent }: JournalRecord): Uint8Array {
  const writer = new ByteWriter(1_024).uint(VERSION, 1).uint(TYPES.indexOf(event.type), 1).uint(event.at, 8);
  writeEvent(writer, event);
  writer.uint(sent.length, 1);
  for (const frame of sent) writer.block(frame, 4);
  return writer.finish();
}

export function decodeRecord(bytes: Uint8Array): JournalRecord {
  const reader = new ByteReader(bytes);
  const version = reader.uint(1);
  if (version !== VERSION) {
    throw new ParleyError("JournalVersion", `the journal holds a record of version ${version}, not ${VERSION}`, {
      hint: "open it with the version of Parley that wrote it",
    });
  }
  const type = TYPES[reader.uint(1)];
  const at = reader.uint(8);
  const event = readEvent(reader, type, at);
  const sent = Array.from({ length: reader.uint(1) }, () => reader.block(4));
  reader.end();
  return { event, sent };
}

/** What a negotiation is for, by the first of its records alone; null where it is for nothing else, or can't be read. */
export function wantedBy([first]: readonly Uint8Array[]): Wanted | null {
  try {
    const event = first === undefined ? null : decodeRecord(first).event;
    return event !== null && "brief" in event ? event.brief.intent : null;
  } catch (thrown) {
    if (thrown instanceof ParleyError) return null;
    throw thrown;
  }
}

function writeEvent(writer: ByteWriter, event: Event): void {
  switch (event.type) {
    case "opened":
      writer.text(encodeBrief(event.brief), 4);
      break;
    case "invited":
      writer.text(encodeBrief(event.brief), 4).block(event.frame, 4);
      break;
    case "received":
      writer.block(event.frame, 4);
      break;
    case "offended":
      writeReason(writer, event.reason);
      writer.block(event.frame, 4);
      break;
    case "expired":
    case "granted":
    case "reopened":
      break;
    case "doubted":
      writer.text(event.note, 2);
      break;
    case "spoken":
      writeBody(writer.uint(KINDS.indexOf(event.body.kind), 1), event.body);
      break;
    case "moved":
      writer.text(event.move.say === "offer" ? event.move.price.toString() : ACCEPTANCE, 1);
      break;
  }
}

function readEvent(reader: ByteReader, type: Event["type"] | undefined, at: number): Event {
  switch (type) {
    case "opened":
      return { type, at, brief: decodeBrief(reader.text(4)) };
    case "invited":
      return { type, at, brief: decodeBrief(reader.text(4)), ...readMessage(reader) };
    case "received":
      return { type, at, ...readMessage(reader) };
    case "offended":
      return { type, at, reason: readReason(reader), frame: reader.block(4) };
    case "expired":
    case "granted":
    case "reopened":
      return { type, at };
    case "doubted":
      return { type, at, note: reader.text(2) };
    case "spoken":
      return { type, at, body: readSpoken(reader) };
    case "moved":
      return { type, at, move: readMove(reader.text(1)) };
    case undefined:
      throw new ParleyError("JournalVersion", "the journal holds a record of an unknown type");
  }
}

function writeReason(writer: ByteWriter, { code, note }: Reason): void {
  writer.uint(refusalNumber(code), 2).text(note, 2);
}

function readReason(reader: ByteReader): Reason {
  return { code: refusalName(reader.uint(2)), note: reader.text(2) };
}

function readMessage(reader: ByteReader): { message: Message; frame: Uint8Array } {
  const frame = reader.block(4);
  return { message: decodeMessage(frame), frame };
}

function readMove(text: string): ProposedMove {
  return text === ACCEPTANCE ? { say: "accept" } : { say: "offer", price: BigInt(text) };
}

function readSpoken(reader: ByteReader): SpokenBody {
  const kind = KINDS[reader.uint(1)];
  if (kind !== "END" && kind !== "DELIVER" && kind !== "RECEIPT" && kind !== "CANCEL" && kind !== "DISPUTE") {
    throw new ParleyError("JournalVersion", `the journal has us say ${kind ?? "something unknown"} on our own`);
  }
  return readBody(reader, kind, ZERO_32);
}
