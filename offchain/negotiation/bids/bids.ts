import type { Outcome } from "../../terms/issue-space.ts";

/** The outcomes as one party sees them, from its best to its worst. */
export interface Bids {
  /** What the best and the worst outcome are worth. */
  readonly highest: number;
  readonly lowest: number;
  /** The best outcome. */
  readonly best: Outcome;
  /** The outcome that is worth least among those that are worth at least so much; the best one if none is. */
  atLeast(target: number): Outcome;
  /** Up to so many outcomes worth from `low` to `high`, evenly spread among those there are; never none. */
  among(low: number, high: number, count: number): readonly Outcome[];
  /** The outcome at a place in the order, 0 being the best, where all are known one by one. */
  readonly ranked: Ranked | null;
}

/** All outcomes in order. */
export interface Ranked {
  readonly count: number;
  at(place: number): Outcome;
  utilityAt(place: number): number;
  /** How many are worth at least so much. */
  countAtLeast(target: number): number;
}
