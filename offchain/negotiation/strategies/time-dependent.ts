import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import { type Aim, acceptNext, compose, format, pickLeast } from "./composed.ts";
import { type Kind, type Parameter, RESERVATION, type Settings } from "./parameters.ts";
import { limitOf } from "./seat.ts";

/** What every strategy that concedes by the clock can be told. */
export const CLOCK = {
  anchor: { least: 0, most: 1, usual: 1, about: "where it opens: 1 at its best outcome, 0 at its limit" },
  ...RESERVATION,
  urgency: {
    least: 0,
    most: 1,
    usual: 0,
    about: "how much before the deadline it has conceded all: 0.2 at 80% of the time",
  },
  patience: { least: 0, most: 0.99, usual: 0, about: "share of the time in which it doesn't concede at all" },
} satisfies Record<string, Parameter>;

export function pace(usual: number): Parameter {
  return { least: 0.001, most: 1000, usual, about: "below 1 holds out (Boulware), 1 is linear, above 1 gives early" };
}

/** How much of the way is conceded at a time in [0, 1] (Faratin, Sierra and Jennings 1998). */
export function conceded(time: number, { pace: by = 1, urgency = 0, patience = 0 }: Settings): number {
  const end = Math.max(patience, 1 - urgency);
  const moved = end <= patience ? (time > patience ? 1 : 0) : (time - patience) / (end - patience);
  return Math.min(1, Math.max(0, moved)) ** (1 / by);
}

/** Concedes from its opening to its limit by the clock alone. */
export class ByTheClock implements Aim {
  readonly from: number;
  readonly limit: number;
  readonly #settings: Settings;
  #share = 0;

  constructor(seat: Seat, settings: Settings) {
    const { anchor = 1 } = settings;
    this.limit = limitOf(seat);
    this.from = this.limit + anchor * (seat.bids.highest - this.limit);
    this.#settings = settings;
  }

  at({ time }: Moment): number {
    this.#share = conceded(time, this.#settings);
    return this.from + this.#share * (this.limit - this.from);
  }

  why(): string {
    return `${Math.round(this.#share * 100)}% of the way from ${format(this.from)} to ${format(this.limit)}`;
  }
}

/** A strategy that concedes at a usual pace. */
function byTheClock(name: string, about: string, usual: number): Kind {
  return {
    about,
    parameters: { pace: pace(usual), ...CLOCK },
    make: (settings) =>
      compose(name, settings, (seat) => ({
        aim: new ByTheClock(seat, settings),
        pick: pickLeast(seat),
        accept: acceptNext,
      })),
  };
}

export const boulware = byTheClock("boulware", "holds out until late, then concedes fast", 0.2);
export const linear = byTheClock("linear", "concedes evenly", 1);
export const conceder = byTheClock("conceder", "concedes early, and little later", 5);
