import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import { floorOf } from "../analysis/precision.ts";
import { sweep } from "../analysis/sweep.ts";
import { MOST_ENUMERATED, utilitiesOfAll } from "../bids/enumerated.ts";
import { orderBids } from "../bids/order.ts";
import type { Party } from "../scenario.ts";
import { corners } from "../utility.ts";

/**
 * The contract curve, as Edgeworth named it: what two can agree on such that neither could have more without the other having less, and
 * that leaves neither less than no deal; from the first one's best to the second one's. Of outcomes that are worth the same to both, one.
 */
export interface ContractCurve {
  readonly outcomes: readonly Outcome[];
  /** What they are worth: to the first falling, to the second rising. */
  readonly utilities: Both<Float64Array>;
}

type Both<T> = readonly [first: T, second: T];

/** Beyond what can be listed: how many beginnings of outcomes are kept, how many values of an issue are looked at, in how many steps. */
const MOST_KEPT = 4_096;
const MOST_VALUES = 256;
const STEPS = 128;

const ANY: Both<number> = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

/**
 * Exact where all outcomes can be listed, and for sums over issues with few values each mostly beyond that; else near it, by steps of
 * long issues, or where issues depend on each other by what the two sides' orders find.
 */
export function contractCurveOf(space: IssueSpace, parties: Both<Party>): ContractCurve {
  if (parties.every(({ utility }) => utility.rules.length === 0)) return merged(space, parties);
  return space.size <= MOST_ENUMERATED ? listed(space, parties) : considered(space, parties);
}

/**
 * Issue by issue. Of two beginnings of outcomes, the one that is worth less to both can't be on the frontier however they go on: sums
 * that are rounded keep their order.
 */
function merged(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const isListed = space.size <= MOST_ENUMERATED;
  let outcomes: Outcome[] = [[]];
  let sums: Both<Float64Array> = [Float64Array.of(0), Float64Array.of(0)];
  for (let index = 0; index < space.issues.length; index++) {
    const values = isListed ? allValues(space, index) : someValues(space, parties, index);
    const parts = both(parties, ({ utility }) => Float64Array.from(values, (value) => utility.part(index, value)));
    const { ids, utilities } = best([sumsOf(sums[0], parts[0]), sumsOf(sums[1], parts[1])], ANY);
    const kept = isListed ? ids.map((_, place) => place) : thinned(ids.length);
    const before = outcomes;
    outcomes = kept.map((place) => {
      const id = ids[place] ?? 0;
      return [...(before[Math.floor(id / values.length)] ?? []), values[id % values.length] ?? 0];
    });
    sums = both(utilities, (all) => Float64Array.from(kept, (place) => all[place] ?? 0));
  }
  return rational(outcomes, sums, parties);
}

function listed(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const { ids, utilities } = best(
    both(parties, ({ utility }) => utilitiesOfAll(space, utility)),
    both(parties, ({ reservation }) => floorOf(reservation)),
  );
  return { outcomes: ids.map((id) => space.at(id)), utilities };
}

function considered(space: IssueSpace, parties: Both<Party>): ContractCurve {
  const outcomes = parties.flatMap(({ utility, reservation }) => {
    const bids = orderBids(space, utility);
    return [bids.best, ...bids.among(reservation, bids.highest, MOST_KEPT)];
  });
  const worths = both(parties, ({ utility }) => Float64Array.from(outcomes, (outcome) => utility.of(outcome)));
  return rational(outcomes, worths, parties);
}

function rational(outcomes: readonly Outcome[], worths: Both<Float64Array>, parties: Both<Party>): ContractCurve {
  const { ids, utilities } = best(
    worths,
    both(parties, ({ reservation }) => floorOf(reservation)),
  );
  return { outcomes: ids.map((id) => outcomes[id] ?? []), utilities };
}

/** The places of those that nobody would give up for others, and what they are worth; of those worth so much to each at least. */
function best([one, two]: Both<Float64Array>, [least, leastOther]: Both<number>) {
  const places: number[] = [];
  for (let id = 0; id < one.length; id++) {
    if ((one[id] ?? 0) >= least && (two[id] ?? 0) >= leastOther) places.push(id);
  }
  const at = (all: Float64Array) => Float64Array.from(places, (id) => all[id] ?? 0);
  const [first, second] = [at(one), at(two)];
  const distinct = sweep(first, second).filter(
    (place, index, all) => index === 0 || first[place] !== first[all[index - 1] ?? 0],
  );
  const ids = Array.from(distinct, (place) => places[place] ?? 0);
  return { ids, utilities: both([one, two], (all) => Float64Array.from(ids, (id) => all[id] ?? 0)) };
}

function both<From, To>([first, second]: Both<From>, change: (from: From) => To): Both<To> {
  return [change(first), change(second)];
}

/** Every sum with every part added. */
function sumsOf(sums: Float64Array, parts: Float64Array): Float64Array {
  const all = new Float64Array(sums.length * parts.length);
  let place = 0;
  for (const sum of sums) for (const part of parts) all[place++] = sum + part;
  return all;
}

function allValues(space: IssueSpace, index: number): number[] {
  return Array.from({ length: space.countOf(index) }, (_, place) => space.firstOf(index) + place);
}

/** All values of a short issue; of a long one those at which its worth bends for one of the two, and steps between. */
function someValues(space: IssueSpace, parties: Both<Party>, index: number): number[] {
  const issue = space.issues[index];
  if (issue === undefined || space.countOf(index) <= MOST_VALUES) return allValues(space, index);
  const from = space.firstOf(index);
  const to = issue.kind === "continuous" ? issue.to : from + space.countOf(index) - 1;
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => from + ((to - from) * step) / STEPS);
  const bends = parties.flatMap(({ utility }) => {
    const worth = utility.worths[index];
    return worth?.kind === "lines" ? corners(issue, worth) : [];
  });
  return [...new Set([...(issue.kind === "continuous" ? steps : steps.map(Math.round)), ...bends])];
}

/** Places among so many, evenly fewer, the first and the last kept. */
function thinned(count: number): number[] {
  const size = Math.min(count, MOST_KEPT);
  return Array.from({ length: size }, (_, place) => (size < 2 ? 0 : Math.round((place * (count - 1)) / (size - 1))));
}
