import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import { type Aim, acceptTarget, compose, type Listener, type Pick } from "./composed.ts";
import { type Ladder, ladderOf } from "./ladder.ts";
import { type Kind, RESERVATION } from "./parameters.ts";
import { CLOCK } from "./time-dependent.ts";

/** How many places down the ladder the next new offer lies from the last one. */
export type Stride = (left: number, moment: Moment) => number;

/**
 * MiCRO (de Jonge 2022): a new outcome, the next best to oneself, for each new one that the other offers, and else one of the earlier
 * again. It knows nothing of the other and never gives more often than the other does.
 */
class MinimalConcession implements Aim, Listener {
  readonly #ladder: Ladder;
  readonly #seat: Seat;
  readonly #stride: Stride;
  /** Places on the ladder that were offered, downwards. */
  readonly #offered: number[] = [];
  readonly #heard: Set<string>[];
  #next: number | null = null;
  #most = 0;

  constructor(seat: Seat, stride: Stride) {
    this.#seat = seat;
    this.#ladder = ladderOf(seat);
    this.#stride = stride;
    this.#heard = Array.from({ length: seat.parties }, () => new Set());
  }

  /** Of several others, whoever offers most sets the pace: those that accept what is on the table offer nothing new. */
  hear(offer: Outcome, by: number): void {
    const heard = this.#heard[by];
    heard?.add(offer.join());
    this.#most = Math.max(this.#most, heard?.size ?? 0);
  }

  /** What the lowest outcome is worth that it is ready to offer. */
  at(moment: Moment): number {
    this.#next = this.#offered.length <= this.#most ? this.#below(moment) : null;
    const lowest = this.#next ?? this.#offered.at(-1) ?? 0;
    return this.#ladder.utilityAt(lowest);
  }

  /** The new outcome, or any of the earlier ones. */
  readonly pick: Pick = () => {
    const again = Math.floor(this.#seat.random.fraction() * this.#offered.length);
    return this.#ladder.at(this.#next ?? this.#offered[again] ?? 0);
  };

  /** What was picked is offered. */
  readonly offered = (): void => {
    if (this.#next !== null) this.#offered.push(this.#next);
  };

  why(): string {
    const [made, received] = [this.#offered.length, this.#most];
    return this.#next === null
      ? `${made} different offers made, ${received} received, so an earlier one again`
      : `${received} different offers received, so number ${made} of its own`;
  }

  /** The next place that is no worse than no deal; null if there is none. */
  #below(moment: Moment): number | null {
    const last = this.#offered.at(-1);
    if (last === undefined) return this.#ladder.count === 0 ? null : 0;
    const left = this.#ladder.count - 1 - last;
    return left <= 0 ? null : last + Math.min(left, Math.max(1, this.#stride(left, moment)));
  }
}

export const micro: Kind = {
  about: "MiCRO: a new offer for each new one of the other's, the next best to itself; meant for thousands of rounds",
  parameters: RESERVATION,
  make: (settings) =>
    compose("micro", settings, (seat) => {
      const aim = new MinimalConcession(seat, () => 1);
      const { pick, offered } = aim;
      return { aim, pick, offered, accept: acceptTarget, listeners: [aim], steadfast: true };
    }),
};

/** Spreads what is left of the ladder over what is left of the rounds. */
export function withinBudget(urgency: number): Stride {
  return (left, { round, rounds, time }) => {
    const all = rounds === Number.POSITIVE_INFINITY ? Math.max(1, round) / Math.max(time, 1e-3) : rounds;
    return Math.ceil(left / Math.max(1, all * (1 - urgency) - round));
  };
}

export const microBudget: Kind = {
  about: "MiCRO that skips outcomes, so as to reach its limit by the deadline if the other keeps pace",
  parameters: { ...RESERVATION, urgency: CLOCK.urgency },
  make: (settings) =>
    compose("micro-budget", settings, (seat) => {
      const aim = new MinimalConcession(seat, withinBudget(settings["urgency"] ?? 0));
      const { pick, offered } = aim;
      return { aim, pick, offered, accept: acceptTarget, listeners: [aim] };
    }),
};
