/** See HELP. */
import { Lane, type Run } from "../test/chaos/settlement/lane.ts";
import { planOf } from "../test/chaos/settlement/plan.ts";
import { positive, runCommand } from "./lib/command.ts";
import { commitNow } from "./lib/git.ts";
import { SETTLEMENT_CHAOS, type SettlementChaos, storeSettlementChaos } from "./lib/settlement-chaos.ts";

const HELP = `
Settles deals while everything goes wrong: either side's process dies before or after any record or transaction and is
started again, the node refuses, loses questions or answers (also to what it has done), blocks are reorganised away, fees
rise manyfold, somebody else carries the same acts, money is missing, sides fall silent. After each deal both sides know the
same outcome, and what they gained is what the treasury lost; in the end every token can be taken out by its owner.

    npm run chaos:settlement -- [--runs N] [--seed K] [--workers N] [--store] [--json]

    --runs N     deals (default 300)
    --seed K     of the first; each next one has the next (default 1)
    --workers N  at once, each on a chain of its own (default 2)
    --store      keep what it came to in ${SETTLEMENT_CHAOS}, which docs/results.md shows
    --json       one JSON object on stdout, and the rest on stderr
`;

/** Deals on one chain, whose clock moves on with each. */
const RUNS_PER_CHAIN = 15;

await runCommand(
  HELP,
  {
    runs: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    store: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async ({ json, store, ...flags }) => {
    const [runs, first] = [positive("--runs", flags.runs), positive("--seed", flags.seed)];
    const out = json ? process.stderr : process.stdout;
    const seeds = Array.from({ length: runs }, (_, index) => first + index);
    const done: Run[] = [];
    const stuck: string[] = [];
    const work = async () => {
      while (seeds.length > 0) {
        const lane = await Lane.open();
        for (const seed of seeds.splice(0, RUNS_PER_CHAIN)) {
          const run = await lane.run(planOf(seed));
          done.push(run);
          const { plot, deaths, reorgs, outcome, wrong } = run;
          const fate = wrong.length === 0 ? outcome : `WRONG: ${wrong.join("; ")}`;
          out.write(`${seed} ${plot}, ${deaths} deaths, ${reorgs} reorganisations: ${fate}\n`);
        }
        stuck.push(...(await lane.close()));
      }
    };
    await Promise.all(Array.from({ length: positive("--workers", flags.workers) }, work));
    const summary = summarise(done, stuck, first);
    if (store) storeSettlementChaos(summary);
    console.log(JSON.stringify(summary, null, json ? 0 : 2));
    if (summary.failures.length > 0 || stuck.length > 0) process.exitCode = 1;
  },
);

function summarise(done: readonly Run[], stuck: readonly string[], seed: number): SettlementChaos {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of done) {
    const kind = outcome.split(" ", 1)[0] ?? outcome;
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
  const sum = (of: (run: Run) => number) => done.reduce((total, run) => total + of(run), 0);
  return {
    ...{ runs: done.length, seed, date: new Date().toISOString().slice(0, 10), commit: commitNow(), outcomes, stuck },
    ...{ deaths: sum(({ deaths }) => deaths), reorgs: sum(({ reorgs }) => reorgs) },
    failures: done.filter(({ wrong }) => wrong.length > 0).map(({ seed: of, wrong }) => ({ seed: of, wrong })),
  };
}
