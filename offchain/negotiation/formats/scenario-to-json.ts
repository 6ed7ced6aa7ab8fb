import type { Issue, IssueSpace } from "../../terms/issue-space.ts";
import type { Party, Scenario } from "../scenario.ts";
import type { Rule, Worth } from "../utility.ts";

/** A scenario in the neutral form, as docs/scenarios.md has it; `scenarioFromJson` reads it back. */
export interface ScenarioJson {
  readonly name?: string;
  readonly issues: readonly object[];
  readonly parties: readonly object[];
}

/** Writes a scenario in the neutral form. References it was made with are resolved: points stand at the numbers they came to. */
export function scenarioToJson({ name, space, parties }: Scenario): ScenarioJson {
  return {
    ...(name === "" ? {} : { name }),
    issues: space.issues.map(issueToJson),
    parties: parties.map((party) => partyToJson(party, space)),
  };
}

function issueToJson(issue: Issue): object {
  if (issue.kind === "discrete") return { name: issue.name, values: [...issue.values] };
  return { name: issue.name, kind: issue.kind, from: issue.from, to: issue.to };
}

function partyToJson({ name, utility, reservation, discount }: Party, { issues }: IssueSpace): object {
  const { rules } = utility;
  return {
    name,
    weights: [...utility.weights],
    values: utility.worths.map(worthToJson),
    ...(rules.length === 0 ? {} : { rules: rules.map((rule) => ruleToJson(rule, issues)) }),
    reservation,
    discount,
  };
}

function worthToJson(worth: Worth): object {
  return worth.kind === "table" ? [...worth.table] : { points: worth.points.map(([value, one]) => [value, one]) };
}

function ruleToJson({ when, adds }: Rule, issues: readonly Issue[]): object {
  const conditions = [...when].flatMap(([index, ranges]) => {
    const issue = issues[index];
    return issue === undefined ? [] : [[issue.name, rangesToJson(ranges, issue)]];
  });
  return { when: Object.fromEntries(conditions), adds };
}

function rangesToJson(ranges: readonly (readonly [number, number])[], issue: Issue): object {
  if (issue.kind !== "discrete") return ranges.map(([from, to]) => ({ from, to }));
  return issue.values.filter((_, value) => ranges.some(([from, to]) => value >= from && value <= to));
}
