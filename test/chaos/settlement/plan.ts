import { SeededEntropy } from "../../../offchain/kernel/random.ts";

export const ROLES = ["buyer", "seller"] as const;

/** What the two sides, and the systems behind them, are up to. */
export const PLOTS = [
  "plain",
  "outOfStock",
  "neverReady",
  "metered",
  "bad",
  "badUnruled",
  "poor",
  "broke",
  "silentBuyer",
  "silentSeller",
] as const;

export type Plot = (typeof PLOTS)[number];

/** Where a process ends: at its so-manieth record in the journal, or transaction that it hands to a node. */
export interface Death {
  readonly at: "append" | "send";
  readonly nth: number;
  /** Whether what it was about to do is done all the same. */
  readonly after: boolean;
}

/** How likely each question to a node comes to nothing, in one way or another. */
export interface Weather {
  readonly refused: number;
  readonly lost: number;
  readonly answerLost: number;
}

/** What befalls one deal; all of it follows from the seed. */
export interface Plan {
  readonly seed: number;
  readonly plot: Plot;
  /** Of each side's lives, one after the other; the last one goes on to the end. */
  readonly deaths: Readonly<Record<(typeof ROLES)[number], readonly Death[]>>;
  readonly weather: Weather;
  /** Blocks that reorganisations take away, each at its moment. */
  readonly reorgs: readonly { readonly atMs: number; readonly depth: number }[];
  /** When the chain asks for many times what it did. */
  readonly feeSpikes: readonly { readonly atMs: number; readonly times: number }[];
  /** Somebody else who carries whatever anybody may, too. */
  readonly hasRacer: boolean;
  /** By how many seconds the chain's clock moves on while nobody has anything to do. */
  readonly leaps: readonly number[];
  /** Part of the price, in basis points, that an arbitrator rules, or that is receipted. */
  readonly share: number;
}

/** Blocks that count as final here, and so the deepest reorganisation there is. */
export const FINAL_DEPTH = 4;

export function planOf(seed: number): Plan {
  const random = new SeededEntropy(seed);
  const upTo = (most: number) => Math.floor(random.fraction() * most);
  const chance = (share: number) => random.fraction() < share;
  const some = <T>(most: number, make: () => T) => Array.from({ length: upTo(most + 1) }, make);
  const death = (): Death => ({ at: chance(0.6) ? "append" : "send", nth: 1 + upTo(5), after: chance(0.5) });
  return {
    seed,
    plot: PLOTS[upTo(PLOTS.length)] ?? "plain",
    deaths: { buyer: some(3, death), seller: some(3, death) },
    weather: { refused: random.fraction() * 0.1, lost: random.fraction() * 0.05, answerLost: random.fraction() * 0.1 },
    reorgs: some(3, () => ({ atMs: upTo(2_500), depth: 1 + upTo(FINAL_DEPTH - 1) })),
    feeSpikes: some(1, () => ({ atMs: upTo(1_500), times: 2 + upTo(30) })),
    hasRacer: chance(0.4),
    leaps: Array.from({ length: 400 }, () => [60, 900, 3_600, 6 * 3_600, 25 * 3_600][upTo(5)] ?? 60),
    share: upTo(10_001),
  };
}
