import type { DatabaseSync } from "node:sqlite";
import { PAGE_BYTES } from "./database.ts";

/** The write-ahead log is carried over when it has grown by this much and nothing was appended for a while ... */
const QUIET_BYTES = 1 << 20;
const QUIET_MS = 20;

/** ... or at once when it has grown by this much. It then takes a few milliseconds, in which nothing else happens. */
const MOST_BYTES = 4 << 20;

/**
 * Decides when the write-ahead log is carried over into the database: between negotiations, if it can be, so that it
 * is not in the way of any.
 */
export class Checkpoints {
  readonly #database: DatabaseSync;
  readonly #onFailure: (thrown: unknown) => void;
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(database: DatabaseSync, onFailure: (thrown: unknown) => void) {
    this.#database = database;
    this.#onFailure = onFailure;
  }

  /** Takes note of what was committed: so many pages, and so many bytes besides. */
  wrote(pages: number, bytes: number): void {
    this.#bytes += pages * PAGE_BYTES + bytes;
    if (this.#bytes >= MOST_BYTES) this.#run();
    else if (this.#timer !== null) this.#timer.refresh();
    else if (this.#bytes >= QUIET_BYTES) this.#timer = setTimeout(() => this.#run(), QUIET_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.stop();
    this.#bytes = 0;
    try {
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (thrown) {
      this.#onFailure(thrown);
    }
  }
}
