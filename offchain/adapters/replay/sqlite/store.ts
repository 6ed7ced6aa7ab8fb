import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { ReplayStore } from "../../../ports/replay-store.ts";

/** How long to wait for another process that writes, in milliseconds. */
const BUSY_MS = 5_000;

/** What was used, in a SQLite file that several processes may share. */
export class SqliteReplayStore implements ReplayStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;

  constructor(file: string) {
    this.#database = guarded("opening", () => {
      const database = new DatabaseSync(file);
      // FULL: what was used a moment before the power failed must not be good again after it.
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
      database.exec(
        "CREATE TABLE IF NOT EXISTS used (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID, STRICT",
      );
      database.exec("CREATE INDEX IF NOT EXISTS used_until ON used (until)");
      return database;
    });
    this.#insert = this.#database.prepare("INSERT INTO used (id, until) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#forget = this.#database.prepare("DELETE FROM used WHERE until < ?");
  }

  async remember(id: string, until: number, now: number): Promise<boolean> {
    return guarded("writing", () => {
      this.#forget.run(now);
      return this.#insert.run(id, until).changes === 1;
    });
  }

  close(): void {
    this.#database.close();
  }
}

function guarded<T>(doing: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new ParleyError("ReplayStoreFailed", `${doing} the record of used tokens failed: ${messageOf(cause)}`, {
      hint: "see whether its disk is full, and its folder there and writable",
      retryable: true,
      cause,
    });
  }
}
