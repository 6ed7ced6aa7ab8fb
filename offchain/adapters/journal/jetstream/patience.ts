import { setTimeout as pause } from "node:timers/promises";
import { journalError } from "./errors.ts";

/** Between two attempts while nobody answers. */
const RETRY_MS = 100;

/** Tries again for as long as nobody answers, within reason. Rejects with an error of Parley. */
export async function patiently<T>(journal: string, patienceMs: number, action: () => Promise<T>): Promise<T> {
  for (const start = performance.now(); ; await pause(RETRY_MS)) {
    try {
      return await action();
    } catch (thrown) {
      const error = journalError(journal, thrown);
      if (error.code !== "JournalUnavailable" || performance.now() - start >= patienceMs) throw error;
    }
  }
}
