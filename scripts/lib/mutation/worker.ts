/** One of the threads that judge mutants: the compiler keeps its thread busy, so each needs its own. */
import { parentPort, workerData } from "node:worker_threads";
import type { Build } from "../contracts/project.ts";
import type { Node } from "../contracts/solc.ts";
import { Workspace } from "../contracts/workspace.ts";
import { Judge, type Stages } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** What a worker is started with. */
export interface Setup {
  readonly folder: string;
  readonly builds: readonly Build[];
  readonly trees: ReadonlyMap<string, Node>;
  readonly haste: boolean;
}

/** What it is asked: to judge a mutant, or to run tests on the unspoiled contracts. */
export type Job = { readonly mutant: Mutant; readonly stages: Stages } | { readonly unspoiled: readonly string[] };

const { folder, builds, trees, haste }: Setup = workerData;
const judge = new Judge(Workspace.at(folder), builds, trees, haste);
judge.installUnspoiled();

parentPort?.on("message", (job: Job) => {
  const answer = "mutant" in job ? judge.judge(job.mutant, job.stages) : judge.testUnspoiled(job.unspoiled);
  answer.then(
    (value) => parentPort?.postMessage({ value }),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
