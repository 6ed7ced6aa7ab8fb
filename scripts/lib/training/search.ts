/** The cross-entropy method: draws policies around a centre, and moves the centre to those that did best. */
import type { SeededEntropy } from "../../../offchain/kernel/random.ts";

export interface Search {
  readonly centre: readonly number[];
  readonly spread: readonly number[];
}

/** How much of the old centre and spread stays, so that one lucky draw doesn't decide. */
const INERTIA = 0.3;

export function draw({ centre, spread }: Search, count: number, random: SeededEntropy): number[][] {
  return Array.from({ length: count }, () => centre.map((mean, index) => mean + (spread[index] ?? 0) * normal(random)));
}

/** Around the best of some draws; `floor` keeps a little of the spread. */
export function narrowed(search: Search, best: readonly (readonly number[])[], floor: readonly number[]): Search {
  const mean = (index: number) => best.reduce((sum, one) => sum + (one[index] ?? 0), 0) / best.length;
  const centre = search.centre.map((old, index) => INERTIA * old + (1 - INERTIA) * mean(index));
  const spread = search.spread.map((old, index) => {
    const around = mean(index);
    const variance = best.reduce((sum, one) => sum + ((one[index] ?? 0) - around) ** 2, 0) / best.length;
    return Math.max(floor[index] ?? 0, INERTIA * old + (1 - INERTIA) * Math.sqrt(variance));
  });
  return { centre, spread };
}

/** By Box and Muller. */
function normal(random: SeededEntropy): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}
