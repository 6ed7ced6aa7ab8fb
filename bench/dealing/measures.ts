import { measureFloor, median, percentile } from "../measure.ts";
import { Pair, type PairOptions } from "./pair.ts";
import { ENVELOPES } from "./side.ts";

/** One negotiation at a time. */
export interface One {
  readonly medianMs: number;
  readonly p99Ms: number;
  /** What signing and verifying its envelopes takes, and nothing else; measured in between. */
  readonly floorMs: number;
  readonly floorOverActual: number;
  /** Processor time of both sides. */
  readonly cpuMs: number;
  readonly bytes: number;
}

/** A thousand at once. */
export interface Thousand {
  readonly negotiationsPerSecond: number;
  /** Of a round, with all of them open and each paced at two rounds a second. */
  readonly roundP50Ms: number;
  readonly roundP99Ms: number;
  /** Of the throughput, if both cores did nothing but sign and verify. */
  readonly floorOverActual: number;
  readonly cpuMs: number;
}

/** Negotiations that wait for somebody's move. */
export interface Idle {
  readonly heldBytes: { readonly buyer: number; readonly seller: number };
}

type Where = Pick<PairOptions, "transport" | "folder">;

const WARM_UP = 50;

export async function measureOne(where: Where, negotiations: number): Promise<One> {
  const pair = await Pair.start({ ...where, what: "one" });
  const [took, floors]: [number[], number[]] = [[], []];
  for (let count = 0; count < WARM_UP; count++) await pair.negotiate();
  const [before, bytes] = [await pair.usage(), pair.bytes];
  let floorCpu = 0;
  for (let count = 0; count < negotiations; count++) {
    const begin = performance.now();
    await pair.negotiate();
    took.push(performance.now() - begin);
    // Between the negotiations, so that both figures are of the same minute of a noisy machine.
    if (count % 10 !== 0) continue;
    floors.push(measureFloor(ENVELOPES));
    floorCpu += floors.at(-1) ?? 0;
  }
  const after = await pair.usage();
  const [floorMs, medianMs] = [median(floors), median(took)];
  const cpu = after.buyer.cpuMs + after.seller.cpuMs - before.buyer.cpuMs - before.seller.cpuMs - floorCpu;
  await pair.stop();
  return {
    medianMs: round(medianMs),
    p99Ms: round(percentile(took, 0.99)),
    floorMs: round(floorMs),
    floorOverActual: round(floorMs / medianMs),
    cpuMs: round(cpu / negotiations),
    bytes: Math.round((pair.bytes - bytes) / negotiations),
  };
}

/** Two rounds a second. */
const PACE_MS = 500;

export async function measureThousand(where: Where, atOnce: number): Promise<Thousand> {
  const rounds = await measureLatency(where, atOnce);
  const pair = await Pair.start({ ...where, what: "throughput" });
  for (let count = 0; count < WARM_UP; count++) await pair.negotiate();
  const floors = [1, 2, 3, 4, 5].map(() => measureFloor(ENVELOPES));
  const before = await pair.usage();
  const begin = performance.now();
  await Promise.all(Array.from({ length: atOnce }, () => pair.negotiate()));
  const seconds = (performance.now() - begin) / 1000;
  const after = await pair.usage();
  floors.push(...[1, 2, 3, 4, 5].map(() => measureFloor(ENVELOPES)));
  await pair.stop();
  const perSecond = atOnce / seconds;
  const cpu = after.buyer.cpuMs + after.seller.cpuMs - before.buyer.cpuMs - before.seller.cpuMs;
  return {
    negotiationsPerSecond: round(perSecond),
    roundP50Ms: round(median(rounds)),
    roundP99Ms: round(percentile(rounds, 0.99)),
    // Two processes on two cores: each could do half of the signing and verifying.
    floorOverActual: round((perSecond * median(floors)) / 2_000),
    cpuMs: round(cpu / atOnce),
  };
}

/** What a round takes beyond its pace: both envelopes made, signed, journalled, carried and verified. */
async function measureLatency(where: Where, atOnce: number): Promise<number[]> {
  const pair = await Pair.start({ ...where, what: "latency", paceMs: PACE_MS });
  const rounds: number[] = [];
  pair.onRound = (milliseconds) => rounds.push(milliseconds - PACE_MS);
  // Spread over a round's time: agents don't all speak in the same millisecond.
  const opening = Array.from({ length: atOnce }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, (index * PACE_MS) / atOnce));
    await pair.negotiate();
  });
  await Promise.all(opening);
  await pair.stop();
  return rounds;
}

/** How long the sellers' side may take to have all of them. */
const SETTLE_MS = 2_000;

export async function measureIdle(where: Where, negotiations: number): Promise<Idle> {
  const pair = await Pair.start({ ...where, what: "idle", isIdle: true });
  const open = async (count: number) => {
    for (let opened = 0; opened < count; opened++) await pair.open();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return await pair.usage();
  };
  // The first ones bring along what is needed once.
  const before = await open(Math.ceil(negotiations / 4));
  const after = await open(negotiations);
  await pair.stop();
  const each = (name: "buyer" | "seller") =>
    Math.round((after[name].heldBytes - before[name].heldBytes) / negotiations);
  return { heldBytes: { buyer: each("buyer"), seller: each("seller") } };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
