import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Placed } from "./continuity.ts";
import { conflict, corrupt } from "./errors.ts";

/** How many records a stream can hold, and by how much the rows of two streams are apart. */
export const STREAM_ROWS = 2 ** 24;

/** Streams whose row ids are remembered; any other costs a look-up. */
const KEPT_STREAMS = 4_096;

/** One record that somebody waits for. */
export interface Entry {
  readonly stream: string;
  readonly index: number;
  readonly record: Uint8Array;
}

interface Stream {
  readonly id: number;
  /** Checksum of its name, with which those of its records begin: a record that turns up elsewhere is noticed. */
  readonly seed: number;
}

/** The tables of streams and records. Whoever calls decides about transactions. */
export class Records {
  readonly #path: string;
  readonly #known = new Map<string, Stream>();
  readonly #findStream: StatementSync;
  readonly #addStream: StatementSync;
  readonly #loseStream: StatementSync;
  readonly #newestStream: StatementSync;
  readonly #addRecord: StatementSync;
  readonly #readRecord: StatementSync;
  readonly #readRecords: StatementSync;
  readonly #lastRecord: StatementSync;
  readonly #listStreams: StatementSync;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#findStream = database.prepare("SELECT id FROM stream WHERE name = ?");
    // An id that is in doubt is not given away again, even if its stream was forgotten.
    this.#addStream = database.prepare(`
      INSERT INTO stream (id, name)
      SELECT 1 + max((SELECT ifnull(max(id), 0) FROM stream), (SELECT ifnull(max(upto), 0) FROM doubt)), ?
    `);
    this.#loseStream = database.prepare("UPDATE stream SET name = NULL WHERE id = ?");
    this.#newestStream = database.prepare("SELECT max(id) AS id FROM stream");
    // A record finds its predecessor and no record in its own place, or it is not added.
    this.#addRecord = database.prepare(`
      INSERT OR IGNORE INTO record SELECT ?1, ?2, ?3
      WHERE ?1 % ${STREAM_ROWS} = 0 OR EXISTS (SELECT 1 FROM record WHERE row = ?1 - 1)
    `);
    this.#readRecord = database.prepare("SELECT sum FROM record WHERE row = ?");
    this.#readRecords = database.prepare("SELECT row, bytes, sum FROM record WHERE row >= ? ORDER BY row");
    this.#lastRecord = database.prepare("SELECT max(row) AS row FROM record WHERE row >= ? AND row < ?");
    this.#listStreams = database.prepare("SELECT name FROM stream WHERE name IS NOT NULL ORDER BY id");
  }

  /** Adds a record, or throws `JournalConflict` and adds nothing. */
  add({ stream, index, record }: Entry): Placed {
    if (!Number.isSafeInteger(index) || index < 0 || index >= STREAM_ROWS) throw outOfRange(index);
    const known = this.#find(stream) ?? (index === 0 ? this.#create(stream) : undefined);
    if (known === undefined) throw conflict(stream, index);
    const placed = { row: known.id * STREAM_ROWS + index, sum: sumOf(known, index, record) };
    const { changes } = this.#addRecord.run(placed.row, record, placed.sum);
    if (changes !== 1) throw conflict(stream, index);
    return placed;
  }

  read(stream: string): Uint8Array[] {
    const known = this.#find(stream);
    if (known === undefined) return [];
    const records: Uint8Array[] = [];
    const [first, end] = [known.id * STREAM_ROWS, (known.id + 1) * STREAM_ROWS];
    // SQLite's own checksums end with the write-ahead log: what lies in the file itself has none. So nothing is believed of it:
    // rows follow each other without a gap, and the row after the last is the first of another stream, not one of ours astray.
    for (const { row, bytes, sum } of this.#readRecords.iterate(first)) {
      const index = records.length;
      if (typeof row === "number" && row >= end && row % STREAM_ROWS === 0) break;
      if (row !== first + index || !(bytes instanceof Uint8Array)) throw corrupt(this.#path);
      if (sum !== sumOf(known, index, bytes)) throw spoilt(this.#path, stream, index);
      records.push(bytes);
    }
    if (records.length === 0) throw corrupt(this.#path);
    return records;
  }

  streams(): string[] {
    return this.#listStreams.all().map(({ name }) => String(name));
  }

  /** Makes a stream unknown at once, however long it is; its records are removed later, see Compaction. */
  lose(stream: string, records: number): void {
    const known = this.#find(stream);
    const count = known === undefined ? 0 : this.#count(known);
    if (count !== records) throw conflict(stream, records);
    if (known === undefined) return;
    this.#loseStream.run(known.id);
    this.#known.delete(stream);
  }

  /** True if a record is there, as it was. */
  holds({ row, sum }: Placed): boolean {
    return this.#readRecord.get(row)?.["sum"] === sum;
  }

  /** The id of a stream; undefined where it is unknown. */
  idOf(stream: string): number | undefined {
    return this.#find(stream)?.id;
  }

  /** The largest id of a stream; 0 where there is none. */
  newestStream(): number {
    return Number(this.#newestStream.get()?.["id"] ?? 0);
  }

  /** Call this after a rollback: streams that it unmade are forgotten. */
  forget(): void {
    this.#known.clear();
  }

  #count({ id }: Stream): number {
    const first = id * STREAM_ROWS;
    const last = this.#lastRecord.get(first, first + STREAM_ROWS)?.["row"];
    return typeof last === "number" ? last - first + 1 : 0;
  }

  #find(name: string): Stream | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const id = this.#findStream.get(name)?.["id"];
    return typeof id === "number" ? this.#remember(name, id) : undefined;
  }

  #create(name: string): Stream {
    return this.#remember(name, Number(this.#addStream.run(name).lastInsertRowid));
  }

  #remember(name: string, id: number): Stream {
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= KEPT_STREAMS && oldest !== undefined) this.#known.delete(oldest);
    const stream = { id, seed: crc32(name) };
    this.#known.set(name, stream);
    return stream;
  }
}

/** Covers where the record belongs as well as what it is. */
function sumOf({ seed }: Stream, index: number, record: Uint8Array): number {
  return crc32(record, (seed ^ index) >>> 0);
}

function spoilt(path: string, stream: string, index: number): ParleyError<"JournalCorrupt"> {
  return new ParleyError("JournalCorrupt", `record ${index} of stream ${stream} in ${path} is not what was written`, {
    hint: "keep the file and check its disk; finish this negotiation from the peer's transcript",
    facts: { path, stream, index },
  });
}

function outOfRange(index: number): ParleyError<"OutOfRange"> {
  return new ParleyError("OutOfRange", `${index} is not the number of a record`, {
    hint: `a stream's records are numbered from 0 to ${STREAM_ROWS - 1}`,
    facts: { actual: index, limit: STREAM_ROWS - 1 },
  });
}
