import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import { conflict, corrupt } from "./errors.ts";

/** How many records a stream can hold, and by how much the rows of two streams are apart. */
const STREAM_ROWS = 2 ** 24;

/** Streams whose row ids are remembered; any other costs a look-up. */
const KEPT_STREAMS = 4_096;

/** One record that somebody waits for. */
export interface Entry {
  readonly stream: string;
  readonly index: number;
  readonly record: Uint8Array;
}

/** The journal's two tables. Whoever calls decides about transactions. */
export class Records {
  readonly #path: string;
  readonly #ids = new Map<string, number>();
  readonly #findStream: StatementSync;
  readonly #addStream: StatementSync;
  readonly #addRecord: StatementSync;
  readonly #readRecords: StatementSync;
  readonly #listStreams: StatementSync;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#findStream = database.prepare("SELECT id FROM stream WHERE name = ?");
    this.#addStream = database.prepare("INSERT INTO stream (name) VALUES (?)");
    // A record finds its predecessor and no record in its own place, or it is not added.
    this.#addRecord = database.prepare(`
      INSERT OR IGNORE INTO record SELECT ?1, ?2
      WHERE ?1 % ${STREAM_ROWS} = 0 OR EXISTS (SELECT 1 FROM record WHERE row = ?1 - 1)
    `);
    this.#readRecords = database.prepare("SELECT row, bytes FROM record WHERE row >= ? AND row < ? ORDER BY row");
    this.#listStreams = database.prepare("SELECT name FROM stream ORDER BY id");
  }

  /** Adds a record, or throws `JournalConflict` and adds nothing. */
  add({ stream, index, record }: Entry): void {
    if (!Number.isSafeInteger(index) || index < 0 || index >= STREAM_ROWS) throw outOfRange(index);
    const id = this.#idOf(stream) ?? (index === 0 ? this.#create(stream) : undefined);
    if (id === undefined) throw conflict(stream, index);
    const { changes } = this.#addRecord.run(id * STREAM_ROWS + index, record);
    if (changes !== 1) throw conflict(stream, index);
  }

  read(stream: string): Uint8Array[] {
    const id = this.#idOf(stream);
    if (id === undefined) return [];
    const first = id * STREAM_ROWS;
    return this.#readRecords.all(first, first + STREAM_ROWS).map(({ row, bytes }, index) => {
      if (row !== first + index || !(bytes instanceof Uint8Array)) throw corrupt(this.#path);
      return bytes;
    });
  }

  streams(): string[] {
    return this.#listStreams.all().map(({ name }) => String(name));
  }

  /** Call this after a rollback: streams that it unmade are forgotten. */
  forget(): void {
    this.#ids.clear();
  }

  #idOf(stream: string): number | undefined {
    const known = this.#ids.get(stream);
    if (known !== undefined) return known;
    const id = this.#findStream.get(stream)?.["id"];
    return typeof id === "number" ? this.#remember(stream, id) : undefined;
  }

  #create(stream: string): number {
    return this.#remember(stream, Number(this.#addStream.run(stream).lastInsertRowid));
  }

  #remember(stream: string, id: number): number {
    const oldest = this.#ids.keys().next().value;
    if (this.#ids.size >= KEPT_STREAMS && oldest !== undefined) this.#ids.delete(oldest);
    this.#ids.set(stream, id);
    return id;
  }
}

function outOfRange(index: number): ParleyError<"OutOfRange"> {
  return new ParleyError("OutOfRange", `${index} is not the number of a record`, {
    hint: `a stream's records are numbered from 0 to ${STREAM_ROWS - 1}`,
    facts: { actual: index, limit: STREAM_ROWS - 1 },
  });
}
