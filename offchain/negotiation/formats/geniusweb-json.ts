import { type Issue, IssueSpace } from "../../terms/issue-space.ts";
import type { Party, Scenario } from "../scenario.ts";
import { Utility, type Worth } from "../utility.ts";
import { withDistinctNames } from "./distinct-names.ts";
import { Field } from "./field.ts";
import { sumOfWeights } from "./weights.ts";

const MOST_STEPS = 1_000_000;

/**
 * Reads a scenario of GeniusWeb from what `JSON.parse` gave of its profiles: each a `LinearAdditiveUtilitySpace` with its domain in it.
 * The domain is that of the first; the others must have the same. A reservation bid becomes what it is worth. A range of numbers with
 * a step becomes a discrete issue, or one of whole numbers. Throws `BadScenario` naming the field.
 */
export function scenarioFromGeniusWeb(profiles: readonly unknown[]): Scenario {
  const fields = profiles.map((profile, index) => new Field(profile, `profiles[${index}]`).restrict(KIND).get(KIND));
  const [first] = fields;
  if (first === undefined || fields.length < 2) throw new Field(profiles, "profiles").refuse("a list of two at least");
  const domain = first.get("domain");
  const issues = readIssues(domain);
  const parties = fields.map((field) => {
    checkDomain(field.get("domain"), issues);
    return readProfile(field, issues);
  });
  return { name: domain.get("name").text(), space: new IssueSpace(issues), parties: withDistinctNames(parties) };
}

const KIND = "LinearAdditiveUtilitySpace";

function readIssues(domain: Field): Issue[] {
  const all = domain.get("issuesValues");
  return Object.keys(all.object()).map((name) => readIssue(name, all.get(name)));
}

function readIssue(name: string, field: Field): Issue {
  if (!field.get("values").isAbsent) {
    const values = field.restrict("values").get("values").list();
    return { kind: "discrete", name, values: [...new Set(values.map((value) => value.text()))] };
  }
  const { low, high, step } = readRange(field.restrict("range").get("range"));
  if (step === 1 && Number.isInteger(low)) return { kind: "integer", name, from: low, to: Math.floor(high) };
  return { kind: "discrete", name, values: steps(low, high, step).map(String) };
}

/** As a list of three in older files, and by name in newer ones. */
function readRange(field: Field): { low: number; high: number; step: number } {
  const parts = Array.isArray(field.value) ? field.list(3) : ["low", "high", "step"].map((name) => field.get(name));
  const [low = 0, high = 0, step = 0] = parts.map((part) => part.figure());
  if (high < low) throw field.refuse("a range that ends no lower than it begins");
  if (!(step > 0)) throw field.refuse("a range with a step above 0");
  if ((high - low) / step >= MOST_STEPS) throw field.refuse(`a range of at most ${MOST_STEPS} steps`);
  return { low, high, step };
}

/** The numbers of a range without what rounding would add to their decimals. */
function steps(low: number, high: number, step: number): number[] {
  const count = Math.floor((high - low) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Number((low + index * step).toPrecision(12)));
}

function checkDomain(domain: Field, issues: readonly Issue[]): void {
  const same = JSON.stringify(sorted(readIssues(domain))) === JSON.stringify(sorted(issues));
  if (!same) throw domain.get("issuesValues").refuse("the same in all profiles");
}

function sorted(issues: readonly Issue[]): Issue[] {
  return [...issues].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readProfile(field: Field, issues: readonly Issue[]): Party {
  const weights = readWeights(field.get("issueWeights"), issues);
  const utilities = field.get("issueUtilities");
  const names = issues.map(({ name }) => name);
  utilities.restrict(...names);
  const worths = issues.map((issue) => readWorth(utilities.get(issue.name), issue));
  const utility = new Utility(weights, worths);
  const bid = field.get("reservationBid");
  const reservation = bid.isAbsent || bid.value === null ? 0 : reservationOf(bid.get("issuevalues"), issues, utility);
  return { name: field.get("name").text(), utility, reservation, discount: 1 };
}

function readWeights(field: Field, issues: readonly Issue[]): number[] {
  field.restrict(...issues.map(({ name }) => name));
  const weights = issues.map(({ name }) => field.get(name).number(0, 1));
  const sum = sumOfWeights(weights, field);
  return weights.map((weight) => weight / sum);
}

/** The kinds of utilities go by a short name in older files. */
function readWorth(field: Field, issue: Issue): Worth {
  const [kind = ""] = Object.keys(field.object());
  if (kind === "DiscreteValueSetUtilities" || kind === "discreteutils") {
    if (issue.kind !== "discrete") throw field.refuse("for numbers, as the issue is a range");
    const utilities = field
      .restrict(kind)
      .get(kind)
      .restrict("valueUtilities")
      .get("valueUtilities")
      .restrict(...issue.values);
    const table = Float64Array.from(issue.values, (value) => utilities.get(value).number(0, 1));
    return { kind: "table", first: 0, table };
  }
  if (kind !== "NumberValueSetUtilities" && kind !== "numberutils") {
    throw field.refuse("DiscreteValueSetUtilities or NumberValueSetUtilities");
  }
  return readLine(field.restrict(kind).get(kind), issue);
}

function readLine(field: Field, issue: Issue): Worth {
  const [low, high] = [field.get("lowValue").figure(), field.get("highValue").figure()];
  const [least, most] = [field.get("lowUtility").number(0, 1), field.get("highUtility").number(0, 1)];
  if (!(low < high)) throw field.get("highValue").refuse("above lowValue");
  const at = (value: number) =>
    value < low || value > high ? 0 : least + ((most - least) * (value - low)) / (high - low);
  const values = issue.kind === "discrete" ? issue.values.map(Number) : whole(issue);
  if (values.some(Number.isNaN)) throw field.refuse("for texts, as the issue's values are none but numbers");
  return { kind: "table", first: issue.kind === "discrete" ? 0 : issue.from, table: Float64Array.from(values, at) };
}

function whole({ from, to }: { readonly from: number; readonly to: number }): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** What a reservation bid is worth. An issue that it leaves open adds nothing, in GeniusWeb as here. */
function reservationOf(field: Field, issues: readonly Issue[], utility: Utility): number {
  field.restrict(...issues.map(({ name }) => name));
  let sum = 0;
  for (const [index, issue] of issues.entries()) {
    const value = field.get(issue.name);
    if (!value.isAbsent) sum += utility.part(index, chosenOf(value, issue));
  }
  return sum;
}

function chosenOf(field: Field, issue: Issue): number {
  if (issue.kind !== "discrete") {
    const number = field.number(issue.from, issue.to);
    if (!Number.isInteger(number)) throw field.refuse("a whole number");
    return number;
  }
  const label = typeof field.value === "number" ? String(field.value) : field.text();
  const index = issue.values.indexOf(label);
  if (index < 0) throw field.refuse(`a value of ${issue.name}`);
  return index;
}
