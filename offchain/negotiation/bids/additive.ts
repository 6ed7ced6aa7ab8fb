import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { Utility } from "../utility.ts";
import type { Bids } from "./bids.ts";
import { type Flexible, flexibleOf } from "./flexible.ts";
import { type Half, parted } from "./half.ts";

/** Sums in another order differ in their last bits. */
const ROUNDING = 1e-15;
/** How far above a target is looked, one after the other, and how many sums that hardly differ are tried. */
const MARGINS = [0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-9];
const MOST_TRIED = 256;

/** Multiples of these, less their whole part, fill an interval evenly however many are taken. */
const STRIDES = [0.618_033_988_749_895, 0.754_877_666_246_693, 0.569_840_290_998_053] as const;

/**
 * The outcomes of a space that has too many to list, for a utility that is a sum over issues. The issues of a few values are parted into
 * two halves; whatever sum is asked for is found by walking up one half and down the other. Issues of numbers then make up the
 * difference by the inverse of what they are worth, continuous ones exactly.
 */
export class AdditiveBids implements Bids {
  readonly ranked = null;
  readonly best: Outcome;
  readonly highest: number;
  readonly lowest: number;
  readonly #space: IssueSpace;
  readonly #utility: Utility;
  readonly #halves: readonly [Half, Half];
  readonly #flexible: readonly Flexible[];
  /** What the flexible issues add together, at the least and at the most. */
  readonly #least: number;
  readonly #most: number;

  constructor(space: IssueSpace, utility: Utility) {
    this.#space = space;
    this.#utility = utility;
    this.#flexible = flexibleOf(space, utility);
    const isFlexible = new Set(this.#flexible.map(({ index }) => index));
    const others = space.issues.map((_, index) => index).filter((index) => !isFlexible.has(index));
    this.#halves = parted(space, utility, others);
    this.#least = this.#flexible.reduce((sum, { least }) => sum + least, 0);
    this.#most = this.#flexible.reduce((sum, { most }) => sum + most, 0);
    const [up, down] = this.#halves;
    this.best = this.#join(up.sums.length - 1, down.sums.length - 1, this.#most);
    this.highest = utility.of(this.best);
    this.lowest = utility.of(this.#join(0, 0, this.#least));
  }

  atLeast(target: number): Outcome {
    if (target >= this.highest) return this.best;
    const aim = Math.max(target, this.lowest);
    const scale = Math.max(1, Math.abs(aim));
    const isEnough = (outcome: Outcome | null) => outcome !== null && this.#utility.of(outcome) >= target;
    const first = this.#above(aim - ROUNDING * scale);
    if (first !== null && isEnough(first)) return first;
    const close = this.#close(aim, 4 * ROUNDING * scale).find(isEnough);
    if (close !== undefined) return close;
    for (const margin of MARGINS) {
      const outcome = this.#above(aim + margin * scale);
      if (outcome !== null && isEnough(outcome)) return outcome;
    }
    return this.best;
  }

  among(low: number, high: number, count: number): readonly Outcome[] {
    const [from, to] = [Math.max(low, this.lowest), Math.min(high, this.highest)];
    const found = new Map<string, { outcome: Outcome; utility: number }>();
    for (let draw = 0; draw < 4 * count && found.size < count && from <= to; draw++) {
      const outcome = this.#draw(from, to, draw);
      const utility = this.#utility.of(outcome);
      if (utility >= low && utility <= high) found.set(outcome.join(), { outcome, utility });
    }
    if (found.size === 0) return [this.atLeast(low)];
    return [...found.values()].sort((a, b) => b.utility - a.utility).map(({ outcome }) => outcome);
  }

  /** The outcome whose computed sum is the target, or else as little more as there is; null if none is. */
  #above(target: number): Outcome | null {
    const [up, down] = this.#halves;
    const rounding = 2 * ROUNDING * Math.max(1, Math.abs(target));
    const [low, high] = [target - this.#most - rounding, target - this.#least];
    // Where the flexible issues can make up for it, the others concede as far as these do.
    const share = this.highest > this.lowest ? (target - this.lowest) / (this.highest - this.lowest) : 0;
    const even = up.least + down.least + share * (up.most + down.most - up.least - down.least);
    const exact = this.#most > this.#least ? this.#pair(Math.min(high, Math.max(low, even)), low, high) : null;
    if (exact !== null) return this.#join(exact.i, exact.j, target - exact.sum);
    const over = this.#pair(high, high, Number.POSITIVE_INFINITY);
    return over === null ? null : this.#join(over.i, over.j, this.#least);
  }

  /** Outcomes, their flexible issues at the least, that only rounding tells from the target. */
  #close(target: number, rounding: number): Outcome[] {
    const [up, down] = [this.#halves[0].sums, this.#halves[1].sums];
    const found: Outcome[] = [];
    let first = down.length;
    for (let i = 0; i < up.length; i++) {
      const rest = target - this.#least - (up[i] ?? 0);
      while (first > 0 && (down[first - 1] ?? 0) >= rest - rounding) first -= 1;
      for (let j = first; j < down.length && (down[j] ?? 0) <= rest + rounding; j++) {
        found.push(this.#join(i, j, this.#least));
        if (found.length === MOST_TRIED) return found;
      }
    }
    return found;
  }

  /** Of the sums of both halves from `low` to `high`, the one nearest to a wish. */
  #pair(wish: number, low: number, high: number): { i: number; j: number; sum: number } | null {
    const [up, down] = [this.#halves[0].sums, this.#halves[1].sums];
    let [bestI, bestJ, bestSum] = [-1, -1, 0];
    let nearest = Number.POSITIVE_INFINITY;
    let j = down.length;
    for (let i = 0; i < up.length; i++) {
      const base = up[i] ?? 0;
      while (j > 0 && base + (down[j - 1] ?? 0) >= wish) j -= 1;
      // The first sum that reaches the wish, and the last that doesn't.
      for (let other = Math.max(0, j - 1); other <= j && other < down.length; other++) {
        const sum = base + (down[other] ?? 0);
        const distance = Math.abs(sum - wish);
        if (distance < nearest && sum >= low && sum <= high)
          [nearest, bestI, bestJ, bestSum] = [distance, i, other, sum];
      }
    }
    return bestI < 0 ? null : { i: bestI, j: bestJ, sum: bestSum };
  }

  /** An outcome worth about something from `low` to `high`; another one with each draw. */
  #draw(low: number, high: number, draw: number): Outcome {
    const [first, second, third] = STRIDES.map((stride) => ((draw + 1) * stride) % 1) as [number, number, number];
    const [up, down] = this.#halves;
    const target = low + (high - low) * first;
    // The combinations of the one half that the rest can complete to the target.
    const begin = Math.min(up.sums.length - 1, up.firstAtLeast(target - down.most - this.#most));
    const end = Math.max(begin + 1, up.firstAtLeast(target - down.least - this.#least));
    const i = begin + Math.floor(second * (end - begin));
    const rest = target - (up.sums[i] ?? 0);
    const flexed = this.#least + (this.#most - this.#least) * third;
    const after = Math.min(down.sums.length - 1, down.firstAtLeast(rest - flexed));
    const before = Math.max(0, after - 1);
    const off = (place: number) => Math.abs((down.sums[place] ?? 0) + flexed - rest);
    const j = off(before) < off(after) ? before : after;
    return this.#join(i, j, rest - (down.sums[j] ?? 0));
  }

  /** A combination of each half, the flexible issues adding so much together, each the same share of what it can. */
  #join(i: number, j: number, flexed: number): Outcome {
    const outcome = new Array<number>(this.#space.issues.length).fill(0);
    this.#halves[0].write(i, outcome);
    this.#halves[1].write(j, outcome);
    const room = this.#most - this.#least;
    const share = room > 0 ? Math.min(1, Math.max(0, (flexed - this.#least) / room)) : 1;
    let missing = 0;
    for (const issue of this.#flexible) {
      const { index, least, most } = issue;
      const wanted = (share === 1 ? most : least + share * (most - least)) + missing;
      const value = issue.valueFor(wanted);
      outcome[index] = value;
      missing = wanted - this.#utility.part(index, value);
    }
    return outcome;
  }
}
