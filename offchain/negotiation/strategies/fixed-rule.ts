import { reaches } from "../analysis/precision.ts";
import type { Moment, Move } from "../move.ts";
import type { Bargainer, Seat } from "../strategy.ts";
import { format } from "./composed.ts";
import { type Kind, RESERVATION, type Settings } from "./parameters.ts";
import { seatFor } from "./seat.ts";
import { type Steps, stepsOf } from "./steps.ts";

/**
 * Thresholds and nothing else, as a company would write them down: an opening, so many counter-offers, each giving a little less than
 * the one before, then no more; and no dealing at all with those of low reputation. It takes what is as good as its own next offer.
 */
class RuleFollower implements Bargainer {
  readonly #seat: Seat;
  readonly #settings: Settings;
  readonly #steps: Steps;
  #made = 0;
  #why = "has not moved yet";

  constructor(seat: Seat, settings: Settings) {
    this.#seat = seat;
    this.#settings = settings;
    this.#steps = stepsOf(seat, settings);
  }

  hear(): void {
    // The rule looks at the offer on the table alone.
  }

  why(): string {
    return this.#why;
  }

  speak({ offered, mayOffer }: Moment): Move {
    const { reputation = 1, trust = 0, counters = 0 } = this.#settings;
    const { utility, reservation } = this.#seat.party;
    if (reputation < trust) return this.#end(`a reputation of ${reputation} is below ${trust}`);
    const step = Math.min(this.#made, counters);
    const outcome = this.#steps.at(step);
    const mine = utility.of(outcome);
    const theirs = offered === null ? Number.NEGATIVE_INFINITY : utility.of(offered);
    if (offered !== null && reaches(theirs, reservation) && theirs >= mine) {
      this.#why = `${this.#steps.tell(offered)} is as good as its own ${this.#steps.tell(outcome)}`;
      return { say: "accept" };
    }
    if (!reaches(mine, reservation)) return this.#end(`nothing is worth the ${format(reservation)} of no deal`);
    if (this.#made > counters) return this.#end(`${counters} counter-offers are made, and there is no other`);
    if (!mayOffer) return this.#end(`no offer may be made any more, and it would ask ${this.#steps.tell(outcome)}`);
    this.#why = `${step === 0 ? "opens" : `counter-offer ${step} of ${counters}`}: ${this.#steps.tell(outcome)}`;
    this.#made += 1;
    return { say: "offer", outcome };
  }

  #end(why: string): Move {
    this.#why = why;
    return { say: "end" };
  }
}

export const fixedRule: Kind = {
  about:
    "opens at a discount off the list price, makes so many counter-offers, each giving less than the last, then leaves",
  parameters: {
    list: { least: 0, most: 1e15, usual: 0, about: "the list price; 0 for the highest that can be agreed on" },
    discount: { least: 0.001, most: 1, usual: 0.15, about: "how far below the list price a buyer opens" },
    counters: { least: 0, most: 1000, usual: 3, whole: true, about: "how many counter-offers follow the opening" },
    step: { least: 0, most: 1, usual: 0.05, about: "the first concession, as a share of the list price" },
    shrink: { least: 0, most: 1, usual: 0.05, about: "how much smaller each concession is than the one before" },
    reputation: { least: 0, most: 1, usual: 1, about: "the other's reputation, as known beforehand" },
    trust: { least: 0, most: 1, usual: 0.6, about: "leaves at once if the other's reputation is below this" },
    ...RESERVATION,
  },
  make: (settings) => ({
    name: "fixed-rule",
    sit: (seat) => new RuleFollower(seatFor(seat, settings), settings),
  }),
};
