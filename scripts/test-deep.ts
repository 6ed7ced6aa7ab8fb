/** See HELP. */
import { readFileSync } from "node:fs";
import { positive, runCommand } from "./lib/command.ts";
import { DEEP_STORED, type DeepRun, slicesOf, storeDeep } from "./lib/deep.ts";
import { commitNow } from "./lib/git.ts";
import { runHardhatTests } from "./lib/hardhat-tests.ts";
import { atOnce } from "./lib/lanes.ts";
import { selectSuites } from "./lib/suites.ts";

const HELP = `
Runs the contract tests that draw their cases at random, with many more draws:

    npm run test:deep -- [--runs N] [--seed K] [--files A,B] [--workers N] [--store] [--json]

    --runs N     draws of each property (default 5000)
    --slice N    draws in one process; the next slice is drawn from the next seed (default 500)
    --seed K     draw the same again; otherwise another each time, which is printed
    --files A,B  only test files whose path contains one of these (default: all that use fuzz.ts)
    --workers N  files at once (default 2)
    --store      keep the outcome of each slice that comes to its end in ${DEEP_STORED}, which docs/results.md shows
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
    slice: { type: "string", default: "500" },
    seed: { type: "string" },
    files: { type: "string" },
    workers: { type: "string", default: "2" },
    store: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async ({ seed = String(Math.floor(Math.random() * 0x7fffffff)), files, json, store, ...flags }) => {
    const runs = positive("--runs", flags.runs);
    const slices = slicesOf(runs, positive("--seed", seed), positive("--slice", flags.slice));
    const [suite] = selectSuites(["contracts"]);
    const meant = (suite?.files ?? []).filter((file) =>
      files === undefined ? usesFuzz(file) : files.split(",").some((part) => file.includes(part)),
    );
    const out = json ? process.stderr : process.stdout;
    out.write(`${meant.length} files, ${runs} draws of each property, seed ${seed}\n`);
    const problems: string[] = [];
    const [date, commit] = [new Date().toISOString().slice(0, 10), commitNow()];
    const work = meant.flatMap((file) => slices.map((slice) => ({ file, ...slice })));
    const done = await atOnce(
      positive("--workers", flags.workers),
      work,
      async ({ file, runs, seed }): Promise<DeepRun> => {
        const start = performance.now();
        const env = { PARLEY_FUZZ_RUNS: String(runs), PARLEY_FUZZ_SEED: String(seed) };
        const outcome = await runHardhatTests({ name: file, runner: "hardhat", files: [file] }, out, {
          env,
          compile: false,
        });
        problems.push(...outcome.problems.map((problem) => `${file}, seed ${seed}: ${problem}`));
        const { passed, failed } = outcome;
        const seconds = Math.round((performance.now() - start) / 1000);
        const run: DeepRun = { file, runs, seed, passed, failed, seconds, date, commit };
        if (store && outcome.problems.length === 0) storeDeep(run);
        return run;
      },
    );
    if (json) console.log(JSON.stringify(done));
    for (const problem of problems) console.error(problem);
    for (const { file, seed, runs, passed, failed, seconds } of done) {
      out.write(`${file}: ${runs} draws from seed ${seed}: ${passed} passed, ${failed} failed, ${seconds} s\n`);
      if (failed > 0)
        console.error(`to see it again: npm run test:deep -- --runs ${runs} --seed ${seed} --files ${file}`);
    }
    if (problems.length > 0 || done.some(({ failed }) => failed > 0)) process.exitCode = 1;
  },
);
