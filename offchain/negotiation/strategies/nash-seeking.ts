import type { Outcome } from "../../terms/issue-space.ts";
import { BayesianModel } from "../models/bayesian.ts";
import { FrequencyModel } from "../models/frequency.ts";
import type { OpponentModel } from "../models/model.ts";
import { modelOfOthers } from "../models/others.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import { Closing, type LastOffer } from "./closing.ts";
import { type Accept, type Aim, compose, format, type Parts, type Pick } from "./composed.ts";
import { FairReply } from "./fair-reply.ts";
import { hurried } from "./hurry.ts";
import { pickNicest } from "./nicest.ts";
import type { Kind, Parameter, Settings } from "./parameters.ts";
import { isLastOffer } from "./seat.ts";
import { ByTheClock, CLOCK, pace } from "./time-dependent.ts";

/**
 * Holds out long, and answers new offers by new ones as far as is fair; each offer is the best for the other of those worth about the
 * same to itself. The last one is that of which most can be expected. So it steers for the point with the greatest product of gains,
 * and waits there for those who concede further.
 */
class NashSeeking implements Aim {
  readonly #seat: Seat;
  readonly #clock: ByTheClock;
  readonly #reply: FairReply;
  readonly #closing: Closing;
  /** The offer that it ends with; null before its last turn. */
  #last: LastOffer | null = null;
  #why = "opens";

  constructor(seat: Seat, clock: ByTheClock, reply: FairReply, closing: Closing) {
    this.#seat = seat;
    this.#clock = clock;
    this.#reply = reply;
    this.#closing = closing;
  }

  at(moment: Moment): number {
    this.#last = isLastOffer(this.#seat, moment) ? this.#closing.best() : null;
    if (this.#last !== null) {
      this.#why = `its last offer, taken with a chance of ${format(this.#last.chance)}`;
      return this.#seat.party.utility.of(this.#last.outcome);
    }
    const reply = this.#reply.at(moment);
    // Whom waiting costs comes down early, and no further than what is fair.
    const early = Math.max(this.#reply.floor, this.#clock.at(hurried(moment, this.#seat)));
    const clock = Math.min(early, this.#clock.at(moment));
    this.#why = clock <= reply ? this.#clock.why() : this.#reply.why();
    return Math.min(clock, reply);
  }

  why(): string {
    return this.#why;
  }

  /** What it ends with, or else what another pick says. */
  pickOr(pick: Pick): Pick {
    return (target, moment): Outcome => this.#last?.outcome ?? pick(target, moment);
  }

  /**
   * Takes what is as good as its own offer. With the last word of all, it also takes what is no less than can be expected of that
   * word; whoever can still answer loses nothing by trying.
   */
  readonly accept: Accept = (theirs, mine) => {
    if (theirs >= mine) return true;
    const hasLastWord = this.#last !== null && this.#seat.me === 0;
    return hasLastWord && theirs - this.#seat.party.reservation >= (this.#last?.expected ?? 0);
  };
}

const BAND: Parameter = {
  least: 0,
  most: 1,
  usual: 0.1,
  about: "how much more than its aim an offer may be worth, in shares of all there is to win",
};

const FIRMNESS: Parameter = {
  least: 0.5,
  most: 2,
  usual: 0.9,
  about: "how much of its gain at the fairest outcome it insists on while it answers offers: 0.9 on a tenth less",
};

/** The parts of a strategy that seeks the Nash point by any model. */
function nashSeekingParts(seat: Seat, settings: Settings, model: OpponentModel): Parts {
  const { band = BAND.usual, firmness = FIRMNESS.usual } = settings;
  const reply = new FairReply(seat, model, firmness);
  const closing = new Closing(seat, model);
  const aim = new NashSeeking(seat, new ByTheClock(seat, settings), reply, closing);
  const pick = aim.pickOr(pickNicest(seat, model, band));
  return { aim, pick, accept: aim.accept, listeners: [model, reply, closing] };
}

function nashSeeking(name: string, about: string, make: (seat: Seat) => OpponentModel): Kind {
  return {
    about,
    parameters: { pace: pace(0.06), ...CLOCK, band: BAND, firmness: FIRMNESS },
    make: (settings) =>
      compose(name, settings, (seat) =>
        nashSeekingParts(
          seat,
          settings,
          modelOfOthers(seat, () => make(seat)),
        ),
      ),
  };
}

export const nashFrequency = nashSeeking(
  "nash-frequency",
  "learns what the other wants by what it offers often, and seeks what is best for both",
  ({ space }) => new FrequencyModel(space),
);

export const nashBayesian = nashSeeking(
  "nash-bayesian",
  "learns what the other wants by Bayes' rule, and seeks what is best for both",
  ({ space }) => new BayesianModel(space),
);
