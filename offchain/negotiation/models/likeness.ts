import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import type { OpponentModel } from "./model.ts";

/** How much less each offer counts than the one before it: a side begins with what it wants most. */
const FADING = 0.9;

/**
 * Takes an outcome to be worth as much to the other as it is like what the other offered, above all at first. An issue counts the more
 * the less often the other changed it. A rough guess that needs no assumption of how the other concedes.
 */
export class Likeness implements OpponentModel {
  readonly #space: IssueSpace;
  /** For each issue, how often each value was offered, faded; of a range, the values' faded sum stands under 0. */
  readonly #seen: readonly Map<number, number>[];
  readonly #changes: number[];
  #last: Outcome | null = null;
  #weight = 1;
  #sum = 0;

  constructor(space: IssueSpace) {
    this.#space = space;
    this.#seen = space.issues.map(() => new Map());
    this.#changes = space.issues.map(() => 0);
  }

  hear(offer: Outcome): void {
    for (const [index, { kind }] of this.#space.issues.entries()) {
      const value = offer[index] ?? 0;
      const seen = this.#seen[index];
      const [key, count] = kind === "discrete" ? [value, 1] : [0, value];
      seen?.set(key, (seen.get(key) ?? 0) + this.#weight * count);
      if (this.#last !== null && this.#last[index] !== value) this.#changes[index] = (this.#changes[index] ?? 0) + 1;
    }
    this.#sum += this.#weight;
    this.#weight *= FADING;
    this.#last = offer;
  }

  of(outcome: Outcome): number {
    let [sum, weights] = [0, 0];
    for (let index = 0; index < this.#changes.length; index++) {
      const weight = 1 / (1 + (this.#changes[index] ?? 0));
      sum += weight * this.#part(index, outcome[index] ?? 0);
      weights += weight;
    }
    return weights === 0 ? 0 : sum / weights;
  }

  #part(index: number, value: number): number {
    const issue = this.#space.issues[index];
    const seen = this.#seen[index];
    if (issue === undefined || seen === undefined || this.#sum === 0) return 0;
    if (issue.kind === "discrete") return (seen.get(value) ?? 0) / Math.max(...seen.values());
    const width = issue.to - issue.from;
    return width === 0 ? 1 : 1 - Math.abs(value - (seen.get(0) ?? 0) / this.#sum) / width;
  }
}
