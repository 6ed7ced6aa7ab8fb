import { analysisJsonPieces } from "../negotiation/analysis/analysis-json.ts";
import { type Analysis, analyze } from "../negotiation/analysis/analyze.ts";
import type { Point } from "../negotiation/analysis/points.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT } from "./command.ts";
import { readReferences, readScenario, scenarioFlags } from "./scenario-file.ts";
import { bold, faint, print, printPieces } from "./screen.ts";

const SHOWN = 20;

const HELP = `parley analyze: what can be agreed in a scenario

usage: parley analyze --scenario FILE [FLAGS]

  --scenario FILE      issues and parties as JSON; docs/scenarios.md has the form
  --profile FILE       one for each party: with --scenario of a domain of Genius (XML), alone of GeniusWeb (JSON)
  --grid N             look at continuous issues in N steps (default 40); the answer says that it is not exact
  --reference NAME=N   a figure that the scenario's utilities depend on, instead of the scenario's own; repeatable
  --json               the whole as one JSON object: every vector of the Pareto frontier, and of each point all outcomes

Looks at every outcome, so up to 2,000,000. Utilities are undiscounted. Points are on the frontier: Nash (the greatest product of gains
over no deal), Kalai-Smorodinsky, egalitarian (the greatest least gain), and welfare (the greatest sum).

example: parley analyze --scenario examples/scenarios/cloud-capacity.json
`;

export const analyzeCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("analyze", args, {
      scenario: { type: "string" },
      profile: { type: "string", multiple: true, default: [] },
      grid: { type: "string", default: "40" },
      reference: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    });
    const files = scenarioFlags("analyze", flags);
    const grid = wholeNumber("analyze", "grid", flags.grid, 1, 1_000_000);
    const scenario = readScenario(files, readReferences("analyze", flags.reference));
    const analysis = analyze(scenario, { grid });
    if (flags.json) await printPieces(analysisJsonPieces(analysis));
    else show(analysis);
    return EXIT.ok;
  },
};

function show(analysis: Analysis): void {
  const { scenario, outcomes, grid, frontier, rational, opposition } = analysis;
  const names = scenario.parties.map(({ name }) => name);
  const width = Math.max(18, ...names.map((name) => name.length + 2));
  print(bold(scenario.name || "scenario"));
  print(`${outcomes.toLocaleString("en")} outcomes${grid === null ? "" : `, continuous issues in ${grid} steps`}`);
  print(`${rational.toLocaleString("en")} of them no worse than no deal for everybody`);
  print(`${frontier.size} on the frontier, opposition ${opposition.toFixed(3)}`);
  print();
  print(faint(`${" ".repeat(width)}${names.map((name) => name.padStart(width)).join("")}`));
  const row = (label: string, utilities: ArrayLike<number>) =>
    print(`${label.padEnd(width)}${Array.from(utilities, (one) => one.toFixed(4).padStart(width)).join("")}`);
  row(
    "no deal",
    scenario.parties.map(({ reservation }) => reservation),
  );
  const points: readonly (readonly [string, Point | null])[] = [
    ["Nash", analysis.nash],
    ["Kalai-Smorodinsky", analysis.kalai],
    ["egalitarian", analysis.egalitarian],
    ["welfare", analysis.welfare],
  ];
  for (const [label, point] of points) {
    if (point === null) print(`${label.padEnd(width)}none: nothing is better than no deal for everybody`);
    else row(label, point.utilities);
  }
  print();
  const step = Math.max(1, frontier.size / SHOWN);
  for (let place = 0; place < frontier.size; place += step) {
    row(faint(place === 0 ? "frontier".padEnd(width) : " ".repeat(width)), frontier.utilitiesAt(Math.floor(place)));
  }
  if (frontier.size > SHOWN) print(faint(`(${SHOWN} of ${frontier.size}; --json has all)`));
}
