import { reaches } from "../analysis/precision.ts";
import type { Party } from "../scenario.ts";
import type { ContractCurve, Place } from "./contract-curve.ts";
import { type Both, both } from "./pieces.ts";

/** What is right in a round. */
export interface Plan {
  /** Where on the curve the offer of this round is, and whether that is taken. */
  readonly place: Place;
  readonly taken: boolean;
  /** What an offer of this round has to be worth to the one who answers. */
  readonly least: number;
  /** Whether the one who answers would rather have no deal now than what comes of refusing. */
  readonly walks: boolean;
}

/** What the game is about: on a curve that has a corner at least, for two of whose worth so much is left after each round. */
export interface Game {
  readonly curve: ContractCurve;
  readonly parties: Both<Pick<Party, "reservation">>;
  readonly factors: Both<number>;
}

/** Round by round, backwards from the last one, in which to refuse is to have no deal. */
export function plansWithin(rounds: number, { curve, parties, factors }: Game): readonly Plan[] {
  const plans = new Array<Plan>(rounds);
  const none = both(parties, ({ reservation }) => reservation);
  /** What each has if this round's offer is refused, and the round after it, if there is one, is played. */
  let later: Both<number> | null = null;
  for (let round = rounds - 1; round >= 0; round--) {
    const [proposer, responder] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    const walks: boolean = later === null || !reaches(later[responder], none[responder]);
    const refused: Both<number> = walks ? none : (later ?? none);
    const least = refused[responder];
    const best = curve.placeLeaving(responder, least);
    const taken = best !== null && reaches(curve.worth(proposer, best), refused[proposer]);
    plans[round] = { place: taken ? best : curve.bestFor(proposer), taken, least, walks };
    const [one, other] = taken ? [curve.worth(0, best), curve.worth(1, best)] : refused;
    later = [one * factors[0], other * factors[1]];
  }
  return plans;
}
