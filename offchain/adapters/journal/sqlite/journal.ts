import type { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Doubt, Durability, Journal } from "../../../ports/journal.ts";
import type { Witness } from "../../../ports/witness.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Chronicle } from "./chronicle.ts";
import { Compaction } from "./compaction.ts";
import type { Placed } from "./continuity.ts";
import { openDatabase } from "./database.ts";
import { isFatal, journalError } from "./errors.ts";
import { type Entry, Records } from "./records.ts";
import { Transactions } from "./transactions.ts";

export interface SqliteJournalOptions {
  /** The file grows no larger than this; appends beyond it fail with `JournalFull`. Default: 16 TiB. */
  readonly maxBytes?: number;
  /**
   * Notices that the file was put back to an earlier state, or lost its end; the journal closes it. Without one only a crash
   * of the machine is noticed.
   */
  readonly witness?: Witness;
  /** Names the machine's present boot. Default: what the platform says. */
  readonly boot?: string | null;
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
  readonly #compaction: Compaction;
  readonly #chronicle: Chronicle;
  readonly #witness: Witness | undefined;
  readonly #transactions: Transactions;
  readonly #pending: Record<Durability, Pending[]> = { process: [], machine: [] };
  #closed = false;
  /** Why nothing can be appended any more. */
  #broken: ParleyError | null = null;

  /** Opens the file at once; throws `JournalLocked`, `JournalCorrupt`, `JournalVersion` and the like. */
  constructor(path: string, { maxBytes = MOST_BYTES, witness, boot }: SqliteJournalOptions = {}) {
    this.#path = path;
    this.#witness = witness;
    this.#database = openDatabase(path, maxBytes);
    try {
      const records = new Records(path, this.#database);
      const [newestStream, holds] = [() => records.newestStream(), (placed: Placed) => records.holds(placed)];
      const transactions = new Transactions(this.#database);
      this.#chronicle = new Chronicle(path, this.#database, { transactions, witness, boot, newestStream, holds });
      [this.#records, this.#transactions] = [records, transactions];
    } catch (thrown) {
      this.#database.close();
      throw journalError(path, thrown);
    }
    this.#checkpoints = new Checkpoints(this.#database, (thrown) => this.#judge(thrown));
    this.#compaction = new Compaction(this.#database, this.#checkpoints);
    this.#compactLater();
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

  async forget(stream: string, records: number): Promise<void> {
    this.#ask(() => this.#forget(stream, records));
    this.#compactLater();
  }

  async doubt(stream: string, durability: Durability = "process"): Promise<Doubt | null> {
    return this.#ask(() => {
      const id = this.#records.idOf(stream);
      return id === undefined ? null : this.#chronicle.doubt(id, durability);
    });
  }

  /** Gives the room of what was forgotten back; this also happens by itself. Resolves once there is none to give. */
  async compact(): Promise<void> {
    this.#checkOpen();
    try {
      await this.#compaction.run();
    } catch (thrown) {
      throw this.#judge(thrown);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flushAll();
    this.#closed = true;
    this.#checkpoints.stop();
    this.#compaction.stop();
    try {
      if (!this.#broken) this.#transactions.run("machine", () => this.#chronicle.end());
    } catch {
      // Everything that was acknowledged is there; all that follows is that the next opening doesn't find it closed in good order.
    } finally {
      this.#database.close();
      this.#witness?.close();
    }
  }

  /** Answers from the file, with everything that was appended before. */
  #ask<T>(question: () => T): T {
    this.#checkOpen();
    this.#flushAll();
    try {
      return question();
    } catch (thrown) {
      throw journalError(this.#path, thrown);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closed(this.#path);
  }

  #compactLater(): void {
    // Should it fail for want of room, it is tried again when the next stream is forgotten.
    this.#compaction.run().catch((thrown: unknown) => this.#judge(thrown));
  }

  #forget(stream: string, records: number): void {
    if (this.#broken) throw this.#broken;
    try {
      this.#transactions.run("machine", () => {
        this.#records.lose(stream, records);
        this.#chronicle.forgets();
      });
    } catch (thrown) {
      this.#records.forget();
      throw this.#judge(thrown);
    }
    this.#chronicle.forgot();
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
      this.#records.forget();
      const error = this.#judge(thrown);
      if (group.length === 1 || this.#broken) for (const { reject } of group) reject(error);
      else for (const pending of group) this.#write([pending]);
    }
  }

  #transact(group: readonly Pending[]): void {
    if (this.#broken) throw this.#broken;
    this.#chronicle.catchUp();
    const durability = group.some((pending) => pending.durability === "machine") ? "machine" : "process";
    const outcomes = this.#transactions.run(durability, () => group.map((entry) => this.#add(entry)));
    group.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at];
      if (outcome instanceof ParleyError) reject(outcome);
      else resolve();
    });
    const last = outcomes.findLast((outcome) => !(outcome instanceof ParleyError));
    if (last !== undefined && !(last instanceof ParleyError)) this.#chronicle.wrote(last);
    this.#checkpoints.wrote(
      group.length,
      group.reduce((sum, { record }) => sum + record.length, 0),
    );
  }

  /** Where an entry went, or what is wrong with it, and then it left no trace; throws what is wrong with the transaction. */
  #add(entry: Entry): Placed | ParleyError {
    try {
      return this.#records.add(entry);
    } catch (thrown) {
      if (thrown instanceof ParleyError) return thrown;
      throw thrown;
    }
  }

  /**
   * After a failed write or sync the disk may lack what the memory has, and a record that went on from there could be
   * acknowledged and yet be lost. So that is the end of it.
   */
  #judge(thrown: unknown): ParleyError {
    const error = journalError(this.#path, thrown);
    if (isFatal(error)) {
      this.#broken ??= error;
      this.#compaction.stop();
    }
    return error;
  }
}

function closed(path: string): ParleyError<"JournalClosed"> {
  return new ParleyError("JournalClosed", `the journal ${path} is closed`, {
    hint: "open it again to go on",
    facts: { path },
  });
}
