import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Durability, Journal } from "../../../ports/journal.ts";
import { Checkpoints } from "./checkpoints.ts";
import { openDatabase } from "./database.ts";
import { isFatal, journalError } from "./errors.ts";
import { type Entry, Records } from "./records.ts";

export interface SqliteJournalOptions {
  /** The file grows no larger than this; appends beyond it fail with `JournalFull`. Default: 16 TiB. */
  readonly maxBytes?: number;
}

const MOST_BYTES = 2 ** 44;

interface Pending extends Entry {
  readonly durability: Durability;
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/**
 * When appends are written. What need not survive the machine goes at the end of the current callback, together with
 * what other negotiations append in it: nothing is gained by letting it wait. What must be synced waits for the end of
 * the event loop's turn, so that everything in it shares one sync, which costs ten times as much as the rest.
 */
const SCHEDULE: Record<Durability, (flush: () => void) => void> = {
  process: (flush) => process.nextTick(flush),
  machine: (flush) => setImmediate(flush),
};

/** The journal in one SQLite file, for one process. Appends that fall together share a transaction. */
export class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #records: Records;
  readonly #checkpoints: Checkpoints;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #pending: Record<Durability, Pending[]> = { process: [], machine: [] };
  #closed = false;
  /** Why nothing can be appended any more. */
  #broken: ParleyError | null = null;

  /** Opens the file at once; throws `JournalLocked`, `JournalCorrupt`, `JournalVersion` and the like. */
  constructor(path: string, { maxBytes = MOST_BYTES }: SqliteJournalOptions = {}) {
    this.#path = path;
    this.#database = openDatabase(path, maxBytes);
    this.#records = new Records(path, this.#database);
    this.#checkpoints = new Checkpoints(this.#database, (thrown) => this.#judge(thrown));
    this.#begin = this.#database.prepare("BEGIN");
    this.#commit = this.#database.prepare("COMMIT");
  }

  append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closed(this.#path));
      // Nothing may overtake an earlier append of its stream.
      const group = this.#pending.machine.some((earlier) => earlier.stream === stream) ? "machine" : durability;
      const pending = this.#pending[group];
      if (pending.length === 0) SCHEDULE[group](() => this.#flush(group));
      pending.push({ stream, index, record: new Uint8Array(record), durability, resolve, reject });
    });
  }

  async read(stream: string): Promise<readonly Uint8Array[]> {
    return this.#ask(() => this.#records.read(stream));
  }

  async streams(): Promise<readonly string[]> {
    return this.#ask(() => this.#records.streams());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flushAll();
    this.#closed = true;
    this.#checkpoints.stop();
    this.#database.close();
  }

  /** Answers from the file, with everything that was appended before. */
  #ask<T>(question: () => T): T {
    if (this.#closed) throw closed(this.#path);
    this.#flushAll();
    try {
      return question();
    } catch (thrown) {
      throw journalError(this.#path, thrown);
    }
  }

  #flushAll(): void {
    this.#flush("process");
    this.#flush("machine");
  }

  #flush(durability: Durability): void {
    const group = this.#pending[durability].splice(0);
    if (group.length > 0) this.#write(group);
  }

  /** Whatever made a transaction fail, the next attempt shows whose fault it was: each append goes alone. */
  #write(group: readonly Pending[]): void {
    try {
      this.#transact(group);
    } catch (thrown) {
      const error = this.#judge(thrown);
      if (group.length === 1 || this.#broken) for (const { reject } of group) reject(error);
      else for (const pending of group) this.#write([pending]);
    }
  }

  #transact(group: readonly Pending[]): void {
    if (this.#broken) throw this.#broken;
    const isSynced = group.some(({ durability }) => durability === "machine");
    if (isSynced) this.#database.exec("PRAGMA synchronous = FULL");
    const outcomes: (ParleyError | null)[] = [];
    try {
      this.#begin.run();
      for (const entry of group) outcomes.push(this.#add(entry));
      this.#commit.run();
    } catch (thrown) {
      this.#rollBack();
      throw thrown;
    } finally {
      if (isSynced) this.#database.exec("PRAGMA synchronous = NORMAL");
    }
    group.forEach(({ resolve, reject }, at) => {
      const error = outcomes[at];
      if (error) reject(error);
      else resolve();
    });
    this.#checkpoints.wrote(group);
  }

  /** What is wrong with an entry, which then left no trace; throws what is wrong with the transaction. */
  #add(entry: Entry): ParleyError | null {
    try {
      this.#records.add(entry);
      return null;
    } catch (thrown) {
      if (thrown instanceof ParleyError) return thrown;
      throw thrown;
    }
  }

  #rollBack(): void {
    this.#records.forget();
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // There is nothing left to undo: after some errors SQLite rolls back by itself.
    }
  }

  /**
   * After a failed write or sync the disk may lack what the memory has, and a record that went on from there could be
   * acknowledged and yet be lost. So that is the end of it.
   */
  #judge(thrown: unknown): ParleyError {
    const error = journalError(this.#path, thrown);
    if (isFatal(error)) this.#broken ??= error;
    return error;
  }
}

function closed(path: string): ParleyError<"JournalClosed"> {
  return new ParleyError("JournalClosed", `the journal ${path} is closed`, {
    hint: "open it again to go on",
    facts: { path },
  });
}
