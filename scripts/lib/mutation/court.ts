import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Build } from "../contracts/project.ts";
import type { Node } from "../contracts/solc.ts";
import { type TestRun, Workspace } from "../contracts/workspace.ts";
import { atOnce } from "../lanes.ts";
import { canHurry, type Stages, type Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";
import type { Job, Setup } from "./worker.ts";

/** The workers, each with a workspace of its own. */
export class Court {
  readonly #benches: readonly { worker: Worker; workspace: Workspace }[];

  private constructor(benches: readonly { worker: Worker; workspace: Workspace }[]) {
    this.#benches = benches;
  }

  /** Starts the workers, and makes sure that the tests pass as long as nothing is spoiled. */
  static async open(
    builds: readonly Build[],
    trees: ReadonlyMap<string, Node>,
    tests: readonly string[],
    { workers, say }: { workers: number; say: (text: string) => void },
  ): Promise<Court> {
    for (const haste of canHurry(builds) ? [true, false] : [false]) {
      const court = new Court(Array.from({ length: workers }, () => seat({ builds, trees, haste })));
      const runs = await court.#testUnspoiled(tests);
      const failed = runs.find(({ result }) => result !== "passed");
      if (failed === undefined) {
        say(haste ? "compiling in haste, and what survives once more as Hardhat does" : "compiling as Hardhat does");
        return court;
      }
      await court.close();
      if (!haste) throw new Error(`the tests fail on the contracts as they are:\n${failed.output}`);
      say(`not in haste: ${failed.failure}`);
    }
    throw new Error("no way to compile the contracts");
  }

  /** Judges all, and tells of each verdict as it falls. */
  async judge(
    cases: readonly { readonly mutant: Mutant; readonly stages: Stages }[],
    fallen: (verdict: Verdict) => void,
  ): Promise<void> {
    const free = [...this.#benches];
    await atOnce(free.length, cases, async (one) => {
      const bench = free.pop();
      if (bench === undefined) throw new Error("no worker is free");
      const verdict = await ask<Verdict>(bench.worker, one);
      free.push(bench);
      fallen(verdict);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#benches.map(({ worker }) => worker.terminate()));
    for (const { workspace } of this.#benches) workspace.remove();
  }

  async #testUnspoiled(tests: readonly string[]): Promise<TestRun[]> {
    return await Promise.all(this.#benches.map(({ worker }) => ask<TestRun>(worker, { unspoiled: tests })));
  }
}

function seat(setup: Omit<Setup, "folder">): { worker: Worker; workspace: Workspace } {
  const workspace = Workspace.create();
  const workerData: Setup = { ...setup, folder: workspace.folder };
  return { worker: new Worker(new URL("worker.ts", import.meta.url), { workerData }), workspace };
}

async function ask<Answer>(worker: Worker, job: Job): Promise<Answer> {
  worker.postMessage(job);
  const [{ value, error }]: [{ value?: Answer; error?: string }] = (await once(worker, "message")) as never;
  if (value === undefined) throw new Error(error ?? "a worker gave no answer");
  return value;
}
