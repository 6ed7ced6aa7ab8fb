import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment, Move } from "../move.ts";
import type { Ending, EndReason, Protocol, Table, Talk, Violation } from "./protocol.ts";

/**
 * Everybody speaks in turn, once a round: makes an offer, accepts the last one, or walks away. What all others have accepted in a row
 * is agreed; a new offer replaces the last one and all that was accepted of it. Nobody may make an offer that not everybody could still
 * answer before the deadline: the first to speak makes the last offer there can be.
 */
export const stackedOffers: Protocol = {
  name: "stacked-alternating-offers",
  parties: [2, Number.POSITIVE_INFINITY],
  open: false,
  sealed: false,
  begin: (table) => new StackedTalk(table),
};

class StackedTalk implements Talk {
  readonly #count: number;
  readonly #rounds: number;
  #turn = 0;
  #offered: Outcome | null = null;
  #accepted = 0;
  #ending: Ending | null = null;

  constructor({ parties, rounds }: Table) {
    this.#count = parties.length;
    this.#rounds = rounds;
  }

  get speaker(): number {
    return this.#turn % this.#count;
  }

  get round(): number {
    return Math.floor(this.#turn / this.#count);
  }

  get ending(): Ending | null {
    return this.#ending;
  }

  get #mayOffer(): boolean {
    return this.#turn + this.#count <= this.#rounds * this.#count;
  }

  moment(): Moment {
    const { round } = this;
    return {
      round,
      rounds: this.#rounds,
      time: timeOf(round, this.#rounds),
      offered: this.#offered,
      mayOffer: this.#mayOffer,
    };
  }

  say(move: Move): Violation | null {
    if (move.say === "end") return this.#leave();
    if (move.say === "offer") {
      if (!this.#mayOffer) return this.#violate("an offer that nobody could answer any more");
      this.#offered = move.outcome;
      this.#accepted = 0;
    } else {
      if (this.#offered === null) return this.#violate("an acceptance, and there is no offer");
      this.#accepted += 1;
      if (this.#accepted === this.#count - 1) {
        this.#ending = { agreed: true, outcome: this.#offered };
        return null;
      }
    }
    this.#turn += 1;
    return this.#turn >= this.#rounds * this.#count ? this.#end("deadline", null) : null;
  }

  /** To decline when nothing can be offered any more is no more than what the deadline does, unless there was but one offer. */
  #leave(): null {
    const isOver = !this.#mayOffer && this.#rounds > 1;
    return isOver ? this.#end("deadline", null) : this.#end("walked-away", this.speaker);
  }

  #end(reason: EndReason, by: number | null): null {
    this.#ending = { agreed: false, reason, by };
    return null;
  }

  #violate(rule: string): Violation {
    const by = this.speaker;
    this.#end("violation", by);
    return { by, rule };
  }
}

/** 0 in the first round and 1 in the last. */
export function timeOf(round: number, rounds: number): number {
  if (rounds === Number.POSITIVE_INFINITY) return 0;
  return rounds <= 1 ? 1 : round / (rounds - 1);
}
