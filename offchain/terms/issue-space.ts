import { ParleyError } from "../kernel/errors.ts";

/** Something to agree on. */
export type Issue =
  | { readonly kind: "discrete"; readonly name: string; readonly values: readonly string[] }
  /** Every whole number between two, both included. */
  | { readonly kind: "integer"; readonly name: string; readonly from: number; readonly to: number }
  /** Every number between two, both included. */
  | { readonly kind: "continuous"; readonly name: string; readonly from: number; readonly to: number };

/** A value for each issue, in the issues' order: of a discrete issue the index of the value, of another the number itself. */
export type Outcome = readonly number[];

const MOST_ISSUES = 64;
const MOST_VALUES = 1_000_000;

/** Everything that could be agreed on. */
export class IssueSpace {
  readonly issues: readonly Issue[];
  /** How many outcomes there are; infinite with a continuous issue. */
  readonly size: number;
  /** How many values each issue has, and how far apart the ids are of outcomes that differ by one step in it. */
  readonly #counts: readonly number[];
  readonly #strides: readonly number[];

  /** Throws `BadScenario` with the field where the issues make no sense. */
  constructor(issues: readonly Issue[]) {
    checkIssues(issues);
    this.issues = issues;
    this.#counts = issues.map(countOf);
    const strides = new Array<number>(issues.length).fill(1);
    for (let index = issues.length - 2; index >= 0; index--) {
      strides[index] = (strides[index + 1] ?? 1) * (this.#counts[index + 1] ?? 1);
    }
    this.#strides = strides;
    this.size = this.#counts.reduce((product, count) => product * count, 1);
  }

  /** The outcome of an id from 0 to `size - 1`; the last issue changes fastest. */
  at(id: number): Outcome {
    const outcome = new Array<number>(this.issues.length);
    let rest = id;
    for (let index = this.issues.length - 1; index >= 0; index--) {
      const count = this.#counts[index] ?? 1;
      outcome[index] = this.firstOf(index) + (rest % count);
      rest = Math.floor(rest / count);
    }
    return outcome;
  }

  idOf(outcome: Outcome): number {
    let id = 0;
    for (let index = 0; index < outcome.length; index++) {
      id += ((outcome[index] ?? 0) - this.firstOf(index)) * (this.#strides[index] ?? 1);
    }
    return id;
  }

  /** How many values an issue has; infinite for a continuous one. */
  countOf(index: number): number {
    return this.#counts[index] ?? 0;
  }

  /** The lowest value of an issue; of a discrete one the first index. */
  firstOf(index: number): number {
    const issue = this.issues[index];
    return issue === undefined || issue.kind === "discrete" ? 0 : issue.from;
  }

  /** Whether something is an outcome of this space. */
  contains(outcome: unknown): outcome is Outcome {
    return (
      Array.isArray(outcome) &&
      outcome.length === this.issues.length &&
      this.issues.every((issue, index) => allows(issue, outcome[index]))
    );
  }

  /** Which issue has a value that it can't have, of as many values as there are issues; null if none has. */
  refusalOf(values: readonly unknown[]): string | null {
    for (let index = 0; index < this.issues.length; index++) {
      const issue = this.issues[index];
      if (issue !== undefined && !allows(issue, values[index])) return `${issue.name} can't be ${brief(values[index])}`;
    }
    return null;
  }

  /** The outcome for people: each issue's value by the issue's name. */
  describe(outcome: Outcome): Record<string, string | number> {
    return Object.fromEntries(
      this.issues.map((issue, index) => {
        const value = outcome[index] ?? Number.NaN;
        return [issue.name, issue.kind === "discrete" ? (issue.values[value] ?? String(value)) : value];
      }),
    );
  }
}

/** A value from outside in a few words, whatever it is. */
function brief(value: unknown): string {
  return typeof value === "number" ? String(value) : `of the type ${typeof value}`;
}

function countOf(issue: Issue): number {
  if (issue.kind === "discrete") return issue.values.length;
  return issue.kind === "integer" ? issue.to - issue.from + 1 : Number.POSITIVE_INFINITY;
}

function allows(issue: Issue, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (issue.kind === "discrete") return Number.isInteger(value) && value >= 0 && value < issue.values.length;
  return value >= issue.from && value <= issue.to && (issue.kind === "continuous" || Number.isInteger(value));
}

function checkIssues(issues: readonly Issue[]): void {
  if (issues.length === 0) throw badIssues("issues", "there are no issues to negotiate about");
  if (issues.length > MOST_ISSUES) throw badIssues("issues", `${issues.length} issues are more than ${MOST_ISSUES}`);
  const names = new Set<string>();
  for (const [index, issue] of issues.entries()) {
    const field = `issues[${index}]`;
    if (issue.name === "") throw badIssues(`${field}.name`, "an issue needs a name");
    if (names.has(issue.name)) throw badIssues(`${field}.name`, `there are two issues named ${issue.name}`);
    names.add(issue.name);
    if (issue.kind === "discrete") checkValues(issue.values, `${field}.values`);
    else checkRange(issue, field);
  }
}

function checkValues(values: readonly string[], field: string): void {
  if (values.length === 0) throw badIssues(field, "an issue needs a value at least");
  if (values.length > MOST_VALUES) throw badIssues(field, `${values.length} values are more than ${MOST_VALUES}`);
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw badIssues(field, `the value ${value} is there twice`);
    seen.add(value);
  }
}

function checkRange({ kind, from, to }: { kind: string; from: number; to: number }, field: string): void {
  const isNumber = kind === "integer" ? Number.isSafeInteger : Number.isFinite;
  if (!isNumber(from)) throw badIssues(`${field}.from`, `${from} is no ${kind} number`);
  if (!isNumber(to)) throw badIssues(`${field}.to`, `${to} is no ${kind} number`);
  if (from > to) throw badIssues(`${field}.to`, `${to} is below ${from}, where the range begins`);
}

function badIssues(field: string, message: string): ParleyError<"BadScenario"> {
  return new ParleyError("BadScenario", `${field}: ${message}`, { facts: { field } });
}
