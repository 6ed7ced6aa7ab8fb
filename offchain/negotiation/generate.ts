import { SeededEntropy } from "../kernel/random.ts";
import { type Issue, IssueSpace } from "../terms/issue-space.ts";
import type { Party, Scenario } from "./scenario.ts";
import { Utility, type Worth } from "./utility.ts";

/** A range to draw from, evenly. */
export type Range = readonly [least: number, most: number];

/** What kind of scenarios to draw. */
export interface Recipe {
  readonly issues: number;
  /** Values of each issue; of a continuous one, the corners of its worth. */
  readonly values: number;
  readonly parties: number;
  /** `mixed` draws the kind of each issue apart. */
  readonly kind: Issue["kind"] | "mixed";
  readonly reservation: Range;
  readonly discount: Range;
  /** How much the second and further parties want the opposite of the first: 0 not at all, 1 in everything. */
  readonly opposition: number;
}

/** The case that yardsticks are quoted for: three issues of ten values, two parties, nothing to lose. */
const THREE_BY_TEN: Recipe = {
  issues: 3,
  values: 10,
  parties: 2,
  kind: "discrete",
  reservation: [0, 0],
  discount: [1, 1],
  opposition: 0,
};

/** A scenario drawn at random: the same of the same seed and recipe. Everybody's best value of an issue is worth 1. */
export function generateScenario(seed: number, changes: Partial<Recipe> = {}): Scenario {
  const recipe = { ...THREE_BY_TEN, ...changes };
  const random = new SeededEntropy(seed);
  const issues = Array.from({ length: recipe.issues }, (_, index) => drawIssue(random, recipe, index));
  const first = drawTables(random, recipe, issues, null);
  const parties = Array.from({ length: recipe.parties }, (_, index) =>
    drawParty(random, recipe, issues, index, index === 0 ? first : drawTables(random, recipe, issues, first)),
  );
  return { name: `generated-${seed}`, space: new IssueSpace(issues), parties };
}

export function generateScenarios(count: number, seed: number, changes: Partial<Recipe> = {}): Scenario[] {
  const random = new SeededEntropy(seed);
  return Array.from({ length: count }, () => generateScenario(random.uint32(), changes));
}

function drawIssue(random: SeededEntropy, { kind, values }: Recipe, index: number): Issue {
  const name = `issue ${index + 1}`;
  const drawn =
    kind === "mixed" ? ((["discrete", "integer", "continuous"] as const)[random.uint32() % 3] ?? "discrete") : kind;
  if (drawn === "discrete")
    return { kind: drawn, name, values: Array.from({ length: values }, (_, value) => `${value + 1}`) };
  const from = random.uint32() % 100;
  return { kind: drawn, name, from, to: from + values - 1 };
}

/** What each value of each issue is worth: anything where values are names, and straight lines up, down or to a peak of numbers. */
function drawTables(
  random: SeededEntropy,
  { values, opposition }: Recipe,
  issues: readonly Issue[],
  against: readonly Float64Array[] | null,
): Float64Array[] {
  return issues.map(({ kind }, index) => {
    const other = against?.[index];
    const peak = random.fraction() < 0.4 ? 0 : random.fraction() < 0.7 ? values - 1 : random.uint32() % values;
    const drawn = Float64Array.from({ length: values }, (_, value) => {
      const free = kind === "discrete" ? random.fraction() : 1 - Math.abs(value - peak) / values;
      return other === undefined ? free : opposition * (1 - (other[value] ?? 0)) + (1 - opposition) * free;
    });
    const most = drawn.reduce((a, b) => Math.max(a, b), 0);
    return most === 0 ? drawn.fill(1) : drawn.map((worth) => worth / most);
  });
}

function drawParty(
  random: SeededEntropy,
  recipe: Recipe,
  issues: readonly Issue[],
  index: number,
  tables: readonly Float64Array[],
): Party {
  const raw = issues.map(() => 0.05 + random.fraction());
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return {
    name: `party ${index + 1}`,
    utility: new Utility(
      raw.map((weight) => weight / sum),
      issues.map((issue, place) => worthOf(issue, tables[place] ?? new Float64Array())),
    ),
    reservation: between(random, recipe.reservation),
    discount: between(random, recipe.discount),
  };
}

function worthOf(issue: Issue, table: Float64Array): Worth {
  if (issue.kind !== "continuous") return { kind: "table", first: issue.kind === "discrete" ? 0 : issue.from, table };
  return { kind: "lines", points: Array.from(table, (worth, place) => [issue.from + place, worth] as const) };
}

function between(random: SeededEntropy, [least, most]: Range): number {
  return least + random.fraction() * (most - least);
}
