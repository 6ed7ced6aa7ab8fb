import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { Utility } from "../utility.ts";
import type { Bids, Ranked } from "./bids.ts";

/** Beyond this the order of all outcomes is not worth its memory; see additive.ts and sampled.ts. */
export const MOST_ENUMERATED = 2_000_000;

/** How many outcomes a bucket holds on average; a short list is sorted fastest. */
const PER_BUCKET = 8;

/**
 * All outcomes of a space by what they are worth to a party, falling; those that are worth the same by their ids. Only as much is
 * sorted as is looked at: the outcomes go into buckets by their utility, and a bucket is sorted when somebody asks for a place in it.
 */
export class EnumeratedBids implements Bids, Ranked {
  readonly count: number;
  readonly highest: number;
  readonly lowest: number;
  readonly #space: IssueSpace;
  readonly #utilities: Float64Array;
  /** The outcomes' ids, bucket after bucket. */
  readonly #ids: Uint32Array;
  /** Where each bucket begins, and the last one ends. */
  readonly #starts: Uint32Array;
  readonly #sorted: Uint8Array;
  readonly #known = new Map<number, Outcome>();

  constructor(space: IssueSpace, utility: Utility) {
    this.#space = space;
    this.count = space.size;
    this.#utilities = utilitiesOfAll(space, utility);
    let [highest, lowest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const one of this.#utilities) {
      if (one > highest) highest = one;
      if (one < lowest) lowest = one;
    }
    [this.highest, this.lowest] = [highest, lowest];
    const buckets = Math.max(1, Math.floor(this.count / PER_BUCKET));
    this.#sorted = new Uint8Array(buckets);
    this.#starts = new Uint32Array(buckets + 1);
    this.#ids = new Uint32Array(this.count);
    this.#distribute();
  }

  /** Counts how many belong into each bucket, then puts each where it belongs. */
  #distribute(): void {
    const [starts, ids, utilities] = [this.#starts, this.#ids, this.#utilities];
    const buckets = new Uint32Array(this.count);
    for (let id = 0; id < buckets.length; id++) {
      const bucket = this.#bucketOf(utilities[id] ?? 0);
      buckets[id] = bucket;
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1;
    }
    for (let bucket = 1; bucket < starts.length; bucket++) {
      starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
    }
    const next = starts.slice();
    for (let id = 0; id < buckets.length; id++) {
      const bucket = buckets[id] ?? 0;
      const place = next[bucket] ?? 0;
      ids[place] = id;
      next[bucket] = place + 1;
    }
  }

  get ranked(): Ranked {
    return this;
  }

  get best(): Outcome {
    return this.at(0);
  }

  at(place: number): Outcome {
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    // Handed out again and again, to strategies of several negotiations.
    const outcome = Object.freeze(this.#space.at(this.#idAt(place)));
    this.#known.set(place, outcome);
    return outcome;
  }

  utilityAt(place: number): number {
    return this.#utilities[this.#idAt(place)] ?? Number.NEGATIVE_INFINITY;
  }

  countAtLeast(target: number): number {
    return this.#countWhile(target, (utility) => utility >= target);
  }

  atLeast(target: number): Outcome {
    return this.at(Math.max(0, this.countAtLeast(target) - 1));
  }

  among(low: number, high: number, count: number): readonly Outcome[] {
    const first = this.#countWhile(high, (utility) => utility > high);
    const end = this.countAtLeast(low);
    if (end <= first) return [this.atLeast(low)];
    const step = Math.max(1, (end - first) / count);
    const chosen: Outcome[] = [];
    for (let place = first; place < end && chosen.length < count; place += step)
      chosen.push(this.at(Math.floor(place)));
    return chosen;
  }

  /** How many come before the first that fails a test of being near enough to the top, whose limit is at `target`. */
  #countWhile(target: number, passes: (utility: number) => boolean): number {
    const bucket = this.#bucketOf(target);
    this.#sort(bucket);
    let low = this.#starts[bucket] ?? 0;
    let high = this.#starts[bucket + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passes(this.#utilities[this.#ids[middle] ?? 0] ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The bucket in which an outcome worth so much is, or would be. */
  #bucketOf(utility: number): number {
    const last = this.#sorted.length - 1;
    const width = this.highest - this.lowest;
    if (!(width > 0) || utility >= this.highest) return utility < this.lowest ? last : 0;
    return Math.min(last, Math.floor(((this.highest - utility) / width) * this.#sorted.length));
  }

  #idAt(place: number): number {
    // The bucket of a place is found by bisection: the starts rise.
    let low = 0;
    let high = this.#sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    this.#sort(low);
    return this.#ids[place] ?? 0;
  }

  #sort(bucket: number): void {
    if (this.#sorted[bucket] === 1) return;
    this.#sorted[bucket] = 1;
    const utilities = this.#utilities;
    this.#ids
      .subarray(this.#starts[bucket], this.#starts[bucket + 1])
      .sort((a, b) => (utilities[b] ?? 0) - (utilities[a] ?? 0) || a - b);
  }
}

/** What every outcome is worth, by its id. */
export function utilitiesOfAll(space: IssueSpace, utility: Utility): Float64Array {
  const utilities = new Float64Array(space.size);
  if (utility.rules.length > 0) {
    for (let id = 0; id < utilities.length; id++) utilities[id] = utility.of(space.at(id));
    return utilities;
  }
  // Issue by issue: the sums of the first issues are those of all outcomes that begin so.
  let sums = Float64Array.of(0);
  for (let index = 0; index < space.issues.length; index++) {
    const parts = Float64Array.from({ length: space.countOf(index) }, (_, value) =>
      utility.part(index, space.firstOf(index) + value),
    );
    const next = new Float64Array(sums.length * parts.length);
    let place = 0;
    for (const sum of sums) for (const part of parts) next[place++] = sum + part;
    sums = next;
  }
  return sums;
}
