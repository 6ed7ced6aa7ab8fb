import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import { MOST_ENUMERATED, utilitiesOfAll } from "../bids/enumerated.ts";
import { orderBids } from "../bids/order.ts";
import type { Party } from "../scenario.ts";
import { assembled } from "./assemble.ts";
import { best, type Choice, combine, taken, thinned } from "./baskets.ts";
import { ContractCurve } from "./contract-curve.ts";
import { type Both, both } from "./pieces.ts";
import { chainOf, rangesOf } from "./ranges.ts";
import { floorOf } from "./seat.ts";

/** Beyond what can be listed: how many beginnings of baskets are kept, and how many values of an issue are looked at one by one. */
const MOST_KEPT = 4_096;
const MOST_VALUES = 256;

/**
 * Finds the contract curve of two.
 *
 * For sums over issues it is exact, in continuous issues too: between two corners of what an issue is worth to both all lies on a straight
 * line, and lines add up to lines (ranges.ts); the best of the lines that go with any basket of the other issues' values is the curve
 * (envelope.ts). So it is as long as there are no more than two million baskets, or no more than 4,096 of each length that may lead to it,
 * and 131,072 lines in all. Beyond that it is near: so many are looked at as lie evenly.
 *
 * Whole numbers from a range of more than 256, where outcomes are too many to list, are treated as lines too, of which only they count. Of
 * one such range that is exact, up to 65,536 numbers that both can take, and where the product of gains is greatest beyond that; of several,
 * or beside a continuous issue, it is near.
 *
 * Where issues depend on each other it is exact if all outcomes can be listed. Else it is near: what the two sides' orders find.
 */
export function findContractCurve(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const isListed = space.size <= MOST_ENUMERATED;
  if (parties.every(({ utility }) => utility.rules.length === 0)) return ofSums(space, parties, isListed);
  return isListed ? listed(space, parties) : considered(space, parties);
}

function ofSums(space: IssueSpace, parties: Both<Party>, isListed: boolean): ContractCurve {
  const ranges = isListed ? [] : rangesOf(space, parties, MOST_VALUES);
  const chain = chainOf(parties, ranges);
  const others = space.issues.flatMap((_, index) => (ranges.some((range) => range.index === index) ? [] : [index]));
  const size = others.reduce((product, index) => product * space.countOf(index), 1);
  const baskets = combine(
    parties,
    others.map((index) => choiceOf(space, parties, index, size)),
    {
      least: floorsOf(parties),
      room: [chain[0]?.from[0] ?? 0, chain.at(-1)?.to[1] ?? 0],
      most: size <= MOST_ENUMERATED ? Number.POSITIVE_INFINITY : MOST_KEPT,
    },
  );
  const outcomeOf = (place: number, numbers: readonly number[]): Outcome => {
    const outcome = new Array<number>(space.issues.length).fill(0);
    baskets.write(place, outcome);
    for (const [range, { index }] of ranges.entries()) outcome[index] = numbers[range] ?? 0;
    return outcome;
  };
  if (ranges.length > 0) return assembled({ parties, baskets, ranges, chain, outcomeOf });
  return ContractCurve.ofPoints(parties, baskets.worths, (place) => outcomeOf(place, []));
}

/** All values of an issue; of too many, such as lie evenly among those that are better for one of the two than all others. */
function choiceOf(space: IssueSpace, parties: Both<Party>, index: number, size: number): Choice {
  const first = space.firstOf(index);
  const values = Float64Array.from({ length: space.countOf(index) }, (_, place) => first + place);
  if (size <= MOST_ENUMERATED || values.length <= MOST_VALUES) return { index, values };
  const worths = both(parties, ({ utility }) => values.map((value) => utility.part(index, value)));
  const any = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;
  return { index, values: taken(values, thinned(best(worths, any), MOST_VALUES)) };
}

function listed(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const worths = both(parties, ({ utility }) => utilitiesOfAll(space, utility));
  return ContractCurve.ofPoints(parties, worths, (id) => space.at(id));
}

function considered(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const outcomes = parties.flatMap(({ utility, reservation }) => {
    const bids = orderBids(space, utility);
    return [bids.best, ...bids.among(reservation, bids.highest, MOST_KEPT)];
  });
  const worths = both(parties, ({ utility }) => Float64Array.from(outcomes, (outcome) => utility.of(outcome)));
  return ContractCurve.ofPoints(parties, worths, (id) => outcomes[id] ?? []);
}

function floorsOf(parties: Both<Party>): Both<number> {
  return both(parties, ({ reservation }) => floorOf(reservation));
}
