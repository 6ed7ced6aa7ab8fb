import type { IssueSpace } from "../../terms/issue-space.ts";
import type { Utility } from "../utility.ts";

/** How many combinations of a half are kept, and how many values of a long issue. */
const MOST_KEPT = 8_192;
const MOST_VALUES = 1_024;

/** Some issues' values together, by what they add to the utility, rising. Of too many, those that are spread evenly over what they add. */
export class Half {
  /** Rising. */
  readonly sums: Float64Array;
  readonly #issues: readonly number[];
  /** The values, one for each issue, combination after combination. */
  readonly #values: Float64Array;

  constructor(space: IssueSpace, utility: Utility, issues: readonly number[]) {
    this.#issues = issues;
    let all: Combinations = { sums: Float64Array.of(0), values: new Float64Array(0), width: 0 };
    for (const index of issues)
      all = extended(all, valuesOf(space, utility, index), (value) => utility.part(index, value));
    this.sums = all.sums;
    this.#values = all.values;
  }

  get least(): number {
    return this.sums[0] ?? 0;
  }

  get most(): number {
    return this.sums.at(-1) ?? 0;
  }

  /** Writes the values of the combination at a place into an outcome. */
  write(place: number, outcome: number[]): void {
    const { length } = this.#issues;
    for (const [offset, issue] of this.#issues.entries()) outcome[issue] = this.#values[place * length + offset] ?? 0;
  }

  /** The place of the first combination that adds at least so much; behind the last if none does. */
  firstAtLeast(sum: number): number {
    let low = 0;
    let high = this.sums.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.sums[middle] ?? 0) >= sum) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Parts issues so that neither half has many more combinations than the other. */
export function parted(space: IssueSpace, utility: Utility, issues: readonly number[]): [Half, Half] {
  const falling = [...issues].sort((a, b) => space.countOf(b) - space.countOf(a));
  const sides: [number[], number[]] = [[], []];
  const sizes: [number, number] = [1, 1];
  for (const issue of falling) {
    const side = sizes[0] <= sizes[1] ? 0 : 1;
    sides[side].push(issue);
    sizes[side] *= space.countOf(issue);
  }
  return [new Half(space, utility, sides[0]), new Half(space, utility, sides[1])];
}

interface Combinations {
  readonly sums: Float64Array;
  readonly values: Float64Array;
  readonly width: number;
}

/** Each combination with each value of one more issue. */
function extended(
  { sums, values, width }: Combinations,
  more: readonly number[],
  worth: (value: number) => number,
): Combinations {
  const parts = Float64Array.from(more, worth);
  const count = sums.length * parts.length;
  const sumAt = (id: number) => (sums[Math.floor(id / parts.length)] ?? 0) + (parts[id % parts.length] ?? 0);
  const kept = spread(count, sumAt, MOST_KEPT);
  const next = new Float64Array(kept.length * (width + 1));
  for (let place = 0; place < kept.length; place++) {
    const from = Math.floor((kept[place] ?? 0) / parts.length) * width;
    next.set(values.subarray(from, from + width), place * (width + 1));
    next[place * (width + 1) + width] = more[(kept[place] ?? 0) % parts.length] ?? 0;
  }
  return { sums: Float64Array.from(kept, sumAt), values: next, width: width + 1 };
}

/** All values of an issue, or of a long one those that are spread evenly over what they are worth. */
function valuesOf(space: IssueSpace, utility: Utility, index: number): number[] {
  const first = space.firstOf(index);
  const kept = spread(space.countOf(index), (place) => utility.part(index, first + place), MOST_VALUES);
  return Array.from(kept, (place) => first + place);
}

/**
 * The places of figures, rising by them; of more than `most`, at most one from each of so many equal steps between the least and the
 * greatest, which are kept themselves.
 */
function spread(count: number, figure: (place: number) => number, most: number): Uint32Array {
  const chosen =
    count <= most ? Uint32Array.from({ length: count }, (_, place) => place) : oneOfEach(count, figure, most);
  const figures = new Map(Array.from(chosen, (place) => [place, figure(place)]));
  return chosen.sort((a, b) => (figures.get(a) ?? 0) - (figures.get(b) ?? 0) || a - b);
}

function oneOfEach(count: number, figure: (place: number) => number, most: number): Uint32Array {
  let [least, greatest] = [0, 0];
  for (let place = 1; place < count; place++) {
    if (figure(place) < figure(least)) least = place;
    if (figure(place) > figure(greatest)) greatest = place;
  }
  const [low, high] = [figure(least), figure(greatest)];
  const steps = most - 2;
  const chosen = new Map<number, number>();
  for (let place = 0; place < count && high > low; place++) {
    const step = Math.floor(((figure(place) - low) / (high - low)) * steps);
    if (!chosen.has(step)) chosen.set(step, place);
  }
  return Uint32Array.from(new Set([least, ...chosen.values(), greatest]));
}
