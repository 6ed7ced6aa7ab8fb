import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { Party } from "../scenario.ts";
import type { Seat } from "../strategy.ts";
import type { ContractCurve } from "./contract-curve.ts";
import { findContractCurve } from "./find-contract-curve.ts";
import { bad } from "./parameters.ts";

/** The two at a table where both know what both want. Throws `BadStrategy` at any other. */
export function knowingSides(name: string, { all }: Seat): readonly [Party, Party] {
  const [first, second, third] = all ?? [];
  if (first === undefined || second === undefined || third !== undefined) {
    throw bad("strategy", `${name} is for two who know what both want, as under monotonic-concession or rubinstein`);
  }
  return [first, second];
}

/** What has been found for those who sit at a table, as long as somebody knows them. */
const found = new WeakMap<readonly Party[], { readonly space: IssueSpace; readonly curve: ContractCurve }>();

/**
 * The contract curve of the two at a table. It takes a while to find, so both seats have the same one, and whoever sits there again.
 * Throws `BadStrategy` where `knowingSides` does.
 */
export function curveAt(name: string, seat: Seat): ContractCurve {
  const parties = knowingSides(name, seat);
  const known = found.get(seat.all ?? parties);
  if (known?.space === seat.space) return known.curve;
  const curve = findContractCurve(seat.space, parties);
  found.set(seat.all ?? parties, { space: seat.space, curve });
  return curve;
}

/** The curve in points as one of the two sees it: from its own best, place 0, to the other's. */
export class View {
  readonly me: Party;
  readonly other: Party;
  readonly count: number;
  readonly #curve: ContractCurve;
  readonly #isFirst: boolean;

  /** Throws `BadStrategy` where `knowingSides` does. */
  constructor(name: string, seat: Seat) {
    const [first, second] = knowingSides(name, seat);
    this.#isFirst = seat.me === 0;
    [this.me, this.other] = this.#isFirst ? [first, second] : [second, first];
    this.#curve = curveAt(name, seat).inPoints;
    this.count = this.#curve.count;
  }

  at(place: number): Outcome {
    return this.#curve.at({ corner: this.#corner(place), share: 0 });
  }

  /** What a place is worth to oneself, and to the other. */
  mine(place: number): number {
    return this.#curve.worths[this.#isFirst ? 0 : 1][this.#corner(place)] ?? Number.NEGATIVE_INFINITY;
  }

  theirs(place: number): number {
    return this.#curve.worths[this.#isFirst ? 1 : 0][this.#corner(place)] ?? Number.NEGATIVE_INFINITY;
  }

  /** Both gains over no deal, multiplied; an outcome's of less than that counts as none. */
  product(place: number): number {
    return productOf(this.mine(place) - this.me.reservation, this.theirs(place) - this.other.reservation);
  }

  productOf(outcome: Outcome): number {
    const gain = ({ utility, reservation }: Party) => utility.of(outcome) - reservation;
    return productOf(gain(this.me), gain(this.other));
  }

  #corner(place: number): number {
    return this.#isFirst ? place : this.count - 1 - place;
  }
}

function productOf(mine: number, theirs: number): number {
  return Math.max(0, mine) * Math.max(0, theirs);
}
