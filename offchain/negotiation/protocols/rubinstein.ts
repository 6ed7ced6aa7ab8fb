import { ParleyError } from "../../kernel/errors.ts";
import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment, Move } from "../move.ts";
import type { Ending, EndReason, Protocol, Table, Talk, Violation } from "./protocol.ts";
import { timeOf } from "./stacked-offers.ts";

/**
 * Rubinstein's game: two sides who know all of each other offer in turn, and time costs. Here a round is one offer and the answer to it,
 * so that every refusal costs both a round. To answer by an offer is to refuse, and opens the next round; after the last offer there is
 * only yes or no.
 */
export const rubinstein: Protocol = {
  name: "rubinstein",
  parties: [2, 2],
  open: true,
  sealed: false,
  begin: (table) => new RubinsteinTalk(table),
};

/** What each has of a pie that is divided at once. */
export interface Shares {
  readonly proposer: number;
  readonly responder: number;
}

/** How it ends where there is no deadline; each side's pie is worth only so much of itself a round later. */
export function sharesForever({ proposer, responder }: Shares): Shares {
  checkDiscounts(proposer, responder);
  if (proposer * responder === 1) {
    throw new ParleyError("BadDiscount", "if time costs neither anything, nothing says how they share");
  }
  const first = (1 - responder) / (1 - proposer * responder);
  return { proposer: first, responder: 1 - first };
}

/** The same where there are so many offers, by turns: whoever makes the last one gets all that is left by then. */
export function sharesWithin(offers: number, { proposer, responder }: Shares): Shares {
  checkDiscounts(proposer, responder);
  if (!Number.isInteger(offers) || offers < 1)
    throw new ParleyError("BadRounds", `${offers} is not a number of offers`);
  let share = 1;
  // From the last offer but one back to the first; of an even place, the responder is the one who proposes second.
  for (let place = offers - 2; place >= 0; place--) share = 1 - (place % 2 === 0 ? responder : proposer) * share;
  return { proposer: share, responder: 1 - share };
}

function checkDiscounts(...discounts: readonly number[]): void {
  for (const discount of discounts) {
    if (!(discount >= 0 && discount <= 1)) throw new ParleyError("BadDiscount", `${discount} is not from 0 to 1`);
  }
}

class RubinsteinTalk implements Talk {
  ending: Ending | null = null;
  readonly #rounds: number;
  /** How many offers there were. */
  #offers = 0;
  #offered: Outcome | null = null;

  constructor({ rounds }: Table) {
    this.#rounds = rounds;
  }

  get speaker(): number {
    return this.#offers % 2;
  }

  /** Of the next offer if there may be one; yes and no belong to the round of the offer that they answer. */
  get round(): number {
    const answered = this.ending !== null || this.#offers >= this.#rounds;
    return answered ? Math.max(0, this.#offers - 1) : this.#offers;
  }

  moment(): Moment {
    const { round } = this;
    const rounds = this.#rounds;
    return {
      round,
      rounds,
      time: timeOf(round, rounds),
      offered: this.#offered,
      mayOffer: this.#offers < rounds,
      // The next offer is the other's.
      isLast: this.#offers + 2 >= rounds,
    };
  }

  say(move: Move): Violation | null {
    const by = this.speaker;
    if (move.say === "offer") {
      if (this.#offers >= this.#rounds) return this.#violate("an offer that nobody could answer any more");
      this.#offered = move.outcome;
      this.#offers += 1;
      return null;
    }
    if (move.say === "end") {
      return this.#offers >= this.#rounds ? this.#end("deadline", null) : this.#end("walked-away", by);
    }
    if (this.#offered === null) return this.#violate("an acceptance, and there is no offer");
    this.ending = { agreed: true, outcome: this.#offered };
    return null;
  }

  #end(reason: EndReason, by: number | null): null {
    this.ending = { agreed: false, reason, by };
    return null;
  }

  #violate(rule: string): Violation {
    const by = this.speaker;
    this.#end("violation", by);
    return { by, rule };
  }
}
