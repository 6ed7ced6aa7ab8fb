import type { Outcome } from "../../terms/issue-space.ts";
import type { OpponentModel } from "../models/model.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import type { Aim, Listener } from "./composed.ts";
import { type Ladder, ladderOf } from "./ladder.ts";
import { CANDIDATES } from "./nicest.ts";
import { limitOf } from "./seat.ts";

/** How often in a negotiation the fairest point is looked for anew. */
const REVIEWS = 20;

/**
 * Goes down one outcome for each new one of the other's, as MiCRO does, as far as the point with the greatest product of gains by what
 * is believed. So whoever keeps exploring is answered, and nobody is given more than what is fair.
 */
export class FairReply implements Aim, Listener {
  readonly #seat: Seat;
  readonly #model: OpponentModel;
  readonly #firmness: number;
  readonly #ladder: Ladder;
  readonly #heard = new Set<string>();
  #turns = 0;
  #reviewed = -1;
  #floor = 0;

  /** `firmness` is how much of the gain at the fairest point it insists on: 1 on all of it, 1.1 on a tenth more. */
  constructor(seat: Seat, model: OpponentModel, firmness: number) {
    this.#seat = seat;
    this.#model = model;
    this.#firmness = firmness;
    this.#ladder = ladderOf(seat);
  }

  hear(offer: Outcome): void {
    this.#heard.add(offer.join());
  }

  at({ time }: Moment): number {
    const review = Math.floor(time * REVIEWS);
    if (review > this.#reviewed) {
      this.#reviewed = review;
      this.#floor = this.#fairest();
    }
    const place = Math.min(this.#turns++, this.#heard.size, this.#ladder.count - 1);
    return Math.max(this.#floor, this.#ladder.utilityAt(place));
  }

  /** What it insists on: its share of the fairest point. */
  get floor(): number {
    return this.#floor;
  }

  why(): string {
    return `answers ${this.#heard.size} different offers, down to its share of the fairest outcome`;
  }

  #fairest(): number {
    const { bids, party } = this.#seat;
    const limit = limitOf(this.#seat);
    let [greatest, gain] = [Number.NEGATIVE_INFINITY, bids.highest - limit];
    for (const outcome of bids.among(limit, bids.highest, CANDIDATES)) {
      const own = party.utility.of(outcome) - limit;
      const product = own * this.#model.of(outcome);
      if (product > greatest) [greatest, gain] = [product, own];
    }
    return limit + this.#firmness * gain;
  }
}
