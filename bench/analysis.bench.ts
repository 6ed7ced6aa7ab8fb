/**
 * How long it takes to analyse two million outcomes for two parties, and how much memory the process has used at most: where they differ;
 * where all of them are worth the same, so that each is on the frontier and ties for every point, written out as JSON; and where what
 * one gains the other loses, so that the frontier has two million points.
 */
import { SeededEntropy } from "../offchain/kernel/random.ts";
import { analysisJsonPieces } from "../offchain/negotiation/analysis/analysis-json.ts";
import { analyze } from "../offchain/negotiation/analysis/analyze.ts";
import { scenarioFromJson } from "../offchain/negotiation/formats/scenario-json.ts";
import type { Scenario } from "../offchain/negotiation/scenario.ts";

/** The sizes of six issues, 2,000,000 outcomes together. */
const SIZES = [10, 10, 10, 10, 10, 20];
const WEIGHTS = [0.3, 0.25, 0.2, 0.1, 0.1, 0.05];
const LAST = 1_999_999;

function sixIssues(worth: () => number): Scenario {
  const values = () => SIZES.map((size) => Array.from({ length: size }, worth));
  return scenarioFromJson({
    issues: SIZES.map((size, index) => ({
      name: `issue ${index}`,
      values: Array.from({ length: size }, (_, at) => at),
    })),
    parties: [
      { name: "one", weights: WEIGHTS, values: values(), reservation: 0.3 },
      { name: "other", weights: WEIGHTS.toReversed(), values: values(), reservation: 0.3 },
    ],
  });
}

function price(): Scenario {
  const party = (name: string, low: number) => {
    const points = [
      [0, low],
      [LAST, 1 - low],
    ];
    return { name, weights: [1], values: [{ points }] };
  };
  return scenarioFromJson({
    issues: [{ name: "price", kind: "integer", from: 0, to: LAST }],
    parties: [party("buyer", 1), party("seller", 0)],
  });
}

/** Least memory first: what a process has used at most doesn't fall again. */
function measured(scenario: Scenario) {
  const before = performance.now();
  const analysis = analyze(scenario);
  const seconds = (performance.now() - before) / 1000;
  let characters = 0;
  for (const piece of analysisJsonPieces(analysis)) characters += piece.length;
  const { outcomes, frontier } = analysis;
  return {
    outcomes,
    frontier: frontier.size,
    seconds,
    written: { characters, seconds: (performance.now() - before) / 1000 - seconds },
    megabytes: process.resourceUsage().maxRSS / 1024,
  };
}

const random = new SeededEntropy(1);
const different = measured(sixIssues(() => random.fraction()));
const tied = measured(sixIssues(() => 0.5));
const opposed = measured(price());

if (process.argv.includes("--results")) {
  const command = "npm run -s parley -- bench analysis";
  const rows = (what: string, { seconds, megabytes }: typeof tied) => [
    { figure: `analysis of 2 million outcomes${what}`, value: seconds, unit: "s", goal: "<= 5", peer: "", command },
    { figure: `memory for it, at most${what}`, value: megabytes, unit: "MB", goal: "<= 1,000", peer: "", command },
  ];
  process.stdout.write(
    JSON.stringify([
      ...rows("", different),
      ...rows(", all worth the same", tied),
      ...rows(", all on the frontier", opposed),
    ]),
  );
} else if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ ...different, tied, opposed })}\n`);
} else {
  const shown = Object.entries({ different, tied, opposed }).map(([which, { written, ...rest }]) => [
    which,
    { ...rest, "characters of JSON": written.characters, "seconds to write": written.seconds },
  ]);
  console.table(Object.fromEntries(shown));
}
