import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { Checkpoints } from "./checkpoints.ts";
import { STREAM_ROWS } from "./records.ts";

/** What one step does at most, so that no append waits for more than a millisecond or so: records removed, or pages given back. */
const STEP_RECORDS = 32;
const STEP_PAGES = 64;

/** Between two steps, so that appends come first. */
const PAUSE_MS = 2;

/**
 * Removes what was forgotten and gives its room back to the file system, in small steps. Where it is stopped in between, the
 * next opening goes on.
 */
export class Compaction {
  readonly #database: DatabaseSync;
  readonly #checkpoints: Checkpoints;
  readonly #findLost: StatementSync;
  readonly #removeRecords: StatementSync;
  readonly #removeStream: StatementSync;
  readonly #countFree: StatementSync;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(database: DatabaseSync, checkpoints: Checkpoints) {
    this.#database = database;
    this.#checkpoints = checkpoints;
    this.#findLost = database.prepare("SELECT id FROM stream WHERE name IS NULL LIMIT 1");
    // From the end, so that what is left of a stream always begins with its first record: see Records.read.
    this.#removeRecords = database.prepare(`
      DELETE FROM record
      WHERE row IN (SELECT row FROM record WHERE row >= ? AND row < ? ORDER BY row DESC LIMIT ${STEP_RECORDS})
    `);
    this.#removeStream = database.prepare("DELETE FROM stream WHERE id = ?");
    this.#countFree = database.prepare("PRAGMA freelist_count");
  }

  /** Resolves once there is nothing left to do, or it was stopped; rejects with what SQLite threw. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    do await pause(PAUSE_MS);
    while (!this.#stopped && this.#step());
  }

  /** False where nothing was left to do. */
  #step(): boolean {
    const id = this.#findLost.get()?.["id"];
    if (typeof id === "number") this.#remove(id);
    else if (this.#free() === 0) return false;
    else this.#database.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
    this.#checkpoints.wrote(STEP_PAGES, 0);
    return true;
  }

  #remove(id: number): void {
    const { changes } = this.#removeRecords.run(id * STREAM_ROWS, (id + 1) * STREAM_ROWS);
    if (Number(changes) < STEP_RECORDS) this.#removeStream.run(id);
  }

  #free(): number {
    return Number(this.#countFree.get()?.["freelist_count"] ?? 0);
  }
}
