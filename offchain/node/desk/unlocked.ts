import { ParleyError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";

/** Opens a journal, which is for one process: where the running agent has it, it is said what for, and what to do. */
export function openUnlocked(open: () => Journal, lying: string, hint: string): Journal {
  try {
    return open();
  } catch (thrown) {
    if (!(thrown instanceof ParleyError) || thrown.code !== "JournalLocked") throw thrown;
    throw new ParleyError("JournalLocked", `${lying} in the journal, which the running agent has open`, {
      hint,
      cause: thrown,
    });
  }
}
