import type { Move } from "../move.ts";
import type { Protocol, Table, Talk, Violation } from "./protocol.ts";
import { stackedOffers } from "./stacked-offers.ts";

/**
 * The first party names its terms once; the others take it or leave it. For the first it is the beginning, so that what a strategy opens
 * with is what it names: with `anchor`, a price below its best.
 */
export const oneShot: Protocol = {
  ...stackedOffers,
  name: "one-shot",
  begin: (table) => new SingleOffer(table),
};

class SingleOffer implements Talk {
  readonly #talk: Talk;

  constructor(table: Table) {
    this.#talk = stackedOffers.begin({ ...table, rounds: 1 });
  }

  get speaker(): number {
    return this.#talk.speaker;
  }

  get round(): number {
    return this.#talk.round;
  }

  get ending(): Talk["ending"] {
    return this.#talk.ending;
  }

  moment(): ReturnType<Talk["moment"]> {
    const moment = this.#talk.moment();
    return moment.mayOffer ? { ...moment, time: 0 } : moment;
  }

  say(move: Move): Violation | null {
    return this.#talk.say(move);
  }
}
