import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Durability } from "../../../ports/journal.ts";

/** Does several things to the file together or not at all. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN");
    this.#commit = database.prepare("COMMIT");
  }

  /** What `action` did is as durable as asked once this returns, and was not done where this throws. */
  run<T>(durability: Durability, action: () => T): T {
    if (durability === "process") return this.#run(action);
    this.#database.exec("PRAGMA synchronous = FULL");
    try {
      return this.#run(action);
    } finally {
      this.#database.exec("PRAGMA synchronous = NORMAL");
    }
  }

  #run<T>(action: () => T): T {
    try {
      this.#begin.run();
      const result = action();
      this.#commit.run();
      return result;
    } catch (thrown) {
      this.#rollBack();
      throw thrown;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // There is nothing left to undo: after some errors SQLite rolls back by itself.
    }
  }
}
