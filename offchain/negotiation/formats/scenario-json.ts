import { type Issue, IssueSpace } from "../../terms/issue-space.ts";
import type { Party, Scenario } from "../scenario.ts";
import { type Point, type Rule, Utility, type Worth } from "../utility.ts";
import { Field } from "./field.ts";
import { sumOfWeights } from "./weights.ts";

const MOST_PARTIES = 16;

/** Named figures from outside that a scenario's utilities may depend on: an index, or a history of prices. */
export type References = Readonly<Record<string, number | readonly number[]>>;

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  last: (values) => values.at(-1) ?? Number.NaN,
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  least: (values) => values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY),
  greatest: (values) => values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY),
};

/**
 * Reads a scenario from what `JSON.parse` gave; docs/scenarios.md has the form. Throws `BadScenario` naming the field. `references`
 * replace the document's own.
 */
export function scenarioFromJson(document: unknown, references: References = {}): Scenario {
  const root = new Field(document, "").restrict("name", "references", "issues", "parties");
  const space = new IssueSpace(root.get("issues").list().map(readIssue));
  const given = new Field(references, "references");
  const known = { ...readReferences(root.get("references")), ...readReferences(given) };
  const fields = root.get("parties").list();
  if (fields.length < 2 || fields.length > MOST_PARTIES) {
    throw root.get("parties").refuse(`a list of 2 to ${MOST_PARTIES}`);
  }
  const parties = fields.map((field) => readParty(field, space, known));
  const names = parties.map(({ name }) => name);
  const double = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (double >= 0) throw (fields[double] as Field).get("name").refuse("another name than any other party's");
  const name = root.get("name");
  return { name: name.isAbsent ? "" : name.text(), space, parties };
}

function readIssue(field: Field): Issue {
  const name = field.get("name").text();
  if (!field.get("values").isAbsent) {
    field.restrict("name", "values");
    const values = field.get("values").list().map(readLabel);
    return { kind: "discrete", name, values };
  }
  field.restrict("name", "kind", "from", "to");
  const kind = field.get("kind");
  if (kind.value !== "integer" && kind.value !== "continuous") {
    throw kind.refuse('"integer" or "continuous", unless there are values');
  }
  return { kind: kind.value, name, from: field.get("from").figure(), to: field.get("to").figure() };
}

function readLabel(field: Field): string {
  return typeof field.value === "number" && Number.isFinite(field.value) ? String(field.value) : field.text();
}

function readReferences(field: Field): References {
  if (field.isAbsent) return {};
  return Object.fromEntries(
    Object.keys(field.object()).map((name) => {
      const reference = field.get(name);
      if (!Array.isArray(reference.value)) return [name, reference.figure()];
      const values = reference.list().map((value) => value.figure());
      if (values.length === 0) throw reference.refuse("a number, or a list with one at least");
      return [name, values];
    }),
  );
}

function readParty(field: Field, space: IssueSpace, references: References): Party {
  field.restrict("name", "weights", "values", "rules", "reservation", "discount");
  const count = space.issues.length;
  const weights = field
    .get("weights")
    .list(count)
    .map((weight) => weight.number(0, 1));
  sumOfWeights(weights, field.get("weights"));
  const worths = field
    .get("values")
    .list(count)
    .map((values, index) => readWorth(values, space.issues[index] as Issue, references));
  const [rules, reservation, discount] = [field.get("rules"), field.get("reservation"), field.get("discount")];
  if (!discount.isAbsent && discount.number(0, 1) === 0) throw discount.refuse("above 0");
  return {
    name: field.get("name").text(),
    utility: new Utility(weights, worths, rules.isAbsent ? [] : rules.list().map((rule) => readRule(rule, space))),
    reservation: reservation.isAbsent ? 0 : reservation.figure(),
    discount: discount.isAbsent ? 1 : discount.number(0, 1),
  };
}

/** A figure for each value, or lines between points. */
function readWorth(field: Field, issue: Issue, references: References): Worth {
  if (Array.isArray(field.value)) {
    if (issue.kind === "continuous") throw field.refuse("an object with points, as the issue is continuous");
    const count = issue.kind === "discrete" ? issue.values.length : issue.to - issue.from + 1;
    const table = Float64Array.from(field.list(count), (value) => value.figure());
    return { kind: "table", first: issue.kind === "discrete" ? 0 : issue.from, table };
  }
  field.restrict("points", "relativeTo", "statistic");
  if (issue.kind === "discrete") throw field.refuse("a list with a number for each value");
  const scale = readScale(field, references);
  const points = field
    .get("points")
    .list()
    .map((point): Point => {
      const [value, worth] = point.list(2).map((part) => part.figure());
      return [(value ?? 0) * scale, worth ?? 0];
    });
  const unsorted = points.findIndex(([value], index) => index > 0 && value <= (points[index - 1]?.[0] ?? 0));
  if (points.length === 0) throw field.get("points").refuse("a list with a point at least");
  if (unsorted >= 0) throw field.get("points").refuse(`points with rising values, unlike the one at ${unsorted}`);
  return { kind: "lines", points };
}

function readScale(field: Field, references: References): number {
  const [name, statistic] = [field.get("relativeTo"), field.get("statistic")];
  if (name.isAbsent) return 1;
  const reference = Object.hasOwn(references, name.text()) ? references[name.text()] : undefined;
  if (reference === undefined) throw name.refuse("the name of a reference that is given");
  const which = statistic.isAbsent ? "last" : statistic.text();
  const take = Object.hasOwn(STATISTICS, which) ? STATISTICS[which] : undefined;
  if (take === undefined) throw statistic.refuse(`one of ${Object.keys(STATISTICS).join(", ")}`);
  const scale = take(typeof reference === "number" ? [reference] : reference);
  if (!(scale > 0)) throw name.refuse(`the name of a reference above 0, not of ${scale}`);
  return scale;
}

function readRule(field: Field, space: IssueSpace): Rule {
  field.restrict("when", "adds");
  const when = field.get("when");
  const conditions = Object.keys(when.object()).map((name) => {
    const index = space.issues.findIndex((issue) => issue.name === name);
    const issue = space.issues[index];
    if (issue === undefined) throw when.get(name).refuse("about an issue that there is");
    return [index, readRanges(when.get(name), issue)] as const;
  });
  if (conditions.length === 0) throw when.refuse("a condition at least");
  return { when: new Map(conditions), adds: field.get("adds").figure() };
}

/** The values at which a rule applies: a list of them, or a range of numbers, or several ranges. */
function readRanges(field: Field, issue: Issue): (readonly [number, number])[] {
  const list = issue.kind === "discrete" || Array.isArray(field.value) ? field.list() : [field];
  if (list.length === 0) throw field.refuse("a list with one at least");
  return list.map((value) => {
    if (issue.kind !== "discrete") return readRange(value);
    const index = issue.values.indexOf(readLabel(value));
    if (index < 0) throw value.refuse(`a value of ${issue.name}`);
    return [index, index];
  });
}

function readRange(field: Field): readonly [number, number] {
  field.restrict("from", "to");
  const [from, to] = [field.get("from").figure(), field.get("to").figure()];
  if (to < from) throw field.get("to").refuse(`no less than ${from}, where the range begins`);
  return [from, to];
}
