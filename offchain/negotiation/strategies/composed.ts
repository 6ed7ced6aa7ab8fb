import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment, Move } from "../move.ts";
import type { Bargainer, Seat, Strategy } from "../strategy.ts";
import type { Settings } from "./parameters.ts";
import { floorOf, limitOf, seatFor } from "./seat.ts";

/** What learns from the others' offers. */
export interface Listener {
  hear(offer: Outcome, by: number, moment: Moment): void;
}

/** What an offer should be worth to oneself now. */
export interface Aim {
  at(moment: Moment): number;
  /** Why, in a few words. */
  why(): string;
}

/** Which of the outcomes that are worth so much to offer. */
export type Pick = (target: number, moment: Moment) => Outcome;

/** Whether to take an offer worth `theirs` instead of making one worth `mine`, where an offer should be worth `target`. */
export type Accept = (theirs: number, mine: number, target: number, moment: Moment) => boolean;

/** The parts of which most strategies are made. */
export interface Parts {
  readonly aim: Aim;
  readonly pick: Pick;
  readonly accept: Accept;
  /** Told of what is offered in the end: a pick may not be, where the other's offer is taken instead. */
  readonly offered?: () => void;
  /** Those of its parts that have to hear the others' offers, in this order. */
  readonly listeners?: readonly Listener[];
  /** Even at the last chance takes only what it would take otherwise, and not whatever is no worse than no deal. */
  readonly steadfast?: boolean;
}

/** A strategy of parts; `assemble` makes them anew for each negotiation. A `reservation` that is set counts as the party's own. */
export function compose(name: string, settings: Settings, assemble: (seat: Seat) => Parts): Strategy {
  return {
    name,
    sit(seat) {
      const own = seatFor(seat, settings);
      return new Composed(own, assemble(own));
    },
  };
}

/** Takes what is as good as what one would offer oneself. */
export const acceptNext: Accept = (theirs, mine) => theirs >= mine;

/** Takes what is worth as much as an offer should be. */
export const acceptTarget: Accept = (theirs, _mine, target) => theirs >= target;

/** The outcome that is worth the target, and as little more as there is. */
export function pickLeast({ bids }: Seat): Pick {
  return (target) => bids.atLeast(target);
}

const NOBODY: readonly Listener[] = [];

class Composed implements Bargainer {
  readonly #seat: Seat;
  readonly #parts: Parts;
  readonly #listeners: readonly Listener[];
  /** The least that counts as worth no deal, and the least that it offers, which is looked for when an aim is below the reservation. */
  readonly #floor: number;
  #limit: number | null = null;
  #why: () => string = () => "has not moved yet";

  constructor(seat: Seat, parts: Parts) {
    this.#seat = seat;
    this.#parts = parts;
    this.#listeners = parts.listeners ?? NOBODY;
    this.#floor = floorOf(seat.party.reservation);
  }

  hear(offer: Outcome, by: number, moment: Moment): void {
    // Most strategies have none, and an iterator would cost them more than all else here.
    for (let index = 0; index < this.#listeners.length; index++) this.#listeners[index]?.hear(offer, by, moment);
  }

  why(): string {
    return this.#why();
  }

  speak(moment: Moment): Move {
    const { aim, pick, accept, steadfast = false } = this.#parts;
    const { utility, reservation } = this.#seat.party;
    const theirs = moment.offered === null ? Number.NEGATIVE_INFINITY : utility.of(moment.offered);
    if (!moment.mayOffer && !steadfast) return this.#answer(theirs, reservation);
    const target = this.#bounded(aim.at(moment));
    const outcome = pick(target, moment);
    const mine = utility.of(outcome);
    if (theirs >= this.#floor && (mine < this.#floor || accept(theirs, mine, target, moment))) {
      this.#why = () =>
        `${format(theirs)} is good enough beside the ${format(mine)} of its own next offer: ${aim.why()}`;
      return { say: "accept" };
    }
    if (mine < this.#floor || !moment.mayOffer) {
      this.#why = () =>
        moment.mayOffer
          ? `nothing is worth the ${format(reservation)} of no deal`
          : `last chance, and ${format(theirs)} is less than it takes: ${aim.why()}`;
      return { say: "end" };
    }
    this.#parts.offered?.();
    this.#why = () => `${aim.why()}: ${format(mine)}`;
    return { say: "offer", outcome };
  }

  /** What it aims at, or its limit if that is above. */
  #bounded(target: number): number {
    if (target >= this.#seat.party.reservation) return target;
    this.#limit ??= limitOf(this.#seat);
    return Math.max(target, this.#limit);
  }

  /** When no offer can be made any more, whatever is no worse than no deal is taken. */
  #answer(theirs: number, reservation: number): Move {
    const takes = theirs >= this.#floor;
    this.#why = () =>
      `last chance, and ${format(theirs)} is ${takes ? "no less" : "less"} than the ${format(reservation)} of no deal`;
    return { say: takes ? "accept" : "end" };
  }
}

export function format(utility: number): string {
  return Number.isFinite(utility) ? utility.toFixed(3) : "nothing";
}
