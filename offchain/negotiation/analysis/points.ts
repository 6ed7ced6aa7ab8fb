import type { Party } from "../scenario.ts";
import type { Frontier } from "./pareto.ts";
import { reaches } from "./precision.ts";

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
    frontier.utilitiesAt(place).every((one, party) => reaches(one, limits[party] ?? 0)),
  );
  const room = limits.map(
    (limit, party) =>
      rational.reduce((ideal, place) => Math.max(ideal, frontier.utilitiesAt(place)[party] ?? 0), limit) - limit,
  );
  const gain = (utility: number, party: number) => Math.max(0, utility - (limits[party] ?? 0));
  const best = (places: readonly number[], measure: (utilities: Float64Array) => number) =>
    places.length === 0 ? null : bestOf(frontier, places, measure);
  return {
    nash: best(rational, (utilities) => utilities.reduce((product, one, party) => product * gain(one, party), 1)),
    kalai: best(rational, (utilities) => least(utilities, (one, party) => share(gain(one, party), room[party] ?? 0))),
    egalitarian: best(rational, (utilities) => least(utilities, gain)),
    welfare: bestOf(frontier, all, sum),
  };
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

function bestOf(frontier: Frontier, places: readonly number[], measure: (utilities: Float64Array) => number): Point {
  const values = Float64Array.from(places, (place) => measure(frontier.utilitiesAt(place)));
  const most = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const tied = places.filter((_, index) => reaches(values[index] ?? 0, most));
  const sums = tied.map((place) => sum(frontier.utilitiesAt(place)));
  const greatest = sums.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const chosen = tied[sums.findIndex((one) => reaches(one, greatest))] ?? 0;
  return { value: most, utilities: [...frontier.utilitiesAt(chosen)], places: tied };
}
