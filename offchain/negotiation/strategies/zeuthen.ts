import type { Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import type { Moment, Move } from "../move.ts";
import type { Bargainer, Seat } from "../strategy.ts";
import { View } from "./all-known.ts";
import { format } from "./composed.ts";
import type { Kind } from "./parameters.ts";

const NAME = "zeuthen";

/**
 * Zeuthen's strategy for sides who know all. Each risks to lose what it would still have by taking the other's offer: its risk is
 * (u(mine) - u(theirs)) / (u(mine) - u(no deal)), or 1 if the divisor is 0. The side with the lower risk makes the least concession
 * after which the other's is lower, and at equal risks both do. Against itself it ends at the greatest product of gains there is.
 *
 * 1 - risk is a quotient of gains, so the one with the lower risk is the one whose own offer has the lower product of both gains
 * (multiply both sides by both divisors). Only products are compared, and so equal figures are equal to the last bit: a side that
 * leaves outcomes behind leaves none with a greater product than the offer that stays. Where nothing between the offers has a greater
 * product the side whose turn it is takes the other's; at equal products both do, and the protocol's coin decides.
 *
 * If rounds run out, the last one has no place for small steps: then it goes where they would have led at once. With several such
 * places, it is the one that is best for the first party, so that both go to the same.
 */
export const zeuthen: Kind = {
  about: "for sides who know all: whoever has less to lose by giving way does; ends at the greatest product of gains",
  open: true,
  parameters: {},
  make: () => ({ name: NAME, sit: (seat) => new Zeuthen(seat) }),
};

class Zeuthen implements Bargainer {
  readonly #view: View;
  readonly #isFirst: boolean;
  /** Where its last offer is on the frontier. */
  #place = -1;
  #why = "has not moved yet";

  constructor(seat: Seat) {
    this.#view = new View(NAME, seat);
    this.#isFirst = seat.me === 0;
  }

  /** What was offered stands in the moment. */
  hear(): void {}

  why(): string {
    return this.#why;
  }

  speak(moment: Moment): Move {
    const { me, count } = this.#view;
    const { offered, mayOffer } = moment;
    const theirs = offered === null ? Number.NEGATIVE_INFINITY : me.utility.of(offered);
    const next = count === 0 ? -1 : this.#next(moment);
    if (
      offered !== null &&
      reaches(theirs, me.reservation) &&
      (!mayOffer || next < 0 || theirs >= this.#view.mine(next))
    ) {
      this.#why = mayOffer
        ? `nothing between the offers has a greater product than theirs, ${format(this.#view.productOf(offered))}`
        : `last chance, and ${format(theirs)} is no less than no deal`;
      return { say: "accept" };
    }
    if (next < 0 || !mayOffer) {
      this.#why = "nothing leaves neither side less than no deal";
      return { say: "end" };
    }
    this.#place = next;
    return { say: "offer", outcome: this.#view.at(next) };
  }

  /** The place of its next offer. */
  #next({ offered, round, rounds }: Moment): number {
    if (round >= rounds - 1) return this.#goal(offered);
    if (this.#place < 0 || offered === null) {
      this.#why = "opens with its best of what leaves neither less than no deal";
      return Math.max(0, this.#place);
    }
    const own = this.#view.product(this.#place);
    const theirs = this.#view.productOf(offered);
    if (own > theirs) {
      this.#why = `waits: its risk is the higher one, by the products ${format(own)} and ${format(theirs)}`;
      return this.#place;
    }
    return this.#concession(offered, theirs);
  }

  /** The nearest place whose product is greater than that of the other's offer, or else that is as good for the other as that offer. */
  #concession(offered: Outcome, product: number): number {
    const asked = this.#view.other.utility.of(offered);
    let place = this.#place;
    while (place < this.#view.count - 1 && this.#view.product(place) <= product && this.#view.theirs(place) < asked) {
      place += 1;
    }
    this.#why = `gives way to a product of ${format(this.#view.product(place))}, above ${format(product)}`;
    return place;
  }

  /** The place with the greatest product of those left. */
  #goal(offered: Outcome | null): number {
    const least = offered === null ? Number.NEGATIVE_INFINITY : this.#view.me.utility.of(offered);
    let best = Math.max(0, this.#place);
    for (let place = best + 1; place < this.#view.count && this.#view.mine(place) >= least; place++) {
      const better = this.#view.product(place) - this.#view.product(best);
      if (better > 0 || (better === 0 && !this.#isFirst)) best = place;
    }
    this.#why = `last round: goes to the greatest product that is left, ${format(this.#view.product(best))}`;
    return best;
  }
}
