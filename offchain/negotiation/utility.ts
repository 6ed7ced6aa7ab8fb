import type { Issue, Outcome } from "../terms/issue-space.ts";

/** What each value of one issue is worth: a figure for each, or straight lines between points. */
export type Worth =
  | { readonly kind: "table"; readonly first: number; readonly table: Float64Array }
  | { readonly kind: "lines"; readonly points: readonly Point[] };

/** A number that may be agreed on, and what it is worth. */
export type Point = readonly [value: number, worth: number];

/** Worth that depends on several issues at once: added where all of them have a value that is named. */
export interface Rule {
  /** By the issue's place: the least and the greatest value. */
  readonly when: ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>;
  readonly adds: number;
}

/**
 * What outcomes are worth to one party: the weighted sum of what each issue's value is worth, and what rules add to that. Sums run in
 * the order of the issues, so that equal outcomes are equal to the last bit wherever they are computed.
 */
export class Utility {
  readonly weights: readonly number[];
  readonly worths: readonly Worth[];
  readonly rules: readonly Rule[];

  constructor(weights: readonly number[], worths: readonly Worth[], rules: readonly Rule[] = []) {
    this.weights = weights;
    this.worths = worths;
    this.rules = rules;
  }

  of(outcome: Outcome): number {
    let sum = 0;
    for (let index = 0; index < this.worths.length; index++) sum += this.part(index, outcome[index] ?? 0);
    for (const rule of this.rules) if (applies(rule, outcome)) sum += rule.adds;
    return sum;
  }

  /** What one issue's value adds to the sum. */
  part(index: number, value: number): number {
    const worth = this.worths[index];
    if (worth === undefined) return 0;
    const weight = this.weights[index] ?? 0;
    return weight * (worth.kind === "table" ? (worth.table[value - worth.first] ?? 0) : between(worth.points, value));
  }
}

function applies({ when }: Rule, outcome: Outcome): boolean {
  for (const [index, ranges] of when) {
    const value = outcome[index] ?? Number.NaN;
    if (!ranges.some(([from, to]) => value >= from && value <= to)) return false;
  }
  return true;
}

/** On straight lines between points, and level beyond the first and the last. */
function between(points: readonly Point[], value: number): number {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (value <= first[0]) return first[1];
  if (value >= last[0]) return last[1];
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) <= value) low = middle;
    else high = middle;
  }
  const [x0, y0] = points[low] ?? first;
  const [x1, y1] = points[high] ?? last;
  return y0 + ((y1 - y0) * (value - x0)) / (x1 - x0);
}

/** The values of an issue among which its worth is highest and lowest, and between which it runs straight. */
export function corners(issue: Issue, worth: Worth): number[] {
  if (worth.kind === "table") return Array.from(worth.table, (_, index) => worth.first + index);
  if (issue.kind === "discrete") return issue.values.map((_, index) => index);
  const inside = worth.points.map(([value]) => value).filter((value) => value > issue.from && value < issue.to);
  const all = [issue.from, ...inside, issue.to];
  if (issue.kind === "continuous") return all;
  return [...new Set(all.flatMap((value) => [Math.floor(value), Math.ceil(value)]))];
}
