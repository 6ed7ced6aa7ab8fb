import { acceptNext, compose, pickLeast } from "./composed.ts";
import { type Kind, RESERVATION } from "./parameters.ts";

/** Offers its best outcome again and again. At the last chance it takes what is no worse than no deal. */
export const hardliner: Kind = {
  about: "never concedes",
  parameters: RESERVATION,
  make: (settings) =>
    compose("hardliner", settings, (seat) => ({
      aim: { at: () => seat.bids.highest, why: () => "never concedes" },
      pick: pickLeast(seat),
      accept: acceptNext,
    })),
};
