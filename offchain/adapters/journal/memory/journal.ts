import { ParleyError } from "../../../kernel/errors.ts";
import type { Durability, Journal } from "../../../ports/journal.ts";

/** A journal that survives nothing but its own closing: for tests, rehearsals and agents that need no past. */
export class MemoryJournal implements Journal {
  readonly #streams: Map<string, Uint8Array[]>;
  #closed = false;

  /** With a `previous` journal it goes on where that one stands, as a restarted process does with its file. */
  constructor(previous?: MemoryJournal) {
    this.#streams = previous === undefined ? new Map() : previous.#streams;
  }

  async append(stream: string, index: number, record: Uint8Array, _durability: Durability): Promise<void> {
    this.#checkOpen();
    const records = this.#streams.get(stream) ?? [];
    if (index !== records.length) throw conflict(stream, index);
    records.push(copy(record));
    this.#streams.set(stream, records);
  }

  async read(stream: string): Promise<readonly Uint8Array[]> {
    this.#checkOpen();
    return (this.#streams.get(stream) ?? []).map(copy);
  }

  async streams(): Promise<readonly string[]> {
    this.#checkOpen();
    return [...this.#streams.keys()];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw closed();
  }
}

/** Not `slice`, which on a Node buffer shares the memory. */
function copy(record: Uint8Array): Uint8Array {
  return new Uint8Array(record);
}

function closed(): ParleyError<"JournalClosed"> {
  return new ParleyError("JournalClosed", "the journal is closed", {
    hint: "make another that goes on where it stands",
  });
}

function conflict(stream: string, index: number): ParleyError<"JournalConflict"> {
  return new ParleyError("JournalConflict", `stream ${stream} does not hold exactly ${index} records`, {
    hint: "somebody else writes this stream too: stop one of the two",
    facts: { stream, index },
  });
}
