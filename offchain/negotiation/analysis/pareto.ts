import type { Outcome } from "../../terms/issue-space.ts";
import { type Scenario, utilitiesOf } from "../scenario.ts";
import { skyline } from "./skyline.ts";
import { sweep } from "./sweep.ts";

/**
 * The outcomes that can't be bettered for one without being worsened for another: as distinct vectors of utilities, falling by the
 * first party's, each with all outcomes that have it. The utilities are those of a vector's first outcome, to the last bit.
 */
export class Frontier {
  /** How many distinct vectors there are. */
  readonly size: number;
  /** How many utilities each has. */
  readonly parties: number;
  readonly #scenario: Scenario;
  /** The outcomes' ids, vector after vector. */
  readonly #ids: Uint32Array;
  /** Where each vector's outcomes begin, and the last one's end. */
  readonly #starts: Uint32Array;
  readonly #utilities: Float64Array;

  /** Of what each outcome is worth to each party, by id, rounding settled (see precision.ts). */
  constructor(scenario: Scenario, columns: readonly Float64Array[]) {
    const [first, second] = columns;
    this.#scenario = scenario;
    this.#ids = columns.length === 2 && first && second ? sweep(first, second) : skyline(columns);
    this.#starts = startsOf(this.#ids, columns);
    this.size = this.#starts.length - 1;
    const parties = columns.length;
    this.parties = parties;
    this.#utilities = new Float64Array(this.size * parties);
    for (let place = 0; place < this.size; place++) {
      const outcome = scenario.space.at(this.#ids[this.#starts[place] ?? 0] ?? 0);
      this.#utilities.set(utilitiesOf(scenario, outcome), place * parties);
    }
  }

  /** What the vector at a place gives each party; a view, not a copy. */
  utilitiesAt(place: number): Float64Array {
    return this.#utilities.subarray(place * this.parties, (place + 1) * this.parties);
  }

  /** What the vector at a place gives one party. */
  utilityAt(place: number, party: number): number {
    return this.#utilities[place * this.parties + party] ?? 0;
  }

  /** All outcomes at a place, made one by one: where all are worth the same, there may be two million. */
  *outcomesAt(place: number): Generator<Outcome, void> {
    const end = this.#starts[place + 1] ?? 0;
    for (let at = this.#starts[place] ?? 0; at < end; at++) yield this.#scenario.space.at(this.#ids[at] ?? 0);
  }
}

/** Where among sorted ids the vectors change. */
function startsOf(ids: Uint32Array, columns: readonly Float64Array[]): Uint32Array {
  const starts = new Uint32Array(ids.length + 1);
  let size = 0;
  for (let place = 0; place < ids.length; place++) {
    const [here, before] = [ids[place] ?? 0, ids[place - 1] ?? 0];
    if (place === 0 || columns.some((column) => column[here] !== column[before])) starts[size++] = place;
  }
  starts[size] = ids.length;
  return starts.slice(0, size + 1);
}
