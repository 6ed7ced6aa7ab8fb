import type { Latency, MeterReading } from "../../terms/meter-reading.ts";
import type { CallEntry } from "./call-log.ts";

/** Whose readings they are, and what of. */
export type ReadingSubject = Pick<MeterReading, "deal" | "transcript" | "reader">;

interface Period {
  calls: number;
  failures: number;
  readonly latencies: number[];
}

/** Calls that a log knows the beginning of, and nothing else. */
export function underWayIn(entries: readonly CallEntry[]): readonly number[] {
  const open = new Set<number>();
  for (const { what, number } of entries) {
    if (what === "begun") open.add(number);
    else open.delete(number);
  }
  return [...open];
}

/**
 * What a log of calls says of each period of so many seconds in which a call began; a call that never ended has failed, and one that says
 * nothing about the seller is left out.
 */
export function readingsFrom(
  entries: readonly CallEntry[],
  subject: ReadingSubject,
  periodS: number,
): readonly MeterReading[] {
  const periods = new Map<number, Period>();
  const open = new Map<number, number>();
  const end = (number: number, latency: number | null) => {
    const began = open.get(number);
    if (began === undefined) return;
    open.delete(number);
    const from = Math.floor(began / 1_000 / periodS) * periodS;
    const period = periods.get(from) ?? { calls: 0, failures: 0, latencies: [] };
    periods.set(from, period);
    period.calls++;
    if (latency === null) period.failures++;
    else period.latencies.push(Math.max(0, latency));
  };
  const left = new Set(entries.flatMap(({ what, number }) => (what === "void" ? [number] : [])));
  for (const { what, number, at } of entries) {
    if (left.has(number)) continue;
    if (what === "begun") open.set(number, at);
    else end(number, what === "answered" ? at - (open.get(number) ?? at) : null);
  }
  for (const number of [...open.keys()]) end(number, null);
  return [...periods]
    .sort(([one], [other]) => one - other)
    .map(([from, { calls, failures, latencies }]) => {
      return { ...subject, from, to: from + periodS, calls, failures, latency: latencyOf(latencies) };
    });
}

function latencyOf(measured: readonly number[]): Latency | null {
  const sorted = [...measured].sort((one, other) => one - other);
  const rank = (part: number) => sorted[Math.ceil((part * sorted.length) / 100) - 1] as number;
  return sorted.length === 0 ? null : { p50: rank(50), p95: rank(95), p99: rank(99), most: rank(100) };
}
