import { nearest } from "./distance.ts";
import type { Frontier } from "./pareto.ts";

/**
 * How much the parties want different things: the distance (Euclidean, in utilities) from the point at which everybody has what is
 * best for it to the nearest outcome. 0 where one outcome is the best for all. With utilities from 0 to 1 it is at most the root of
 * the number of parties, and of what is published on competition domains (Baarslag et al. 2013) the same where everybody's best is worth 1.
 */
export function oppositionOf(frontier: Frontier): number {
  const ideal = frontier.utilitiesAt(0).slice();
  for (let place = 0; place < frontier.size; place++) {
    for (const [party, utility] of frontier.utilitiesAt(place).entries()) {
      if (utility > (ideal[party] ?? 0)) ideal[party] = utility;
    }
  }
  return nearest(ideal, frontier);
}
