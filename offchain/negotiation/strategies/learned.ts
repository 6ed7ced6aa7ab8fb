import { FrequencyModel } from "../models/frequency.ts";
import { modelOfOthers } from "../models/others.ts";
import type { Strategy } from "../strategy.ts";
import { Closing } from "./closing.ts";
import { type Accept, compose, type Pick } from "./composed.ts";
import { LEARNED } from "./learned-policy.ts";
import { pickNicest } from "./nicest.ts";
import type { Kind, Settings } from "./parameters.ts";
import { LearnedAim, type Policy } from "./policy.ts";
import { isLastOffer } from "./seat.ts";
import { CLOCK } from "./time-dependent.ts";

/** A strategy that asks for what a policy says. */
export function byPolicy(name: string, policy: Policy, settings: Settings = {}): Strategy {
  return compose(name, settings, (seat) => {
    const model = modelOfOthers(seat, () => new FrequencyModel(seat.space));
    const aim = new LearnedAim(seat, model, policy);
    const closing = new Closing(seat, model);
    const nicest = pickNicest(seat, model, policy.band);
    const pick: Pick = (target, moment) =>
      isLastOffer(seat, moment) ? closing.best().outcome : nicest(target, moment);
    const accept: Accept = (theirs, mine, target, { time }) =>
      theirs >= mine || theirs >= target - policy.lenience * time ** 4 * (seat.bids.highest - seat.party.reservation);
    return { aim, pick, accept, listeners: [model, aim, closing] };
  });
}

export const learned: Kind = {
  about: "asks for what training in simulation found best (npm run train)",
  parameters: { reservation: CLOCK.reservation },
  make: (settings) => byPolicy("learned", LEARNED, settings),
};
