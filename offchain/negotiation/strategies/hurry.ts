import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";

/** How much faster time runs for whom it costs: a discount of a half makes it run three times as fast. */
const IMPATIENCE = 3;

/**
 * The moment as it is for who loses by waiting: its deadline is nearer. What is agreed at 80% of the time by one who keeps half of its
 * utility till then is worth less than much smaller deals at once, which is what most others offer for it.
 */
export function hurried(moment: Moment, { party: { discount } }: Seat): Moment {
  if (discount === 1) return moment;
  return { ...moment, time: Math.min(1, moment.time * (1 - IMPATIENCE * Math.log(discount))) };
}
