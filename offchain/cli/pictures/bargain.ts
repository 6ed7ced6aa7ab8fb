import type { Step } from "../../negotiation/setting.ts";

/** What is drawn of a negotiation between two: who offered what, in the utilities of both, and what could have been agreed. */
export interface Bargain {
  readonly names: readonly [string, string];
  /** Offers in their order. */
  readonly offers: readonly Offered[];
  /** The best that could be agreed, from the first party's worst to its best; empty where there are too many outcomes to know. */
  readonly frontier: readonly Pair[];
  readonly nash: Pair | null;
  /** What both have without a deal. */
  readonly reservations: Pair;
  readonly agreed: Pair | null;
}

export type Pair = readonly [first: number, second: number];

export interface Offered {
  readonly by: 0 | 1;
  readonly round: number;
  readonly utilities: Pair;
}

/** The offers among what was said. */
export function offersOf(steps: readonly Step[], worth: (outcome: readonly number[]) => readonly number[]): Offered[] {
  return steps.flatMap(({ by, round, move }) => {
    if (move.say !== "offer" || (by !== 0 && by !== 1)) return [];
    const [first = 0, second = 0] = worth(move.outcome);
    return [{ by, round, utilities: [first, second] }];
  });
}

/** The range that holds all of one side's utilities, and zero. */
export function rangeOf(bargain: Bargain, side: 0 | 1): readonly [low: number, high: number] {
  const all = [
    ...bargain.offers.map(({ utilities }) => utilities[side]),
    ...bargain.frontier.map((pair) => pair[side]),
    bargain.reservations[side],
  ];
  const low = all.reduce((one, other) => Math.min(one, other), 0);
  const high = all.reduce((one, other) => Math.max(one, other), low + 1e-9);
  return [low, high];
}
