import type { Issue, IssueSpace } from "../../terms/issue-space.ts";
import { corners, type Utility } from "../utility.ts";

/** From so many whole numbers on, an issue is treated like a continuous one. */
const MANY = 128;

/** An issue of which a value can be found for whatever it should add to the utility: its worth runs in straight lines. */
export class Flexible {
  readonly index: number;
  /** What its worst and its best value add. */
  readonly least: number;
  readonly most: number;
  /** Whether it has a value for each figure between, and not only one that is near. */
  readonly isExact: boolean;
  readonly #part: (value: number) => number;
  /** The corners from the worst value to the best. */
  readonly #path: readonly number[];

  constructor(issue: Issue, index: number, utility: Utility) {
    this.index = index;
    this.isExact = issue.kind === "continuous";
    this.#part = (value) => utility.part(index, value);
    const worth = utility.worths[index];
    const all = worth === undefined ? [] : corners(issue, worth);
    const parts = all.map(this.#part);
    this.most = parts.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
    this.least = parts.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
    const [worst, best] = [parts.indexOf(this.least), parts.indexOf(this.most)];
    this.#path = worst <= best ? all.slice(worst, best + 1) : all.slice(best, worst + 1).reverse();
  }

  /** The value on the way from the worst to the best that adds so much, or as little more as there is. */
  valueFor(part: number): number {
    let [from, to] = [this.#path[0] ?? 0, this.#path[0] ?? 0];
    for (const corner of this.#path) {
      [from, to] = [to, corner];
      if (this.#part(to) >= part) break;
    }
    const [low, high] = [this.#part(from), this.#part(to)];
    if (!(low < part && part < high)) return part <= low ? from : to;
    const value = from + ((to - from) * (part - low)) / (high - low);
    return this.isExact ? value : this.#whole(value, part, to > from);
  }

  /** The whole number beside a value, on the side on which more is added. */
  #whole(value: number, part: number, rises: boolean): number {
    const near = Math.round(value);
    if (this.#part(near) >= part) return near;
    return rises ? near + 1 : near - 1;
  }
}

/** The issues that are flexible to a party; those that are exact come last, so that they make up for the others. */
export function flexibleOf({ issues }: IssueSpace, utility: Utility): Flexible[] {
  return issues
    .flatMap((issue, index) => (isFlexible(issue, utility, index) ? [new Flexible(issue, index, utility)] : []))
    .sort((a, b) => Number(a.isExact) - Number(b.isExact));
}

function isFlexible(issue: Issue, utility: Utility, index: number): boolean {
  if (issue.kind === "continuous") return true;
  return issue.kind === "integer" && issue.to - issue.from >= MANY && utility.worths[index]?.kind === "lines";
}
