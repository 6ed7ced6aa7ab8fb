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

/** Below this chance nothing that would be taken is in sight. */
const IN_SIGHT = 0.2;

/** Then a guess: how likely it takes all that it asked for, and how fast that falls on the way to what is worst for it. */
const TAKEN = 0.5;
const FALL = 8;

/** Where beliefs differ by less than this, nothing is known. */
const UNKNOWN = 0.02;

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
    const { bids, parties } = this.#seat;
    const candidates = bids.among(limitOf(this.#seat), bids.highest, 2 * CANDIDATES);
    const beliefs = candidates.map((outcome) => this.#model.of(outcome));
    const asked = this.#worst();
    const believed = candidates.map((outcome, place) => {
      const margin = (beliefs[place] ?? 0) - asked - MARGIN;
      return this.#last(outcome, BELIEVED / (1 + Math.exp(-margin / EDGE)));
    });
    // What one of several has offered, the others need not like.
    const offered = parties === 2 ? [...this.#heard.values()].map((offer) => this.#last(offer, OFFERED)) : [];
    const best = bestOf([...believed, ...offered]);
    if (best !== null && best.chance >= IN_SIGHT) return best;
    const least = beliefs.reduce((one, other) => Math.min(one, other), asked);
    const isUnknown = this.#heard.size === 0 || asked - least < UNKNOWN;
    const guessed = candidates.map((outcome, place) => {
      const share = isUnknown ? this.#given(outcome) : ((beliefs[place] ?? 0) - least) / (asked - least);
      return this.#last(outcome, TAKEN * Math.min(1, Math.max(0, share)) ** FALL);
    });
    return bestOf(guessed) ?? this.#last(bids.best, 0);
  }

  #last(outcome: Outcome, chance: number): LastOffer {
    const { utility, reservation } = this.#seat.party;
    return { outcome, chance, expected: (utility.of(outcome) - reservation) * chance };
  }

  /** How much of what there is to win oneself gives away: who is not known at all is taken to want the opposite. */
  #given(outcome: Outcome): number {
    const { bids, party } = this.#seat;
    const limit = limitOf(this.#seat);
    return 1 - (party.utility.of(outcome) - limit) / Math.max(1e-9, bids.highest - limit);
  }

  /** What the worst of the others' offers is worth to them, by what is believed. */
  #worst(): number {
    let worst = 1;
    for (const offer of this.#heard.values()) worst = Math.min(worst, this.#model.of(offer));
    return worst;
  }
}

/** The one of which most is expected; null if nothing is to be expected of any. */
function bestOf(offers: readonly LastOffer[]): LastOffer | null {
  let best: LastOffer | null = null;
  for (const offer of offers) if (offer.expected > (best?.expected ?? 0)) best = offer;
  return best;
}
