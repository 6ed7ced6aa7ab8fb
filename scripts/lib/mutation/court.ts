import { Worker } from "node:worker_threads";
import { Workspace } from "../contracts/workspace.ts";
import { atOnce } from "../lanes.ts";
import type { Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";
import type { Said, Setup } from "./worker.ts";

interface Seat {
  readonly worker: Worker;
  readonly workspace: Workspace;
}

/** The workers, each with a workspace of its own. */
export class Court {
  readonly #seats: readonly Seat[];

  private constructor(seats: readonly Seat[]) {
    this.#seats = seats;
  }

  /** Starts the workers. */
  static async open(setup: Omit<Setup, "folder">, workers: number): Promise<Court> {
    const court = new Court(Array.from({ length: workers }, () => takeSeat(setup)));
    try {
      await Promise.all(court.#seats.map(({ worker }) => listen(worker, () => {})));
    } catch (error) {
      await court.close();
      throw error;
    }
    return court;
  }

  /** Judges all batches, and tells of each verdict as it falls. */
  async judge(batches: readonly (readonly Mutant[])[], fallen: (verdict: Verdict) => void): Promise<void> {
    const free = this.#seats.map(({ worker }) => worker);
    await atOnce(free.length, batches, async (batch) => {
      const worker = free.pop();
      if (worker === undefined) throw new Error("no worker is free");
      worker.postMessage(batch);
      await listen(worker, fallen);
      free.push(worker);
    });
  }

  async close(): Promise<void> {
    // The tests' processes end when nobody is there to listen to them.
    await Promise.all(this.#seats.map(({ worker }) => worker.terminate()));
    for (const { workspace } of this.#seats) workspace.remove();
  }
}

function takeSeat(setup: Omit<Setup, "folder">): Seat {
  const workspace = Workspace.create();
  const workerData: Setup = { ...setup, folder: workspace.folder };
  return { worker: new Worker(new URL("worker.ts", import.meta.url), { workerData }), workspace };
}

/** Until it is ready for more. */
async function listen(worker: Worker, fallen: (verdict: Verdict) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hear = (said: Said) => {
    if ("verdict" in said) fallen(said.verdict);
    else if ("error" in said) reject(new Error(said.error));
    else resolve();
  };
  worker.on("message", hear).once("error", reject);
  try {
    await promise;
  } finally {
    worker.off("message", hear).off("error", reject);
  }
}
