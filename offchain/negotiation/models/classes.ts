import type { Issue, IssueSpace } from "../../terms/issue-space.ts";

/** Into how many parts a range of numbers is cut. */
const PARTS = 16;

/**
 * The values of an issue in few enough classes to count: each value of a discrete issue by itself, and numbers by the part of the range
 * in which they are. Neighbouring classes of numbers are alike, those of discrete values need not be.
 */
export class Classes {
  readonly count: number;
  readonly numeric: boolean;
  readonly #from: number;
  readonly #width: number;

  constructor(issue: Issue, space: IssueSpace, index: number) {
    const values = space.countOf(index);
    this.numeric = issue.kind !== "discrete";
    this.count = this.numeric ? Math.min(values, PARTS) : values;
    this.#from = space.firstOf(index);
    this.#width = issue.kind === "continuous" ? issue.to - issue.from : values - 1;
  }

  of(value: number): number {
    if (!this.numeric) return value;
    const share = this.#width > 0 ? (value - this.#from) / this.#width : 0;
    return Math.min(this.count - 1, Math.max(0, Math.round(share * (this.count - 1))));
  }
}

export function classesOf(space: IssueSpace): Classes[] {
  return space.issues.map((issue, index) => new Classes(issue, space, index));
}
