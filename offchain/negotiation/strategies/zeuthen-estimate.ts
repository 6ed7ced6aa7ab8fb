import type { Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import { Likeness } from "../models/likeness.ts";
import type { Moment, Move } from "../move.ts";
import type { Bargainer, Seat } from "../strategy.ts";
import { format } from "./composed.ts";
import type { Kind } from "./parameters.ts";
import { limitOf, seatFor } from "./seat.ts";
import { CLOCK } from "./time-dependent.ts";

/** How many outcomes of about the same worth to itself are looked at for the one that the other seems to like best. */
const COMPARED = 64;
/** In how many steps it gives way where no deadline in rounds says how many there are. */
const STEPS = 100;

/**
 * A heuristic after Zeuthen for sides who don't know what the other wants: what outcomes are worth to the other is guessed from its
 * offers, and no deal is taken to be worth nothing to it. Whose risk is lower is then a guess too, and two sides that both wrongly
 * waited would end it. So this one always gives way by a small step, as long as it has something to give; and when it seems to be its
 * turn, by as many as it takes until its guessed risk is the higher one, up to a limit: with few offers heard the guess is poor. In the
 * last round it takes whatever is no worse than no deal.
 */
export const zeuthenEstimate: Kind = {
  about: "a heuristic after zeuthen by a guess of what the other wants, for monotonic-concession-private",
  parameters: {
    leap: { least: 1, most: 1_000, usual: 2, about: "how many small steps it gives way at once at most" },
    reservation: CLOCK.reservation,
  },
  make: (settings) => ({
    name: "zeuthen-estimate",
    sit: (seat) => new ByEstimate(seatFor(seat, settings), new Likeness(seat.space), settings["leap"] ?? 2),
  }),
};

class ByEstimate implements Bargainer {
  readonly #seat: Seat;
  readonly #model: Likeness;
  readonly #leap: number;
  /** Its last offer, and what that was worth to itself. */
  #last: Outcome | null = null;
  #worth = 0;
  #why = "has not moved yet";

  constructor(seat: Seat, model: Likeness, leap: number) {
    this.#seat = seat;
    this.#model = model;
    this.#leap = leap;
  }

  hear(offer: Outcome): void {
    this.#model.hear(offer);
  }

  why(): string {
    return this.#why;
  }

  speak(moment: Moment): Move {
    const { bids, party } = this.#seat;
    const { utility, reservation } = party;
    const theirs = moment.offered === null ? Number.NEGATIVE_INFINITY : utility.of(moment.offered);
    const isRational = reaches(theirs, reservation);
    if (isRational && (!moment.mayOffer || moment.round >= moment.rounds - 1)) {
      this.#why = `last chance, and ${format(theirs)} is no less than the ${format(reservation)} of no deal`;
      return { say: "accept" };
    }
    if (!moment.mayOffer || !reaches(bids.highest, reservation)) {
      this.#why = `nothing is worth the ${format(reservation)} of no deal`;
      return { say: "end" };
    }
    const next = this.#next(moment, theirs);
    const mine = utility.of(next);
    if (isRational && theirs >= mine) {
      this.#why = `${format(theirs)} is as good as the ${format(mine)} of its own next offer`;
      return { say: "accept" };
    }
    [this.#last, this.#worth] = [next, mine];
    return { say: "offer", outcome: next };
  }

  #next({ offered, round, rounds }: Moment, theirs: number): Outcome {
    const { bids, party } = this.#seat;
    const last = this.#last;
    if (last === null || offered === null) {
      this.#why = "opens with its best";
      return last ?? bids.best;
    }
    const limit = limitOf(this.#seat);
    const left = rounds === Number.POSITIVE_INFINITY ? STEPS : Math.max(1, rounds - 1 - round);
    const asked = this.#product(offered, theirs);
    const isTurn = this.#product(last, this.#worth) <= asked;
    const small = (this.#worth - limit) / left;
    const end = Math.max(limit, theirs);
    // Ever longer steps until something is found that will do.
    for (let step = small; step > 0; step *= 2) {
      const floor = Math.max(end, this.#worth - step);
      const found = this.#likeliest(floor);
      const isLongest = floor === end || step >= this.#leap * small;
      if (found !== null && (!isTurn || isLongest || this.#product(found, party.utility.of(found)) > asked)) {
        this.#why = `${isTurn ? "its guessed risk is the lower one" : "a small step"}: down to ${format(floor)}`;
        return found;
      }
      if (floor === end) break;
    }
    this.#why = `has nothing more to give above ${format(end)}`;
    return theirs > limit ? offered : last;
  }

  /** The outcome that the other seems to like best, of those worth less than its last one and no less than a limit. */
  #likeliest(floor: number): Outcome | null {
    const { bids, party } = this.#seat;
    let [best, most]: [Outcome | null, number] = [null, Number.NEGATIVE_INFINITY];
    for (const outcome of bids.among(floor, this.#worth, COMPARED)) {
      const worth = party.utility.of(outcome);
      const guess = this.#model.of(outcome);
      if (worth < this.#worth && worth >= floor && guess > most) [best, most] = [outcome, guess];
    }
    return best;
  }

  /** Its own gain over no deal by the guess of the other's. */
  #product(outcome: Outcome, worth: number): number {
    return Math.max(0, worth - this.#seat.party.reservation) * this.#model.of(outcome);
  }
}
