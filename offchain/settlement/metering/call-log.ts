import { ByteReader, ByteWriter } from "../../kernel/binary.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Journal } from "../../ports/journal.ts";

/** In this order for good: records hold their places. */
const HAPPENINGS = ["begun", "answered", "cancelled", "lost", "void"] as const;

/** What became of a call, as one side knows it. */
export interface CallEntry {
  /**
   * `cancelled`: it was not served, so it costs nothing. `lost`: whether it was served isn't known. `void`: whatever came of it, before or
   * after, says nothing about the seller.
   */
  readonly what: (typeof HAPPENINGS)[number];
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const VERSION = 1;
/** Bytes of an entry: what, number, time. */
const ENTRY_BYTES = 1 + 6 + 6;

/** One side's own record of the calls of a deal. Those that come while one is being written are written together. */
export class CallLog {
  readonly #journal: Journal;
  readonly #stream: string;
  #records: number;
  #pending: CallEntry[] = [];
  /** The record that is being written, and the one that gathers meanwhile. */
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #failed: Error | null = null;

  private constructor(journal: Journal, stream: string, records: number) {
    this.#journal = journal;
    this.#stream = stream;
    this.#records = records;
  }

  /** Opens a deal's log, with all that it holds by now. */
  static async open(
    journal: Journal,
    { dealHash, transcript }: { readonly dealHash: Bytes32; readonly transcript: Bytes32 },
  ): Promise<{ readonly log: CallLog; readonly entries: readonly CallEntry[] }> {
    const stream = `calls:${dealHash}:${transcript}`;
    const records = await journal.read(stream);
    return { log: new CallLog(journal, stream, records.length), entries: records.flatMap(decode) };
  }

  /** Resolves once the entry survives the process. Once that has failed it fails for good: what can't be counted isn't served. */
  note(entry: CallEntry): Promise<void> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    this.#pending.push(entry);
    // Whatever comes while a record is being written goes into the next one.
    this.#next ??= this.#last.then(() => this.#write());
    return this.#next;
  }

  async #write(): Promise<void> {
    const entries = this.#pending;
    this.#pending = [];
    this.#last = this.#next ?? this.#last;
    this.#next = null;
    try {
      await this.#journal.append(this.#stream, this.#records, encode(entries), "process");
    } catch (thrown) {
      this.#failed = thrown as Error;
      throw thrown;
    }
    this.#records++;
  }
}

function encode(entries: readonly CallEntry[]): Uint8Array {
  const writer = new ByteWriter().uint(VERSION, 1);
  for (const { what, number, at } of entries) writer.uint(HAPPENINGS.indexOf(what), 1).uint(number, 6).uint(at, 6);
  return writer.finish();
}

function decode(record: Uint8Array): CallEntry[] {
  const reader = new ByteReader(record);
  if (reader.uint(1) !== VERSION || (record.length - 1) % ENTRY_BYTES !== 0) throw unreadable();
  return Array.from({ length: (record.length - 1) / ENTRY_BYTES }, () => {
    const what = HAPPENINGS[reader.uint(1)];
    if (what === undefined) throw unreadable();
    return { what, number: reader.uint(6), at: reader.uint(6) };
  });
}

function unreadable(): ParleyError<"JournalUnreadable"> {
  return new ParleyError("JournalUnreadable", "a record of calls is not of a form that is known here", {
    hint: "start the version of Parley that wrote it, or a newer one",
  });
}
