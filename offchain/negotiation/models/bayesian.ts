import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";
import { type Classes, classesOf } from "./classes.ts";
import type { OpponentModel } from "./model.ts";

/** What a value may be worth beside the issue's best, and how likely that is before anything is known. */
const WORTHS = [0, 0.25, 0.5, 0.75, 1];

/** How the other is taken to concede: evenly, to such a share of its best at the deadline. It may stray from that by so much. */
const END = 0.5;
const STRAY = 0.15;

/**
 * Bayesian learning of what another wants, in its scalable form (Hindriks and Tykhonov 2008): hypotheses about the rank of each issue's
 * weight and about what its values are worth are judged one by one, by how well they make an offer worth what somebody would ask for
 * at that time who concedes evenly; all else is taken at its expected value meanwhile. So the effort grows with the number of values,
 * not of outcomes. Of numbers the shape is learnt (rising, falling, a peak somewhere), of discrete values each one's worth.
 */
export class BayesianModel implements OpponentModel {
  readonly #issues: readonly IssueBelief[];
  #expectedWeights: number[];

  constructor(space: IssueSpace) {
    const ranks = space.issues.map((_, rank) => rankWeight(rank, space.issues.length));
    this.#issues = classesOf(space).map((classes) => new IssueBelief(classes, ranks));
    this.#expectedWeights = this.#weights();
  }

  hear(offer: Outcome, _by: number, { time }: Moment): void {
    const asked = 1 - (1 - END) * time;
    const believed = this.of(offer);
    for (const [index, issue] of this.#issues.entries()) {
      const weight = this.#expectedWeights[index] ?? 0;
      const worth = issue.worthOf(offer[index] ?? 0);
      issue.learn(offer[index] ?? 0, { asked, rest: believed - weight * worth, weight, worth });
    }
    this.#expectedWeights = this.#weights();
  }

  of(outcome: Outcome): number {
    let sum = 0;
    for (let index = 0; index < this.#issues.length; index++) {
      sum += (this.#expectedWeights[index] ?? 0) * (this.#issues[index]?.worthOf(outcome[index] ?? 0) ?? 0);
    }
    return sum;
  }

  /** How much an issue is taken to weigh. */
  weightOf(index: number): number {
    return this.#expectedWeights[index] ?? 0;
  }

  /** What a value of an issue is taken to be worth beside the issue's best, from 0 to 1. */
  worthOf(index: number, value: number): number {
    return this.#issues[index]?.worthOf(value) ?? 0;
  }

  #weights(): number[] {
    const raw = this.#issues.map(({ weight }) => weight);
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return raw.map((weight) => weight / sum);
  }
}

/** What an issue weighs that is in such a place among so many (Hindriks and Tykhonov: 2 (n - rank) / n (n + 1), from rank 0). */
function rankWeight(rank: number, count: number): number {
  return (2 * (count - rank)) / (count * (count + 1));
}

interface Evidence {
  /** What the offer should be worth to the other. */
  readonly asked: number;
  /** What the offer's other issues are taken to be worth to it. */
  readonly rest: number;
  /** What this issue is taken to weigh, and its value to be worth. */
  readonly weight: number;
  readonly worth: number;
}

/** What is believed about one issue. */
class IssueBelief {
  readonly #classes: Classes;
  readonly #ranks: readonly number[];
  readonly #ofRanks: Float64Array;
  readonly #values: ValueBelief;

  constructor(classes: Classes, ranks: readonly number[]) {
    this.#classes = classes;
    this.#ranks = ranks;
    this.#ofRanks = new Float64Array(ranks.length).fill(1 / ranks.length);
    this.#values = classes.numeric ? new Shapes(classes.count) : new Apart(classes.count);
  }

  get weight(): number {
    return this.#ranks.reduce((sum, weight, rank) => sum + weight * (this.#ofRanks[rank] ?? 0), 0);
  }

  worthOf(value: number): number {
    return this.#values.of(this.#classes.of(value));
  }

  learn(value: number, { asked, rest, weight, worth }: Evidence): void {
    judge(this.#ofRanks, (rank) => rest + (this.#ranks[rank] ?? 0) * worth - asked);
    this.#values.learn(this.#classes.of(value), (supposed) => rest + weight * supposed - asked);
  }
}

/** What is believed about the values of an issue. */
interface ValueBelief {
  of(place: number): number;
  /** `error` is how far an offer with this value is from what it should be worth, if the value is worth what is supposed. */
  learn(place: number, error: (supposed: number) => number): void;
}

/** Each value's worth by itself; those that were never offered stay somewhat below the middle. */
class Apart implements ValueBelief {
  readonly #beliefs: (Float64Array | undefined)[];

  constructor(count: number) {
    this.#beliefs = new Array<Float64Array | undefined>(count);
  }

  of(place: number): number {
    const belief = this.#beliefs[place];
    return belief === undefined ? 0.4 : expected(belief, (which) => WORTHS[which] ?? 0);
  }

  learn(place: number, error: (supposed: number) => number): void {
    this.#beliefs[place] ??= new Float64Array(WORTHS.length).fill(1 / WORTHS.length);
    judge(this.#beliefs[place], (which) => error(WORTHS[which] ?? 0));
  }
}

/** A straight rise or fall, or a peak somewhere between. */
class Shapes implements ValueBelief {
  readonly #count: number;
  readonly #ofPeaks: Float64Array;

  constructor(count: number) {
    this.#count = count;
    this.#ofPeaks = new Float64Array(count).fill(1 / count);
    // Straight shapes have their peaks at the ends, and are what people want of prices.
    if (count > 2) for (const end of [0, count - 1]) this.#ofPeaks[end] = 0.25;
    normalise(this.#ofPeaks);
  }

  of(place: number): number {
    return expected(this.#ofPeaks, (peak) => this.#shape(peak, place));
  }

  learn(place: number, error: (supposed: number) => number): void {
    judge(this.#ofPeaks, (peak) => error(this.#shape(peak, place)));
  }

  #shape(peak: number, place: number): number {
    if (place === peak) return 1;
    const reach = place < peak ? peak : this.#count - 1 - peak;
    return 1 - Math.abs(place - peak) / Math.max(1, reach);
  }
}

/** Bayes: every hypothesis becomes likelier by how small an error it leaves. */
function judge(belief: Float64Array, error: (which: number) => number): void {
  for (let which = 0; which < belief.length; which++) {
    const off = error(which) / STRAY;
    // Never quite zero: what looks impossible now may be what it is.
    belief[which] = Math.max(1e-6, (belief[which] ?? 0) * Math.exp(-0.5 * off * off));
  }
  normalise(belief);
}

function normalise(belief: Float64Array): void {
  const sum = belief.reduce((total, one) => total + one, 0);
  for (let which = 0; which < belief.length; which++) belief[which] = (belief[which] ?? 0) / sum;
}

function expected(belief: Float64Array, value: (which: number) => number): number {
  let sum = 0;
  for (let which = 0; which < belief.length; which++) sum += (belief[which] ?? 0) * value(which);
  return sum;
}
