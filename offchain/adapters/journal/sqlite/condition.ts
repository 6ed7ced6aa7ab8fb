import { existsSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import { corrupt, journalError } from "./errors.ts";

/** "PRLY", as `openDatabase` writes it. */
const APPLICATION_ID = 0x50_52_4c_59;

/** How a journal's file stands: in use by a process, closed, left by one that died, or not there. */
export type JournalCondition = "absent" | "inUse" | "closed" | "left";

/**
 * Looks at a journal from another process, and leaves it as it is: it may be in use. Throws what is wrong with it, as opening it would.
 */
export function journalCondition(path: string): JournalCondition {
  if (!existsSync(path)) return "absent";
  const [log, index] = [`${path}-wal`, `${path}-shm`];
  // Before the look: SQLite makes files of its own for whoever only reads, and they would belong to the wrong user.
  const [hadLog, hadIndex] = [existsSync(log), existsSync(index)];
  try {
    checkKind(path);
    return hadLog ? "left" : "closed";
  } catch (thrown) {
    if (thrown instanceof ParleyError && thrown.code === "JournalLocked") return "inUse";
    throw thrown;
  } finally {
    if (!hadIndex) rmSync(index, { force: true });
    // Nobody writes here, so what was made is empty; an agent that has begun meanwhile has written to its own.
    if (!hadLog && existsSync(log) && statSync(log).size === 0) rmSync(log, { force: true });
  }
}

function checkKind(path: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    if (database.prepare("PRAGMA application_id").get()?.["application_id"] !== APPLICATION_ID) throw corrupt(path);
  } catch (thrown) {
    throw journalError(path, thrown);
  } finally {
    database?.close();
  }
}
