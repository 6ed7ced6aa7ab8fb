import { ParleyError } from "../../kernel/errors.ts";
import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import { MOST_ENUMERATED, utilitiesOfAll } from "../bids/enumerated.ts";
import type { Scenario } from "../scenario.ts";
import { gridOf, gridSpace } from "./grid.ts";
import { oppositionOf } from "./opposition.ts";
import { Frontier } from "./pareto.ts";
import { type Points, pointsOf } from "./points.ts";
import { reaches, settle } from "./precision.ts";

/** What can be known of a scenario before anybody negotiates. Utilities are undiscounted. */
export interface Analysis extends Points {
  readonly scenario: Scenario;
  /** How many were looked at: all there are, or all on the grid. */
  readonly outcomes: number;
  /** In how many steps continuous issues were looked at; null if there are none, and all of this is exact. */
  readonly grid: number | null;
  readonly frontier: Frontier;
  readonly opposition: number;
  /** How many outcomes are no worse than no deal: for everybody, and for each. */
  readonly rational: number;
  readonly rationalFor: readonly number[];
  /** All outcomes at a place on the frontier, in the scenario's own values; made while they are gone through. */
  outcomesAt(place: number): Iterable<Outcome>;
}

export interface AnalysisOptions {
  /** In how many steps to look at continuous issues, which can't be looked at whole. */
  readonly grid?: number;
}

/**
 * Looks at every outcome of a scenario. Throws `TooManyOutcomes` beyond two million, and for continuous issues where no grid is asked for.
 */
export function analyze(scenario: Scenario, options: AnalysisOptions = {}): Analysis {
  const isContinuous = scenario.space.issues.some(({ kind }) => kind === "continuous");
  const steps = isContinuous ? (options.grid ?? null) : null;
  checkSize(steps === null ? scenario.space : gridSpace(scenario.space, steps));
  const grid = steps === null ? null : gridOf(scenario, steps);
  const listed = grid?.scenario ?? scenario;
  const columns = listed.parties.map(({ utility }) => settle(utilitiesOfAll(listed.space, utility)));
  const frontier = new Frontier(listed, columns);
  return {
    scenario,
    outcomes: listed.space.size,
    grid: steps,
    frontier,
    ...pointsOf(frontier, listed.parties),
    opposition: oppositionOf(frontier),
    ...countRational(listed, columns),
    *outcomesAt(place) {
      for (const outcome of frontier.outcomesAt(place)) yield grid?.original(outcome) ?? outcome;
    },
  };
}

/** Beyond this a number of outcomes has digits that are not its own. */
const MOST_COUNTED = 1e15;

function checkSize({ size, issues }: IssueSpace): void {
  if (size <= MOST_ENUMERATED) return;
  const most = MOST_ENUMERATED.toLocaleString("en");
  if (issues.some(({ kind }) => kind === "continuous")) {
    throw new ParleyError("TooManyOutcomes", `with a continuous issue there are more outcomes than ${most}`, {
      hint: "Ask for a grid: continuous issues are then looked at in so many steps.",
      facts: { outcomes: "infinite", most: MOST_ENUMERATED },
    });
  }
  const isCounted = size <= MOST_COUNTED;
  const count = isCounted ? size.toLocaleString("en") : "more than 10^15";
  throw new ParleyError("TooManyOutcomes", `${count} outcomes are more than ${most}`, {
    hint: "Strategies still negotiate over them; to analyse them, leave out values or issues, or take a coarser grid.",
    facts: { outcomes: isCounted ? size : count, most: MOST_ENUMERATED },
  });
}

function countRational(
  { parties }: Scenario,
  columns: readonly Float64Array[],
): Pick<Analysis, "rational" | "rationalFor"> {
  const rationalFor = new Array<number>(parties.length).fill(0);
  let rational = 0;
  const count = columns[0]?.length ?? 0;
  for (let id = 0; id < count; id++) {
    let content = 0;
    for (const [party, column] of columns.entries()) {
      if (!reaches(column[id] ?? 0, parties[party]?.reservation ?? 0)) continue;
      rationalFor[party] = (rationalFor[party] ?? 0) + 1;
      content += 1;
    }
    if (content === parties.length) rational += 1;
  }
  return { rational, rationalFor };
}
