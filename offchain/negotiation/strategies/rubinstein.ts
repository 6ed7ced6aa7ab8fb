import { reaches } from "../analysis/precision.ts";
import type { Moment, Move } from "../move.ts";
import type { Party } from "../scenario.ts";
import type { Bargainer, Seat } from "../strategy.ts";
import { knowingSides } from "./all-known.ts";
import { format } from "./composed.ts";
import { type ContractCurve, contractCurveOf } from "./contract-curve.ts";
import { bad, type Kind } from "./parameters.ts";

/**
 * The equilibrium of Rubinstein's game with a deadline, for sides who know all (protocols/rubinstein.ts). Thought through from the end:
 * in the last round the one who answers takes whatever is no worse than no deal; in each round before, whatever is worth no less than
 * what it gets by refusing, a round later. So whoever offers picks what is best for itself among what the other takes, on the frontier
 * of all issues together, and is taken at once. Only where outcomes are worth less than nothing, so that time makes them better, may it
 * be better to be refused; then it offers its best.
 *
 * What is agreed in round t of T (from 0) is worth discount^((t + 1) / T) of itself, see `discounted`, and so is no deal when somebody
 * walks away. So a round costs each side the factor discount^(1 / T).
 */
export const rubinsteinEquilibrium: Kind = {
  about:
    "for sides who know all and to whom time costs: offers what the other is just better off to take, and takes as much",
  open: true,
  parameters: {},
  make: () => ({ name: "rubinstein", sit: (seat) => new Equilibrium(seat) }),
};

/** What is right in a round. */
interface Plan {
  /** Where on the frontier the offer of this round is. */
  readonly place: number;
  /** What an offer of this round has to be worth to the one who answers. */
  readonly least: number;
  /** Whether the one who answers would rather have no deal now than what comes of refusing. */
  readonly walks: boolean;
}

class Equilibrium implements Bargainer {
  readonly #seat: Seat;
  readonly #parties: readonly [Party, Party];
  readonly #curve: ContractCurve;
  #plans: readonly Plan[] | null = null;
  #why = "has not moved yet";

  /** Throws `BadStrategy` where `knowingSides` does. */
  constructor(seat: Seat) {
    this.#seat = seat;
    this.#parties = knowingSides("rubinstein", seat);
    this.#curve = contractCurveOf(seat.space, this.#parties);
  }

  /** What was offered stands in the moment. */
  hear(): void {}

  why(): string {
    return this.#why;
  }

  speak({ round, rounds, offered, mayOffer }: Moment): Move {
    this.#plans ??= this.#think(rounds);
    const { utility, reservation } = this.#seat.party;
    if (offered !== null) {
      const theirs = utility.of(offered);
      const { least = 0, walks = true } = this.#plans[mayOffer ? round - 1 : round] ?? {};
      // What refusing leaves has been through many products, and may be the last bit below no deal.
      if (reaches(theirs, least) && reaches(theirs, reservation)) {
        this.#why = `${format(theirs)} is no less than the ${format(least)} of refusing`;
        return { say: "accept" };
      }
      if (walks || !mayOffer) {
        this.#why = `${format(theirs)} is less than the ${format(least)} of no deal`;
        return { say: "end" };
      }
    }
    const outcome = this.#curve.outcomes[this.#plans[round]?.place ?? 0];
    if (outcome === undefined) {
      this.#why = "nothing leaves neither side less than no deal";
      return { say: "end" };
    }
    this.#why = `${format(utility.of(outcome))} is the most it can have in round ${round + 1}, or by being refused in it`;
    return { say: "offer", outcome };
  }

  /** Backwards from the last round, in which to refuse is to have no deal. */
  #think(rounds: number): readonly Plan[] {
    if (rounds === Number.POSITIVE_INFINITY)
      throw bad("rounds", "rubinstein needs a deadline in rounds to reckon from");
    const factors = this.#parties.map(({ discount }) => discount ** (1 / rounds));
    const plans = new Array<Plan>(rounds);
    /** What each has if this round's offer is refused, and the round after it, if there is one, is played. */
    let later: readonly number[] | null = null;
    for (let round = rounds - 1; round >= 0; round--) {
      const [proposer, responder] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      const none = this.#parties.map(({ reservation }) => reservation);
      const walks: boolean = later === null || !reaches(later[responder] ?? 0, none[responder] ?? 0);
      const refused: readonly number[] = walks ? none : (later ?? none);
      const least = refused[responder] ?? 0;
      const best = this.#bestOf(proposer, least);
      const taken = best !== null && reaches(this.#worth(proposer, best), refused[proposer] ?? 0);
      const place = taken ? best : proposer === 0 ? 0 : this.#curve.outcomes.length - 1;
      plans[round] = { place, least, walks };
      const reached = taken ? [this.#worth(0, best), this.#worth(1, best)] : refused;
      later = reached.map((utility, party) => utility * (factors[party] ?? 1));
    }
    return plans;
  }

  /** The place that is best for who offers among those worth so much to who answers; null if none is. */
  #bestOf(proposer: 0 | 1, least: number): number | null {
    const { length } = this.#curve.outcomes;
    const responder = proposer === 0 ? 1 : 0;
    // Seen from the proposer's best, what a place is worth to the other rises.
    const placeAt = (step: number) => (proposer === 0 ? step : length - 1 - step);
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reaches(this.#worth(responder, placeAt(middle)), least)) high = middle;
      else low = middle + 1;
    }
    return low === length ? null : placeAt(low);
  }

  #worth(party: 0 | 1, place: number): number {
    return this.#curve.utilities[party][place] ?? Number.NEGATIVE_INFINITY;
  }
}
