/** How long it takes to analyse two million outcomes for two parties, and how much memory the process has used at most. */
import { SeededEntropy } from "../offchain/kernel/random.ts";
import { analyze } from "../offchain/negotiation/analysis/analyze.ts";
import { scenarioFromJson } from "../offchain/negotiation/formats/scenario-json.ts";

/** The sizes of six issues, 2,000,000 outcomes together. */
const SIZES = [10, 10, 10, 10, 10, 20];

const random = new SeededEntropy(1);
const values = () => SIZES.map((size) => Array.from({ length: size }, () => random.fraction()));
const weights = [0.3, 0.25, 0.2, 0.1, 0.1, 0.05];
const scenario = scenarioFromJson({
  issues: SIZES.map((size, index) => ({ name: `issue ${index}`, values: Array.from({ length: size }, (_, at) => at) })),
  parties: [
    { name: "one", weights, values: values(), reservation: 0.3 },
    { name: "other", weights: weights.toReversed(), values: values(), reservation: 0.3 },
  ],
});
const before = performance.now();
const { outcomes, frontier } = analyze(scenario);
const seconds = (performance.now() - before) / 1000;
const megabytes = process.resourceUsage().maxRSS / 1024;

if (process.argv.includes("--results")) {
  const command = "npm run -s parley -- bench analysis";
  process.stdout.write(
    JSON.stringify([
      { figure: "analysis of 2 million outcomes", value: seconds, unit: "s", goal: "<= 5", peer: "", command },
      { figure: "memory for it, at most", value: megabytes, unit: "MB", goal: "<= 1,000", peer: "", command },
    ]),
  );
} else if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ outcomes, frontier: frontier.size, seconds, megabytes })}\n`);
} else console.table({ outcomes, frontier: frontier.size, seconds, megabytes });
