import type { Frontier } from "./pareto.ts";
import type { Point, Points } from "./points.ts";

/** How far an outcome is, in utilities (Euclidean), from each point and from the frontier; null for a point that there isn't. */
export interface Distances {
  readonly pareto: number;
  readonly nash: number | null;
  readonly kalai: number | null;
  readonly egalitarian: number | null;
  readonly welfare: number;
}

/** Where points tie, the nearest counts. */
export function distancesOf(utilities: readonly number[], frontier: Frontier, points: Points): Distances {
  const to = (point: Point) => nearest(utilities, frontier, point.places);
  const ifThere = (point: Point | null) => (point === null ? null : to(point));
  return {
    pareto: nearest(utilities, frontier),
    nash: ifThere(points.nash),
    kalai: ifThere(points.kalai),
    egalitarian: ifThere(points.egalitarian),
    welfare: to(points.welfare),
  };
}

/** How far the nearest of some places of the frontier is, or of all. */
export function nearest(utilities: ArrayLike<number>, frontier: Frontier, places?: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  const count = places?.length ?? frontier.size;
  for (let index = 0; index < count; index++) {
    least = Math.min(least, square(utilities, frontier, places?.[index] ?? index));
  }
  return Math.sqrt(least);
}

function square(utilities: ArrayLike<number>, frontier: Frontier, place: number): number {
  let sum = 0;
  for (let party = 0; party < utilities.length; party++) {
    sum += ((utilities[party] ?? 0) - frontier.utilityAt(place, party)) ** 2;
  }
  return sum;
}
