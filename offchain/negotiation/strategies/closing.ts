import type { Outcome } from "../../terms/issue-space.ts";
import type { OpponentModel } from "../models/model.ts";
import type { Seat } from "../strategy.ts";
import type { Listener } from "./composed.ts";
import { CANDIDATES } from "./nicest.ts";
import { limitOf } from "./seat.ts";

/** How likely somebody takes again what that one has offered, and an outcome that is far better for it by what is believed. */
const OFFERED = 0.95;
const BELIEVED = 0.5;

/** How much better than the worst that it has offered an outcome has to look for the other, and how sharp the edge is. */
const MARGIN = 0.2;
const EDGE = 0.05;

/** A last offer, and what can be expected of it: what it gains over no deal, times the chance that it is taken. */
export interface LastOffer {
  readonly outcome: Outcome;
  readonly chance: number;
  readonly expected: number;
}

/** Looks for the offer to end with, when there will be no other. */
export class Closing implements Listener {
  readonly #seat: Seat;
  readonly #model: OpponentModel;
  readonly #heard = new Map<string, Outcome>();

  constructor(seat: Seat, model: OpponentModel) {
    this.#seat = seat;
    this.#model = model;
  }

  hear(offer: Outcome): void {
    this.#heard.set(offer.join(), offer);
  }

  best(): LastOffer {
    const { bids, party, parties } = this.#seat;
    let best: LastOffer = { outcome: bids.best, chance: 0, expected: 0 };
    const consider = (outcome: Outcome, chance: number): void => {
      const expected = (party.utility.of(outcome) - party.reservation) * chance;
      if (expected > best.expected) best = { outcome, chance, expected };
    };
    const worst = this.#worst();
    for (const outcome of bids.among(limitOf(this.#seat), bids.highest, 2 * CANDIDATES)) {
      consider(outcome, BELIEVED / (1 + Math.exp((worst + MARGIN - this.#model.of(outcome)) / EDGE)));
    }
    // What one of several has offered, the others need not like.
    if (parties === 2) for (const offer of this.#heard.values()) consider(offer, OFFERED);
    return best;
  }

  /** What the worst of the others' offers is worth to them, by what is believed. */
  #worst(): number {
    let worst = 1;
    for (const offer of this.#heard.values()) worst = Math.min(worst, this.#model.of(offer));
    return worst;
  }
}
