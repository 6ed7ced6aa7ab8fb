import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import { type Aim, acceptNext, compose, format, type Listener, pickLeast } from "./composed.ts";
import type { Kind, Parameter, Settings } from "./parameters.ts";
import { ByTheClock, CLOCK, pace } from "./time-dependent.ts";

/** What to ask for next, from what was asked for last and an earlier and a later offer of the other's, all by own utility. */
export type Reply = (mine: number, earlier: number, later: number) => number;

/** Gives in the proportion in which the other gave. Where that divides by zero, nothing was given that could be answered. */
export const inProportion: Reply = (mine, earlier, later) => {
  if (later > 0) return mine * (earlier / later);
  return earlier > 0 ? Number.POSITIVE_INFINITY : mine;
};

/** Gives as much as the other gave. */
export const inAmount: Reply = (mine, earlier, later) => mine + (earlier - later);

/**
 * One answer gives at most this share of what is left to give. Ratios of small figures are large: whose first offer is worth nothing and
 * whose second is worth a little would otherwise be given all at once.
 */
const MOST_AT_ONCE = 0.5;

/** Which two of the other's offers are compared: how many turns ago. */
export interface Compared {
  readonly earlier: number;
  readonly later: number;
}

/**
 * Does to the others what they do (Faratin, Sierra and Jennings 1998), between the best outcome and the limit. Two that only ever
 * answer would wait for each other until the end. So it never asks for more than one who concedes by the clock would: that gives when
 * nobody else does, and is where the wait ends.
 */
export class Reciprocity implements Aim, Listener {
  readonly #utility: Seat["party"]["utility"];
  readonly #reply: Reply;
  readonly #compared: Compared;
  readonly #clock: ByTheClock;
  /** Ratios need a scale that begins at zero or above. */
  readonly #zero: number;
  /** The others' last offers by own utility, as many as are compared, and whether there is one that isn't answered. */
  readonly #heard: number[][];
  readonly #isNew: boolean[];
  #target: number;
  #why = "opens";

  constructor(seat: Seat, settings: Settings, reply: Reply, compared: Compared) {
    this.#utility = seat.party.utility;
    this.#reply = reply;
    this.#compared = compared;
    this.#clock = new ByTheClock(seat, settings);
    this.#zero = Math.min(0, seat.bids.lowest);
    this.#heard = Array.from({ length: seat.parties }, () => []);
    this.#isNew = this.#heard.map(() => false);
    this.#target = this.#clock.from;
  }

  hear(offer: Outcome, by: number): void {
    const theirs = this.#heard[by];
    if (theirs === undefined) return;
    theirs.push(this.#utility.of(offer) - this.#zero);
    if (theirs.length > this.#compared.earlier + 1) theirs.shift();
    this.#isNew[by] = true;
  }

  at(moment: Moment): number {
    const ceiling = this.#clock.at(moment);
    const least = this.#target - MOST_AT_ONCE * (this.#target - this.#clock.limit);
    const asked = clamp(this.#replied(), least, this.#clock.from);
    this.#why = asked <= ceiling ? this.#why : `nobody gave more, so by the clock, ${this.#clock.why()}`;
    this.#target = Math.min(asked, ceiling);
    return this.#target;
  }

  why(): string {
    return this.#why;
  }

  /** The target after the replies to all that is new: the mean of them if several others have spoken. */
  #replied(): number {
    let [sum, count] = [0, 0];
    for (const [by, theirs] of this.#heard.entries()) {
      if (!this.#isNew[by]) continue;
      this.#isNew[by] = false;
      const later = theirs.at(-1 - this.#compared.later);
      const earlier = theirs[Math.max(0, theirs.length - 1 - this.#compared.earlier)];
      if (later === undefined || earlier === undefined) continue;
      sum += this.#reply(this.#target - this.#zero, earlier, later) + this.#zero;
      count += 1;
      this.#why = `they gave ${format(later - earlier)}`;
    }
    return count === 0 ? this.#target : sum / count;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

const { reservation, anchor, urgency, patience } = CLOCK;
const PARAMETERS = { pace: pace(0.2), anchor, reservation, urgency, patience };

function titForTat(
  name: string,
  about: string,
  reply: Reply,
  parameters: Readonly<Record<string, Parameter>>,
  compared: (settings: Settings) => Compared,
): Kind {
  return {
    about,
    parameters: { ...parameters, ...PARAMETERS },
    make: (settings) =>
      compose(name, settings, (seat) => {
        const aim = new Reciprocity(seat, settings, reply, compared(settings));
        return { aim, pick: pickLeast(seat), accept: acceptNext, listeners: [aim] };
      }),
  };
}

const TURNS = { least: 1, most: 100, whole: true } as const;
const DELAY: Parameter = { ...TURNS, usual: 1, about: "answers what the other gave so many turns ago" };
const WINDOW: Parameter = { ...TURNS, usual: 3, about: "answers what the other gave over so many turns" };
const delayed = ({ delay = 1 }: Settings): Compared => ({ earlier: delay, later: delay - 1 });

export const relativeTitForTat = titForTat(
  "tft-relative",
  "gives in the proportion in which the other gave",
  inProportion,
  { delay: DELAY },
  delayed,
);
export const absoluteTitForTat = titForTat(
  "tft-absolute",
  "gives as much as the other gave",
  inAmount,
  { delay: DELAY },
  delayed,
);
export const averagedTitForTat = titForTat(
  "tft-averaged",
  "gives in the proportion in which the other gave over several turns",
  inProportion,
  { window: WINDOW },
  ({ window = 3 }) => ({ earlier: window, later: 0 }),
);
