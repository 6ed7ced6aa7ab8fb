import type { MeterReading } from "../../terms/meter-reading.ts";
import type { ServiceLevel } from "../../terms/standard-terms.ts";

/** A level that was not kept in a period. */
export interface Breach {
  readonly measure: string;
  /** The period's beginning and end, in Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** What was measured, in the level's own unit. */
  readonly measured: string;
  readonly agreed: string;
  /** How much of what was agreed was reached, in basis points. */
  readonly attained: number;
}

/** What readings say about the levels that were agreed. */
export interface Judgement {
  readonly breaches: readonly Breach[];
  /** What of the price the seller is due, in basis points. */
  readonly share: number;
  /** Why, for people. */
  readonly says: string;
  /** Measures that calls don't tell: they have to be judged by something else. */
  readonly unjudged: readonly string[];
}

type Measures = Pick<MeterReading, "calls" | "failures" | "latency">;

const WHOLE = 10_000n;

/** Nothing is measured finer: a billionth of a unit. */
const SCALE = 10n ** 9n;

/** Which figures there are doesn't depend on what they come to. */
const ANY: Measures = { calls: 0, failures: 0, latency: null };

/** Milliseconds of each unit of time. */
const MILLISECONDS: Readonly<Record<string, bigint>> = {
  second: 1_000n,
  minute: 60_000n,
  hour: 3_600_000n,
  day: 86_400_000n,
};

/** Of the whole, for each unit of a share. */
const PARTS: Readonly<Record<string, bigint>> = { percent: 100n, "basis-point": 10_000n };

/**
 * Holds readings against the service levels of the terms. Each call counts with the part of the agreed level that its period came to,
 * the worst level deciding; so the share is the average over all calls, rounded down.
 */
export function judgeLevels(levels: readonly ServiceLevel[], readings: readonly MeterReading[]): Judgement {
  return judge(levels, readings, ({ calls }) => calls);
}

/** `counted`: of a reading's calls, those that anything is due for. */
function judge(
  levels: readonly ServiceLevel[],
  readings: readonly MeterReading[],
  counted: (reading: MeterReading) => number,
): Judgement {
  const judged = levels.filter((level) => readings.every((reading) => measure(level, reading) !== undefined));
  const unjudged = levels.filter((level) => !judged.includes(level)).map((level) => level.measure);
  const breaches: Breach[] = [];
  let [due, calls] = [0n, 0n];
  for (const reading of readings) {
    let worst = WHOLE;
    for (const level of judged) {
      const breach = breachOf(level, reading);
      if (breach === null) continue;
      breaches.push(breach);
      if (BigInt(breach.attained) < worst) worst = BigInt(breach.attained);
    }
    due += worst * BigInt(counted(reading));
    calls += BigInt(reading.calls);
  }
  const share = calls === 0n ? Number(WHOLE) : Number(due / calls);
  return { breaches, share, says: explain(breaches, share, readings), unjudged };
}

/**
 * The same for a service that was paid beforehand. Where not one call was answered there was no service, whatever its levels are about; and where
 * no level says how many have to be answered, what wasn't answered wasn't delivered.
 */
export function judgeService(levels: readonly ServiceLevel[], readings: readonly MeterReading[]): Judgement {
  const sum = (of: (reading: MeterReading) => number) => readings.reduce((total, one) => total + of(one), 0);
  const [calls, failures] = [sum((one) => one.calls), sum((one) => one.failures)];
  if (levels.some(({ measure: name, unit }) => isOfAnswers(name, unit)) && failures < calls) {
    return judgeLevels(levels, readings);
  }
  const judgement = judge(levels, readings, (one) => one.calls - one.failures);
  if (failures === 0) return judgement;
  const due = `${judgement.share} basis points are due`;
  if (failures === calls) return { ...judgement, says: `none of ${calls} calls was answered: ${due}` };
  const breaches = judgement.breaches.length === 0 ? "" : `; ${judgement.says}`;
  return { ...judgement, says: `${failures} of ${calls} calls were not answered: ${due}${breaches}` };
}

/** Whether a level says how many calls have to be answered. */
function isOfAnswers(name: string, unit: string): boolean {
  return PARTS[unit] !== undefined && (name === "availability" || name === "error-rate");
}

/** Whether calls tell how far a level was kept. */
export function isMeasured(level: ServiceLevel): boolean {
  return measure(level, ANY) !== undefined;
}

function breachOf(level: ServiceLevel, reading: MeterReading): Breach | null {
  const measured = measure(level, reading);
  if (measured === undefined || measured === null) return null;
  const agreed = scaled(level.amount);
  const isKept = level.bound === "least" ? measured >= agreed : measured <= agreed;
  if (isKept) return null;
  const [reached, of] = level.bound === "least" ? [measured, agreed] : [agreed, measured];
  return {
    ...{ measure: level.measure, from: reading.from, to: reading.to, attained: Number((reached * WHOLE) / of) },
    ...{ measured: `${written(measured)} ${level.unit}`, agreed: `${level.amount} ${level.unit}` },
  };
}

/** In billionths of the level's unit. Undefined where calls don't tell it; null where there is nothing to measure in this period. */
function measure(
  { measure: name, unit }: ServiceLevel,
  { calls, failures, latency }: Measures,
): bigint | null | undefined {
  const part = PARTS[unit];
  if (part !== undefined && isOfAnswers(name, unit)) {
    if (calls === 0) return null;
    return (BigInt(name === "availability" ? calls - failures : failures) * part * SCALE) / BigInt(calls);
  }
  const quantile = /^latency-(p50|p95|p99|most)$/.exec(name)?.[1] as keyof NonNullable<typeof latency> | undefined;
  const milliseconds = MILLISECONDS[unit];
  if (quantile === undefined || milliseconds === undefined) return undefined;
  return latency === null ? null : (BigInt(latency[quantile]) * SCALE) / milliseconds;
}

/** A decimal number in billionths. */
function scaled(amount: string): bigint {
  const [whole = "", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(9, "0"));
}

function written(billionths: bigint): string {
  const digits = billionths.toString().padStart(10, "0");
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, "");
}

function explain(breaches: readonly Breach[], share: number, readings: readonly MeterReading[]): string {
  if (breaches.length === 0) return `all levels were kept, in ${readings.length} readings`;
  const worst = breaches.reduce((one, other) => (other.attained < one.attained ? other : one));
  const found = `${worst.measure} was ${worst.measured} where ${worst.agreed} was agreed`;
  return `${breaches.length} breaches in ${readings.length} readings; at worst ${found}: ${share} basis points are due`;
}
