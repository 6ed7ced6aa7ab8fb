import { reaches } from "../analysis/precision.ts";
import type { Party } from "../scenario.ts";
import type { ContractCurve, CurvePlace } from "./contract-curve.ts";
import { type Both, both } from "./pieces.ts";

/** What is right in a round. */
export interface Plan {
  /** Where on the curve the offer of this round is, and whether that is taken. */
  readonly place: CurvePlace;
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

/** How often the stationary plans are corrected: halving an interval as often leaves nothing of it. */
const CORRECTIONS = 200;

/**
 * What is right in the first one's rounds and in the second one's, if there is no last round: the same each time. Each offers what leaves
 * the other just what that can have by refusing, which is what it gets by its own offer a round later. What the second can have decides
 * what the first offers, that what the first can have, that what the second offers, and that what the second can have. The more it is
 * at the beginning, the more it is at the end, so the figure that is the same again is found by halving; over a pie, that is the closed
 * form (`sharesForever`). Where several are the same again, which happens between outcomes that are far apart, it is one of them.
 *
 * To wait for ever is worth nothing, so nobody takes less than that. `factors` must not both be 1: nothing would say how they share.
 */
export function plansForever({ curve, parties, factors }: Game): Both<Plan> {
  const least = both(parties, ({ reservation }) => Math.max(0, reservation));
  const most = curve.placeLeaving(0, least[0]);
  if (most === null || !reaches(curve.worth(1, most), least[1])) {
    const refused = (me: 0 | 1): Plan => ({
      place: curve.bestFor(me),
      taken: false,
      least: least[1 - me] ?? 0,
      walks: false,
    });
    return [refused(0), refused(1)];
  }
  let [low, high] = [least[1], curve.worth(1, most)];
  for (let time = 0; time < CORRECTIONS && low < high; time++) {
    const middle = low + (high - low) / 2;
    const again = answered(middle).again;
    if (again >= middle) low = again;
    if (again <= middle) high = again;
  }
  const { first, second, asked, again } = answered(low);
  const walks = (me: 0 | 1, place: CurvePlace) =>
    !reaches(curve.worth(me, place) * factors[me], parties[me].reservation);
  return [
    { place: first, taken: true, least: again, walks: walks(1, second) },
    { place: second, taken: true, least: asked, walks: walks(0, first) },
  ];

  /** What follows if the second takes no less than so much: both offers, what the first takes, and what the second can have then. */
  function answered(wanted: number) {
    const first = curve.placeLeaving(1, wanted) ?? curve.bestFor(1);
    const asked = Math.max(least[0], curve.worth(0, first) * factors[0]);
    const second = curve.placeLeaving(0, asked) ?? curve.bestFor(0);
    return { first, second, asked, again: Math.max(least[1], curve.worth(1, second) * factors[1]) };
  }
}
