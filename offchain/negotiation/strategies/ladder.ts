import type { Outcome } from "../../terms/issue-space.ts";
import type { Seat } from "../strategy.ts";
import { limitOf } from "./seat.ts";

/** How many outcomes are drawn from a space that has too many to list. */
const DRAWN = 2_000;

/** The outcomes that are no worse than no deal, from the best down. */
export interface Ladder {
  readonly count: number;
  at(place: number): Outcome;
  utilityAt(place: number): number;
}

/** All of them where all are known; else an evenly spread choice. */
export function ladderOf(seat: Seat): Ladder {
  const { bids, party } = seat;
  const { ranked } = bids;
  const limit = limitOf(seat);
  if (ranked !== null) {
    const count = ranked.countAtLeast(limit);
    return { count, at: (place) => ranked.at(place), utilityAt: (place) => ranked.utilityAt(place) };
  }
  const among = [bids.best, ...bids.among(limit, bids.highest, DRAWN)];
  const drawn = [...new Map(among.map((outcome) => [outcome.join(), outcome])).values()]
    .map((outcome) => ({ outcome, utility: party.utility.of(outcome) }))
    .filter(({ utility }) => utility >= limit)
    .sort((a, b) => b.utility - a.utility);
  return {
    count: drawn.length,
    at: (place) => drawn[place]?.outcome ?? bids.best,
    utilityAt: (place) => drawn[place]?.utility ?? Number.NEGATIVE_INFINITY,
  };
}
