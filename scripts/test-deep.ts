/** See HELP. */
import { readFileSync } from "node:fs";
import { positive, runCommand } from "./lib/command.ts";
import { runHardhatTests } from "./lib/hardhat-tests.ts";
import { selectSuites } from "./lib/suites.ts";

const HELP = `
Runs the contract tests that draw their cases at random, with many more draws:

    npm run test:deep -- [--runs N] [--seed K] [--files A,B] [--json]

    --runs N     draws of each property (default 5000)
    --seed K     draw the same again; otherwise another each time, which is printed
    --files A,B  only test files whose path contains one of these (default: all that use fuzz.ts)
    --json       the counts as one JSON object on stdout, and the rest on stderr
`;

/** Whether a test file draws its cases as test/contracts/fuzz.ts says. */
function usesFuzz(file: string): boolean {
  return /from "[./]*\/fuzz\.ts"/.test(readFileSync(file, "utf8"));
}

await runCommand(
  HELP,
  {
    runs: { type: "string", default: "5000" },
    seed: { type: "string" },
    files: { type: "string" },
    json: { type: "boolean", default: false },
  },
  async ({ runs, seed = String(Math.floor(Math.random() * 0x7fffffff)), files, json }) => {
    process.env["PARLEY_FUZZ_RUNS"] = String(positive("--runs", runs));
    process.env["PARLEY_FUZZ_SEED"] = String(positive("--seed", seed));
    const [suite] = selectSuites(["contracts"]);
    const meant = (suite?.files ?? []).filter((file) =>
      files === undefined ? usesFuzz(file) : files.split(",").some((part) => file.includes(part)),
    );
    const out = json ? process.stderr : process.stdout;
    out.write(`${meant.length} files, ${runs} draws of each property, seed ${seed}\n`);
    const outcome = await runHardhatTests({ name: "deep", runner: "hardhat", files: meant }, out);
    if (json) console.log(JSON.stringify({ ...outcome, runs: Number(runs), seed: Number(seed) }));
    for (const problem of outcome.problems) console.error(problem);
    const failed = outcome.failed + outcome.problems.length;
    if (failed > 0) console.error(`to see it again: npm run test:deep -- --runs ${runs} --seed ${seed}`);
    if (failed > 0) process.exitCode = 1;
  },
);
