import { reaches } from "../analysis/precision.ts";
import type { Moment, Move } from "../move.ts";
import type { Party } from "../scenario.ts";
import type { Bargainer, Seat } from "../strategy.ts";
import { curveAt, knowingSides } from "./all-known.ts";
import { format } from "./composed.ts";
import type { ContractCurve } from "./contract-curve.ts";
import { type Plan, plansForever, plansWithin } from "./equilibrium.ts";
import { bad, type Kind } from "./parameters.ts";
import { type Both, both } from "./pieces.ts";

const NAME = "rubinstein";

/**
 * The equilibrium of Rubinstein's game for sides who know all (protocols/rubinstein.ts). With a last round it is thought through from the
 * end: there the one who answers takes whatever is no worse than no deal; in each round before, whatever is worth no less than what it gets
 * by refusing, a round later. So whoever offers picks what is best for itself among what the other takes, on the contract curve of all
 * issues together, and is taken at once. Only where outcomes are worth less than nothing, so that time makes them better, may it be better
 * to be refused; then it offers its best. Without a last round, every round is like the one two rounds before (equilibrium.ts).
 *
 * What is agreed in round t of T (from 0) is worth discount^((t + 1) / T) of itself, see `discounted`, and so is no deal when somebody
 * walks away. So a round costs each side the factor discount^(1 / T). Where rounds have no end, that would be nothing. There the parameter
 * `period` says over how many rounds the discount is spread: the factor is discount^(1 / period), and the discount itself as usual. How
 * the result is discounted in the end is up to the clock.
 */
export const rubinsteinEquilibrium: Kind = {
  about:
    "for sides who know all and to whom time costs: offers what the other is just better off to take, and takes as much",
  open: true,
  parameters: {
    period: {
      least: 1e-3,
      most: 1e9,
      usual: 1,
      about: "where rounds have no end: in how many of them the scenario's discount is lost",
    },
  },
  make: ({ period = 1 }) => ({ name: NAME, sit: (seat) => new Equilibrium(seat, period) }),
};

class Equilibrium implements Bargainer {
  readonly #seat: Seat;
  readonly #period: number;
  readonly #parties: readonly [Party, Party];
  readonly #curve: ContractCurve;
  #plans: readonly Plan[] | null = null;
  #why = "has not moved yet";

  /** Throws `BadStrategy` where `knowingSides` does. */
  constructor(seat: Seat, period: number) {
    this.#seat = seat;
    this.#period = period;
    this.#parties = knowingSides(NAME, seat);
    this.#curve = curveAt(NAME, seat);
  }

  /** What was offered stands in the moment. */
  hear(): void {}

  why(): string {
    return this.#why;
  }

  speak({ round, rounds, offered, mayOffer }: Moment): Move {
    const { utility, reservation } = this.#seat.party;
    const theirs = offered === null ? Number.NEGATIVE_INFINITY : utility.of(offered);
    if (this.#curve.count === 0) {
      this.#why = "nothing leaves neither side less than no deal";
      return { say: reaches(theirs, reservation) ? "accept" : "end" };
    }
    if (offered !== null) {
      const plan = this.#planOf(mayOffer ? round - 1 : round, rounds);
      const least = this.#leastOf(plan);
      if (reaches(theirs, least) && reaches(theirs, reservation)) {
        this.#why = `${format(theirs)} is no less than the ${format(least)} of refusing`;
        return { say: "accept" };
      }
      if (plan.walks || !mayOffer) {
        this.#why = `${format(theirs)} is less than the ${format(least)} of no deal`;
        return { say: "end" };
      }
    }
    const outcome = this.#curve.at(this.#planOf(round, rounds).place);
    this.#why = `${format(utility.of(outcome))} is the most it can have in round ${round + 1}, or by being refused in it`;
    return { say: "offer", outcome };
  }

  #planOf(round: number, rounds: number): Plan {
    this.#plans ??= this.#think(rounds);
    const plan = this.#plans[rounds === Number.POSITIVE_INFINITY ? round % 2 : round];
    if (plan === undefined) throw bad("rounds", `there is no round ${round} of ${rounds}`);
    return plan;
  }

  /** What it takes in a round; no more than what is right to offer there, whose numbers may have been rounded. */
  #leastOf({ place, taken, least }: Plan): number {
    return taken ? Math.min(least, this.#seat.party.utility.of(this.#curve.at(place))) : least;
  }

  #think(rounds: number): readonly Plan[] {
    const isEndless = rounds === Number.POSITIVE_INFINITY;
    const factors: Both<number> = both(
      this.#parties,
      ({ discount }) => discount ** (1 / (isEndless ? this.#period : rounds)),
    );
    const game = { curve: this.#curve, parties: this.#parties, factors };
    if (!isEndless) return plansWithin(rounds, game);
    if (factors[0] * factors[1] < 1) return plansForever(game);
    throw bad("discount", "where rounds have no end and time costs neither anything, nothing says how they share");
  }
}
