import { once } from "node:events";
import { Worker } from "node:worker_threads";
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

  /** Starts the workers. */
  static open(setup: Omit<Setup, "folder">, workers: number): Court {
    return new Court(Array.from({ length: workers }, () => seat(setup)));
  }

  /** Whether to compile in haste: if the compiler can, and the tests pass. They have to pass, one way or the other. */
  static async chooseHaste(
    { builds, trees }: Omit<Setup, "folder" | "haste">,
    tests: readonly string[],
  ): Promise<boolean> {
    for (const haste of canHurry(builds) ? [true, false] : [false]) {
      const court = Court.open({ builds, trees, haste }, 1);
      try {
        const { result, output } = await court.#testUnspoiled(tests);
        if (result === "passed") return haste;
        if (!haste) throw new Error(`the tests fail on the contracts as they are:\n${output}`);
      } finally {
        await court.close();
      }
    }
    return false;
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

  async #testUnspoiled(tests: readonly string[]): Promise<TestRun> {
    const [bench] = this.#benches;
    if (bench === undefined) throw new Error("there is no worker");
    return await ask<TestRun>(bench.worker, { unspoiled: tests });
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
