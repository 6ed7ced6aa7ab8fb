import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, toAgentId } from "../kernel/ids.ts";
import type { Json, JsonObject } from "./canonical-json.ts";
import { JsonReader } from "./json-reader.ts";

/** How long calls took that were answered, in milliseconds: nearest rank, so each is a time that was measured. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

/** What one side has measured of a deal for a while. */
export interface MeterReading {
  readonly deal: Bytes32;
  readonly transcript: Bytes32;
  /** Who measured. */
  readonly reader: AgentId;
  /** Unix seconds; the period begins with the first and ends before the second. */
  readonly from: number;
  readonly to: number;
  readonly calls: number;
  /** Of the calls, those that came to nothing by the seller's doing, or whose answer never came. */
  readonly failures: number;
  /** Null where nothing was answered. */
  readonly latency: Latency | null;
}

const FORMAT = "parley-reading/1";

const LAST_SECOND = 2 ** 40 - 1;

export function readingToJson({
  deal,
  transcript,
  reader,
  from,
  to,
  calls,
  failures,
  latency,
}: MeterReading): JsonObject {
  return {
    ...{ format: FORMAT, deal, transcript, reader: reader.toString(), from, to, calls, failures },
    latency: latency === null ? null : { ...latency },
  };
}

/** Reads a reading from outside; throws `Malformed` also where its figures can't be true together. */
export function readingFromJson(value: Json): MeterReading {
  const reader = new JsonReader(value, "reading");
  reader.oneOf("format", [FORMAT]);
  const count = (name: string) => reader.integer(name, 0, Number.MAX_SAFE_INTEGER);
  const reading: MeterReading = {
    deal: reader.bytes32("deal"),
    transcript: reader.bytes32("transcript"),
    reader: toAgentId(reader.text("reader")),
    from: reader.integer("from", 0, LAST_SECOND),
    to: reader.integer("to", 0, LAST_SECOND),
    calls: count("calls"),
    failures: count("failures"),
    latency: reader.raw("latency") === null ? null : readLatency(reader.object("latency")),
  };
  reader.end();
  const { from, to, calls, failures, latency } = reading;
  if (to <= from) throw malformed("to", "after `from`");
  if (failures > calls) throw malformed("failures", "no more than the calls");
  if ((latency === null) !== (failures === calls))
    throw malformed("latency", "there where calls were answered, and only there");
  return reading;
}

function readLatency(reader: JsonReader): Latency {
  const time = (name: string) => reader.integer(name, 0, Number.MAX_SAFE_INTEGER);
  const latency = { p50: time("p50"), p95: time("p95"), p99: time("p99"), most: time("most") };
  reader.end();
  const { p50, p95, p99, most } = latency;
  if (p50 <= p95 && p95 <= p99 && p99 <= most) return latency;
  throw malformed("latency", "no smaller for a larger part of the calls");
}

function malformed(name: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'reading.${name}' must be ${expected}`, { facts: { path: `reading.${name}` } });
}
