import { SeededEntropy } from "../../kernel/random.ts";
import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import { corners, type Utility } from "../utility.ts";
import type { Bids } from "./bids.ts";

const SAMPLES = 20_000;
const CLIMBS = 40;
/** How many values of an issue are tried, and how often a range is halved to hit a target. */
const MOST_CHOICES = 256;
const HALVINGS = 60;
/** How many outcomes above a target are brought down to it, until one is as near as this. */
const MOST_LOWERED = 16;
const NEAR = 1e-12;
const SEED = 20_261_121;

/**
 * Outcomes of a space that has too many to list, for a utility with dependencies between issues: a fixed draw of them, and the tops
 * that are found by changing one issue at a time. What is drawn above a target is brought down to it by the issues of numbers, as far
 * as these reach.
 */
export class SampledBids implements Bids {
  readonly ranked = null;
  readonly #space: IssueSpace;
  readonly #utility: Utility;
  readonly #choices: readonly (readonly number[])[];
  /** Falling by what they are worth. */
  readonly #drawn: readonly { readonly outcome: Outcome; readonly utility: number }[];

  constructor(space: IssueSpace, utility: Utility) {
    const random = new SeededEntropy(SEED);
    this.#space = space;
    this.#utility = utility;
    const choices = space.issues.map((_, index) => choicesOf(space, utility, index));
    this.#choices = choices;
    const some = Array.from({ length: SAMPLES }, () => anyOutcome(space, choices, random));
    const climbed = some.slice(0, CLIMBS).flatMap((outcome) => climb(outcome, choices, utility));
    this.#drawn = [...some, ...climbed]
      .map((outcome) => ({ outcome, utility: utility.of(outcome) }))
      .sort((a, b) => b.utility - a.utility);
  }

  get best(): Outcome {
    return this.#drawn[0]?.outcome ?? [];
  }

  get highest(): number {
    return this.#drawn[0]?.utility ?? 0;
  }

  get lowest(): number {
    return this.#drawn.at(-1)?.utility ?? 0;
  }

  atLeast(target: number): Outcome {
    const count = this.#countWhile((utility) => utility >= target);
    let [found, least] = [this.best, this.highest];
    // The nearest may be at the end of its prices already, and the next one reach the target.
    for (let place = count - 1; place >= Math.max(0, count - MOST_LOWERED) && least > target + NEAR; place--) {
      const outcome = this.#lowered(this.#drawn[place]?.outcome ?? this.best, target);
      const utility = this.#utility.of(outcome);
      if (utility < least) [found, least] = [outcome, utility];
    }
    return found;
  }

  among(low: number, high: number, count: number): readonly Outcome[] {
    const first = this.#countWhile((utility) => utility > high);
    const end = this.#countWhile((utility) => utility >= low);
    if (end <= first) return [this.atLeast(low)];
    const stride = Math.max(1, (end - first) / count);
    const size = Math.min(count, end - first);
    return Array.from({ length: size }, (_, place) => {
      return this.#drawn[first + Math.floor(place * stride)]?.outcome ?? this.best;
    });
  }

  /** How many of the drawn ones, from the top, pass a test of their utility. */
  #countWhile(passes: (utility: number) => boolean): number {
    let low = 0;
    let high = this.#drawn.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passes(this.#drawn[middle]?.utility ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same with issues of numbers moved to where it is worth the target, or as little more as that takes. */
  #lowered(outcome: Outcome, target: number): Outcome {
    let moved = outcome;
    for (const [index, issue] of this.#space.issues.entries()) {
      if (issue.kind === "discrete") continue;
      const here = moved[index] ?? 0;
      const at = (value: number) => moved.with(index, value);
      const isEnough = (value: number) => this.#utility.of(at(value)) >= target;
      const tooLow = (this.#choices[index] ?? []).filter((value) => !isEnough(value));
      const edges = tooLow.map((value) => at(edgeBetween(here, value, isEnough, issue.kind === "integer")));
      // A rule may end on the way, and what is beyond it be worth more.
      moved = [moved, ...edges].reduce((one, other) => (this.#utility.of(other) < this.#utility.of(one) ? other : one));
    }
    return moved;
  }
}

/** The last value that is enough on the way to one that isn't. */
function edgeBetween(enough: number, tooLow: number, isEnough: (value: number) => boolean, isWhole: boolean): number {
  let [good, bad] = [enough, tooLow];
  for (let halving = 0; halving < HALVINGS && !(isWhole && Math.abs(good - bad) <= 1); halving++) {
    const middle = isWhole ? Math.round((good + bad) / 2) : (good + bad) / 2;
    if (isEnough(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Values at which something changes: corners of the issue's worth, and the ends of the ranges in rules. */
function choicesOf(space: IssueSpace, utility: Utility, index: number): number[] {
  const issue = space.issues[index];
  const worth = utility.worths[index];
  if (issue === undefined || worth === undefined) return [];
  const ends = utility.rules.flatMap(({ when }) => (when.get(index) ?? []).flat());
  const first = space.firstOf(index);
  const last = issue.kind === "continuous" ? issue.to : first + space.countOf(index) - 1;
  const inside = ends
    .map((value) => (issue.kind === "continuous" ? value : Math.round(value)))
    .filter((value) => value >= first && value <= last);
  return [...new Set([...fewer(corners(issue, worth), (value) => utility.part(index, value)), ...inside])];
}

/** Of many values some at even distances, with the best and the worst. */
function fewer(values: readonly number[], worth: (value: number) => number): number[] {
  if (values.length <= MOST_CHOICES) return [...values];
  const step = (values.length - 1) / (MOST_CHOICES - 1);
  const even = Array.from({ length: MOST_CHOICES }, (_, place) => values[Math.round(place * step)] ?? 0);
  const best = values.reduce((one, other) => (worth(other) > worth(one) ? other : one));
  const worst = values.reduce((one, other) => (worth(other) < worth(one) ? other : one));
  return [...even, best, worst];
}

function anyOutcome(space: IssueSpace, choices: readonly (readonly number[])[], random: SeededEntropy): Outcome {
  return space.issues.map((issue, index) => {
    const ofIssue = choices[index] ?? [];
    if (issue.kind === "discrete" || random.fraction() < 0.5) {
      return ofIssue[Math.floor(random.fraction() * ofIssue.length)] ?? 0;
    }
    const value = issue.from + random.fraction() * (issue.to - issue.from);
    return issue.kind === "integer" ? Math.round(value) : value;
  });
}

/** Changes one issue at a time for the better, as long as that helps: all steps of the way. */
function climb(start: Outcome, choices: readonly (readonly number[])[], utility: Utility): Outcome[] {
  const steps: Outcome[] = [];
  const here = [...start];
  let best = utility.of(here);
  for (let better = true; better; ) {
    better = false;
    for (const [index, values] of choices.entries()) {
      for (const value of values) {
        const before = here[index] ?? 0;
        here[index] = value;
        const now = utility.of(here);
        if (now > best) {
          [best, better] = [now, true];
          steps.push([...here]);
        } else here[index] = before;
      }
    }
  }
  return steps;
}
