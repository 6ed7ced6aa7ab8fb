import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";
import { type Classes, classesOf } from "./classes.ts";
import type { OpponentModel } from "./model.ts";

/** How much less is learnt from an offer at the deadline than from the first. */
const FADING = 0.8;

/** Counts are flattened: what is offered ten times as often is not worth ten times as much. */
const FLATTENED = 0.25;

/** How fast an issue gains weight by not being changed, in shares of what issues weigh at first. */
const GAIN = 0.3;

/**
 * Takes what is offered often to be worth much, and an issue whose value rarely changes to weigh much, as the model of the agent Smith
 * (van Galen Last 2012) and of HardHeaded do. Early offers tell more than late ones, which somebody makes who has to.
 */
export class FrequencyModel implements OpponentModel {
  readonly #classes: readonly Classes[];
  /** By issue and class. */
  readonly #counts: readonly Float64Array[];
  readonly #highest: Float64Array;
  readonly #weights: Float64Array;
  #last: Outcome | null = null;

  constructor(space: IssueSpace) {
    this.#classes = classesOf(space);
    this.#counts = this.#classes.map(({ count }) => new Float64Array(count));
    this.#highest = new Float64Array(this.#classes.length);
    this.#weights = new Float64Array(this.#classes.length).fill(1 / this.#classes.length);
  }

  hear(offer: Outcome, _by: number, { time }: Moment): void {
    const tells = 1 - FADING * time;
    const last = this.#last;
    for (let index = 0; index < this.#classes.length; index++) {
      this.#count(index, this.#classOf(index, offer), tells);
      if (last === null || this.#classOf(index, last) !== this.#classOf(index, offer)) continue;
      this.#weights[index] = (this.#weights[index] ?? 0) + (GAIN * tells) / this.#classes.length;
    }
    const sum = this.#weights.reduce((total, weight) => total + weight, 0);
    for (let index = 0; index < this.#weights.length; index++) this.#weights[index] = (this.#weights[index] ?? 0) / sum;
    this.#last = offer;
  }

  of(outcome: Outcome): number {
    let sum = 0;
    for (let index = 0; index < this.#classes.length; index++) {
      sum += (this.#weights[index] ?? 0) * this.worthOf(index, outcome[index] ?? 0);
    }
    return sum;
  }

  /** How much an issue is taken to weigh. */
  weightOf(index: number): number {
    return this.#weights[index] ?? 0;
  }

  /** What a value of an issue is taken to be worth beside the issue's others, from 0 to 1. */
  worthOf(index: number, value: number): number {
    const count = this.#counts[index]?.[this.#classes[index]?.of(value) ?? 0] ?? 0;
    return ((1 + count) / (1 + (this.#highest[index] ?? 0))) ** FLATTENED;
  }

  #classOf(index: number, outcome: Outcome): number {
    return this.#classes[index]?.of(outcome[index] ?? 0) ?? 0;
  }

  #count(index: number, place: number, tells: number): void {
    const counts = this.#counts[index] ?? new Float64Array();
    const add = (at: number, much: number): void => {
      if (at < 0 || at >= counts.length) return;
      counts[at] = (counts[at] ?? 0) + much;
      this.#highest[index] = Math.max(this.#highest[index] ?? 0, counts[at] ?? 0);
    };
    if (this.#classes[index]?.numeric !== true) {
      add(place, tells);
      return;
    }
    // Of numbers, what is nearer to what was offered is worth more.
    const reach = Math.max(1, counts.length - 1);
    for (let at = 0; at < counts.length; at++) add(at, tells * Math.max(0, 1 - Math.abs(at - place) / reach));
  }
}
