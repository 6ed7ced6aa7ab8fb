/** A policy as a list of numbers, which can be searched. */
import { type Policy, TIMES } from "../../../offchain/negotiation/strategies/policy.ts";

const FIELDS = ["best", "moved", "recent", "lastWord", "budget", "fair"] as const;

/** Where the search begins: a Boulware that knows nothing, and how far from there it looks. */
export const START = {
  centre: [5, 4, 3, 2, 1, 0, ...FIELDS.map(() => 0), 0.05, 0.02],
  spread: [...TIMES.map(() => 1), ...FIELDS.map(() => 1), 0.03, 0.03],
};

export const FLOOR: readonly number[] = START.spread.map((spread) => spread * 0.05);

export function policyOf(vector: readonly number[]): Policy {
  const [best = 0, moved = 0, recent = 0, lastWord = 0, budget = 0, fair = 0, band = 0, lenience = 0] = vector
    .slice(TIMES.length)
    .map((value) => Math.round(value * 1e4) / 1e4);
  return {
    times: vector.slice(0, TIMES.length).map((value) => Math.round(value * 1e4) / 1e4),
    ...{ best, moved, recent, lastWord, budget, fair },
    band: Math.max(0, band),
    lenience: Math.max(0, lenience),
  };
}
