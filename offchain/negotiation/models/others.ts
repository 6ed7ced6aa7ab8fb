import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import type { OpponentModel } from "./model.ts";

/** One model for each other at the table. With two parties it is the model itself. */
export function modelOfOthers(seat: Pick<Seat, "me" | "parties">, make: () => OpponentModel): OpponentModel {
  return seat.parties === 2 ? make() : new Others(seat, make);
}

class Others implements OpponentModel {
  readonly #models: ReadonlyMap<number, OpponentModel>;

  constructor({ me, parties }: Pick<Seat, "me" | "parties">, make: () => OpponentModel) {
    const others = Array.from({ length: parties }, (_, by) => by).filter((by) => by !== me);
    this.#models = new Map(others.map((by) => [by, make()]));
  }

  hear(offer: Outcome, by: number, moment: Moment): void {
    this.#models.get(by)?.hear(offer, by, moment);
  }

  /** The geometric mean: what is worth nothing to one of them, that one will not take. */
  of(outcome: Outcome): number {
    let product = 1;
    for (const model of this.#models.values()) product *= Math.max(0, model.of(outcome));
    return product ** (1 / this.#models.size);
  }
}
