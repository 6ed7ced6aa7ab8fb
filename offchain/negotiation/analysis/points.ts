import type { Party } from "../scenario.ts";
import type { Frontier } from "./pareto.ts";
import { reaches, slack } from "./precision.ts";

/** What a theory of bargaining holds to be the right outcome; several where they tie. */
export interface Point {
  /** What it maximises, and reaches. */
  readonly value: number;
  /** Of the tied vectors the one with the greatest sum; of those the first. */
  readonly utilities: readonly number[];
  /** Places on the frontier of all that tie. */
  readonly places: readonly number[];
}

/** The four points; null where there is no outcome that all prefer to no deal. */
export interface Points {
  /** The greatest product of what each gains over no deal. */
  readonly nash: Point | null;
  /** The greatest least share of what each could gain at most (Kalai and Smorodinsky). */
  readonly kalai: Point | null;
  /** The greatest least gain over no deal. */
  readonly egalitarian: Point | null;
  /** The greatest sum of utilities, whether or not all prefer it to no deal. */
  readonly welfare: Point;
}

/**
 * All of these grow with each party's utility, so that no outcome beside the frontier has more than one on it. An outcome beside it that
 * has as much (another's gain being lost on the measure) is not the point's.
 */
export function pointsOf(frontier: Frontier, parties: readonly Party[]): Points {
  const limits = parties.map(({ reservation }) => reservation);
  const all = Array.from({ length: frontier.size }, (_, place) => place);
  const rational = all.filter((place) =>
    limits.every((limit, party) => reaches(frontier.utilityAt(place, party), limit)),
  );
  const gain = (utility: number, party: number) => gained(utility, limits[party] ?? 0);
  const room = limits.map((_, party) =>
    rational.reduce((most, place) => Math.max(most, gain(frontier.utilityAt(place, party), party)), 0),
  );
  const best = (places: readonly number[], measure: Measure) =>
    places.length === 0 ? null : bestOf(frontier, places, measure);
  return {
    nash: best(rational, (utilities) => utilities.reduce((product, one, party) => product * gain(one, party), 1)),
    kalai: best(rational, (utilities) => least(utilities, (one, party) => share(gain(one, party), room[party] ?? 0))),
    egalitarian: best(rational, (utilities) => least(utilities, gain)),
    welfare: bestOf(frontier, all, sum),
  };
}

/** What rounding adds to a limit is nothing gained: a product of it would still be more than none. */
function gained(utility: number, limit: number): number {
  return reaches(limit, utility) ? 0 : utility - limit;
}

/** Who can gain nothing has all it could have. */
function share(gain: number, room: number): number {
  return room > 0 ? gain / room : 1;
}

function least(utilities: Float64Array, measure: (utility: number, party: number) => number): number {
  return utilities.reduce((worst, one, party) => Math.min(worst, measure(one, party)), Number.POSITIVE_INFINITY);
}

function sum(utilities: Float64Array): number {
  return utilities.reduce((total, one) => total + one, 0);
}

/** Grows with each party's utility. */
type Measure = (utilities: Float64Array) => number;

/**
 * Tied is what would reach the most if each utility were as much more as counts for nothing. The measure itself has no such limit: a
 * product of small gains is far smaller than what separates two utilities.
 */
function bestOf(frontier: Frontier, places: readonly number[], measure: Measure): Point {
  const most = greatestOf(frontier, places, measure);
  const raised = new Float64Array(frontier.parties);
  const tied = places.filter((place) => {
    for (let party = 0; party < raised.length; party++) {
      const utility = frontier.utilityAt(place, party);
      raised[party] = utility + slack(utility);
    }
    return measure(raised) >= most;
  });
  const greatest = greatestOf(frontier, tied, sum);
  const chosen = tied.find((place) => reaches(sum(frontier.utilitiesAt(place)), greatest)) ?? 0;
  return { value: most, utilities: [...frontier.utilitiesAt(chosen)], places: tied };
}

function greatestOf(frontier: Frontier, places: readonly number[], measure: Measure): number {
  const utilities = new Float64Array(frontier.parties);
  let greatest = Number.NEGATIVE_INFINITY;
  for (const place of places) {
    for (let party = 0; party < utilities.length; party++) utilities[party] = frontier.utilityAt(place, party);
    greatest = Math.max(greatest, measure(utilities));
  }
  return greatest;
}
