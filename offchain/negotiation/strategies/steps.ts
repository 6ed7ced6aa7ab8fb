import type { Issue, Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import type { Seat } from "../strategy.ts";
import { format } from "./composed.ts";
import type { Settings } from "./parameters.ts";
import { limitOf } from "./seat.ts";

/** The offers of a rule, one by one. */
export interface Steps {
  at(step: number): Outcome;
  /** An offer for people, by what the rule is about. */
  tell(outcome: Outcome): string;
}

/** In prices where just one issue is a number, and it is worth more at one end; else in shares of what there is to win. */
export function stepsOf(seat: Seat, settings: Settings): Steps {
  const numbers = seat.space.issues.flatMap((issue, index) => (issue.kind === "discrete" ? [] : [{ issue, index }]));
  const [first] = numbers;
  if (numbers.length !== 1 || first === undefined) return byUtility(seat, settings);
  return byPrice(seat, settings, first.issue, first.index) ?? byUtility(seat, settings);
}

/** The sum of that many concessions of a first one of 1, each smaller than the one before. */
export function sumOfConcessions(step: number, shrink: number): number {
  let [sum, concession] = [0, 1];
  for (let made = 0; made < step; made++) {
    sum += concession;
    concession *= 1 - shrink;
  }
  return sum;
}

/**
 * Who wants the price low opens at the discount and climbs towards the list price; who wants it high opens at the list price and gives
 * way towards the discount. All else is as the party likes it best.
 */
function byPrice(
  seat: Seat,
  settings: Settings,
  issue: Exclude<Issue, { kind: "discrete" }>,
  index: number,
): Steps | null {
  const { list = 0, discount = 0, step: first = 0, shrink = 0 } = settings;
  const { bids, party } = seat;
  const priced = (price: number): Outcome => bids.best.map((value, place) => (place === index ? price : value));
  const preference = party.utility.of(priced(issue.to)) - party.utility.of(priced(issue.from));
  if (preference === 0) return null;
  const full = list === 0 ? issue.to : list;
  return {
    at(step) {
      const given = first * sumOfConcessions(step, shrink);
      const share = preference < 0 ? Math.min(1, 1 - discount + given) : Math.max(1 - discount, 1 - given);
      const price = Math.min(issue.to, Math.max(issue.from, full * share));
      const outcome = priced(issue.kind === "integer" ? Math.round(price) : price);
      return reaches(party.utility.of(outcome), party.reservation) ? outcome : bids.atLeast(limitOf(seat));
    },
    tell: (outcome) => `${issue.name} ${outcome[index]}`,
  };
}

/** The same shares of the way from the best outcome to the limit as a price would have gone from the discount to the list price. */
function byUtility(seat: Seat, { discount = 1, step: first = 0, shrink = 0 }: Settings): Steps {
  const { bids, party } = seat;
  const limit = limitOf(seat);
  return {
    at(step) {
      const share = Math.min(1, (first * sumOfConcessions(step, shrink)) / discount);
      return bids.atLeast(bids.highest + share * (limit - bids.highest));
    },
    tell: (outcome) => format(party.utility.of(outcome)),
  };
}
