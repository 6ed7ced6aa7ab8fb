import { ParleyError } from "../../kernel/errors.ts";
import { type Issue, IssueSpace, type Outcome } from "../../terms/issue-space.ts";
import type { Party, Scenario } from "../scenario.ts";
import { type Rule, Utility, type Worth } from "../utility.ts";

/** A scenario whose continuous issues take only so many values, evenly spread. */
export interface Grid {
  /** The continuous issues are whole numbers here: how many steps from the lower end. */
  readonly scenario: Scenario;
  /** An outcome of it in the values of the scenario it was made of. */
  original(outcome: Outcome): Outcome;
}

/** A space in which each continuous issue has so many steps, its ends included, instead of its numbers. */
export function gridSpace({ issues }: IssueSpace, steps: number): IssueSpace {
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new ParleyError("BadSetting", `${steps} is not a number of steps from 1 on`, { facts: { field: "grid" } });
  }
  return new IssueSpace(
    issues.map((issue) =>
      issue.kind === "continuous" ? { kind: "integer", name: issue.name, from: 0, to: steps } : issue,
    ),
  );
}

/** Lays such a grid over a scenario. */
export function gridOf(scenario: Scenario, steps: number): Grid {
  const { issues } = scenario.space;
  const space = gridSpace(scenario.space, steps);
  const parties = scenario.parties.map((party): Party => ({ ...party, utility: onGrid(party.utility, issues, steps) }));
  return {
    scenario: { ...scenario, space, parties },
    original: (outcome) => outcome.map((value, index) => valueAt(issues[index], value, steps)),
  };
}

function valueAt(issue: Issue | undefined, step: number, steps: number): number {
  if (issue?.kind !== "continuous") return step;
  return step === steps ? issue.to : issue.from + ((issue.to - issue.from) * step) / steps;
}

function onGrid(utility: Utility, issues: readonly Issue[], steps: number): Utility {
  const unweighted = new Utility(
    utility.weights.map(() => 1),
    utility.worths,
  );
  const worths = utility.worths.map((worth, index): Worth => {
    const issue = issues[index];
    if (issue?.kind !== "continuous") return worth;
    const table = Float64Array.from({ length: steps + 1 }, (_, step) =>
      unweighted.part(index, valueAt(issue, step, steps)),
    );
    return { kind: "table", first: 0, table };
  });
  return new Utility(
    utility.weights,
    worths,
    utility.rules.map((rule) => ruleOnGrid(rule, issues, steps)),
  );
}

/** The same rule, its ranges of a continuous issue as the steps that lie in them. */
function ruleOnGrid({ when, adds }: Rule, issues: readonly Issue[], steps: number): Rule {
  const ranges = [...when].map(([index, of]) => {
    const issue = issues[index];
    if (issue?.kind !== "continuous") return [index, of] as const;
    const all = Array.from({ length: steps + 1 }, (_, step) => step);
    const inside = all.filter((step) => {
      const value = valueAt(issue, step, steps);
      return of.some(([from, to]) => value >= from && value <= to);
    });
    return [index, inside.map((step) => [step, step] as const)] as const;
  });
  return { when: new Map(ranges), adds };
}
