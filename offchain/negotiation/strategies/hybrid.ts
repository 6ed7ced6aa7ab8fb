import { FrequencyModel } from "../models/frequency.ts";
import { modelOfOthers } from "../models/others.ts";
import type { Moment } from "../move.ts";
import { type Aim, acceptNext, compose, format } from "./composed.ts";
import { pickNicest } from "./nicest.ts";
import type { Kind } from "./parameters.ts";
import { ByTheClock, CLOCK, pace } from "./time-dependent.ts";
import { inAmount, Reciprocity } from "./tit-for-tat.ts";

/** Goes from one aim to another as time passes: all of the first at the beginning, all of the second at the end. */
class Blend implements Aim {
  readonly #early: Aim;
  readonly #late: Aim;
  #share = 0;
  #target = 0;

  constructor(early: Aim, late: Aim) {
    this.#early = early;
    this.#late = late;
  }

  at(moment: Moment): number {
    this.#share = moment.time ** 2;
    this.#target = (1 - this.#share) * this.#early.at(moment) + this.#share * this.#late.at(moment);
    return this.#target;
  }

  why(): string {
    const percent = Math.round(this.#share * 100);
    return `aims at ${format(this.#target)}, ${percent}% by the clock (${this.#late.why()}), else as the other does (${this.#early.why()})`;
  }
}

export const hybrid: Kind = {
  about: "answers what the other gives at first, and goes by the clock more and more",
  parameters: { pace: pace(0.1), ...CLOCK },
  make: (settings) =>
    compose("hybrid", settings, (seat) => {
      const model = modelOfOthers(seat, () => new FrequencyModel(seat.space));
      const behaviour = new Reciprocity(seat, settings, inAmount, { earlier: 1, later: 0 });
      const aim = new Blend(behaviour, new ByTheClock(seat, settings));
      return { aim, pick: pickNicest(seat, model, 0.05), accept: acceptNext, listeners: [model, behaviour] };
    }),
};
