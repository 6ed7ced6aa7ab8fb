/** See HELP. */
import { Lane, type Run } from "../test/chaos/lane.ts";
import { planOf } from "../test/chaos/plan.ts";
import { CHAOS_STORED, storeChaos } from "./lib/chaos.ts";
import { positive, runCommand } from "./lib/command.ts";
import { commitNow } from "./lib/git.ts";

const HELP = `
Lets two agents bargain and settle while everything goes wrong: either process is killed at any moment and started again,
the network loses, doubles, delays and reorders frames and breaks connections, the disk refuses to take any more, clocks are
wrong by five minutes, keys are revoked. After each run it looks into both journals, at all that crossed the wire and at the
chain: both sides hold the same deal or none, no binding envelope is forgotten, and nothing proves a fault of an honest side.

    npm run chaos -- [--runs N] [--seed K] [--workers N] [--store] [--json]

    --runs N     negotiations (default 500)
    --seed K     of the first; each next one has the next (default 1)
    --workers N  at once, each on a chain of its own (default 2)
    --store      keep what it came to in ${CHAOS_STORED}, which docs/results.md shows
    --json       one JSON object on stdout, and the rest on stderr
`;

/** Runs on one chain: its clock moves on with each, and certificates go by it. */
const RUNS_PER_CHAIN = 40;

await runCommand(
  HELP,
  {
    runs: { type: "string", default: "500" },
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
    const work = async () => {
      let lane: Lane | null = null;
      try {
        for (let count = 0; seeds.length > 0; count++) {
          if (count % RUNS_PER_CHAIN === 0) {
            await lane?.close();
            lane = await Lane.open();
          }
          const seed = seeds.shift();
          if (lane === null || seed === undefined) return;
          const run = await lane.run(planOf(seed));
          done.push(run);
          out.write(`${line(run)}\n`);
        }
      } finally {
        await lane?.close();
      }
    };
    await Promise.all(Array.from({ length: positive("--workers", flags.workers) }, work));
    const summary = summarise(done, first);
    if (store) storeChaos(summary);
    if (json) console.log(JSON.stringify(summary));
    for (const [what, value] of Object.entries(summary)) {
      if (!Array.isArray(value)) out.write(`${what}: ${value}\n`);
    }
    for (const { seed, wrong } of summary.failures) {
      console.error(`seed ${seed}: ${wrong.join("; ")}\n  to see it again: npm run chaos -- --runs 1 --seed ${seed}`);
    }
    if (summary.failures.length > 0) process.exitCode = 1;
  },
);

function line({ plan, deal, ends, starts, frames, ms, wrong }: Run): string {
  const events = [
    `${plan.kills.length} killed`,
    ...(plan.disk === null ? [] : ["disk full"]),
    ...(plan.skewMs.buyer + plan.skewMs.seller === 0 ? [] : ["clocks differ"]),
    ...(plan.revocation === null ? [] : ["revoked"]),
  ].join(", ");
  const end = deal === null ? "no deal" : "one deal";
  const judged = wrong.length === 0 ? "well" : `WRONG: ${wrong.join("; ")}`;
  return `${plan.seed}: ${end} (${ends.buyer ?? "?"}, ${ends.seller ?? "?"}), ${events}; ${starts} starts, ${frames} frames, ${ms} ms; ${judged}`;
}

function summarise(done: readonly Run[], seed: number) {
  const count = (which: (run: Run) => boolean) => done.filter(which).length;
  const sum = (of: (run: Run) => number) => done.reduce((total, run) => total + of(run), 0);
  // Where nothing was revoked, the two limits leave room for a deal, and calm days follow: it has to come about.
  const lost = done.filter(({ plan, deal }) => plan.revocation === null && deal === null);
  return {
    runs: done.length,
    seed,
    date: new Date().toISOString().slice(0, 10),
    commit: commitNow(),
    deals: count(({ deal }) => deal !== null),
    withoutDeal: count(({ deal }) => deal === null),
    kills: sum(({ plan }) => plan.kills.length),
    cuts: sum(({ plan }) => plan.network.cuts.length),
    frames: sum(({ frames }) => frames),
    disksFull: count(({ plan }) => plan.disk !== null),
    clocksApart: count(({ plan }) => plan.skewMs.buyer !== plan.skewMs.seller),
    revocations: count(({ plan }) => plan.revocation !== null),
    failures: [
      ...done.filter(({ wrong }) => wrong.length > 0).map(({ plan, wrong }) => ({ seed: plan.seed, wrong })),
      ...lost.map(({ plan, ends }) => ({
        seed: plan.seed,
        wrong: [`no deal came about: buyer ${ends.buyer ?? "silent"}, seller ${ends.seller ?? "silent"}`],
      })),
    ],
  };
}
