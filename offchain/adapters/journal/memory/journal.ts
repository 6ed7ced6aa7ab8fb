import { ParleyError } from "../../../kernel/errors.ts";
import type { Doubt, Durability, SharedJournal } from "../../../ports/journal.ts";

interface Stream {
  readonly records: Uint8Array[];
  /** The largest token that it was fenced with; 0 where it never was. */
  fence: number;
}

/** A journal that survives nothing but its own closing: for tests, rehearsals and agents that need no past. */
export class MemoryJournal implements SharedJournal {
  readonly #streams: Map<string, Stream>;
  /** The tokens that this instance has fenced streams with. */
  readonly #tokens = new Map<string, number>();
  #closed = false;

  /**
   * With a `previous` journal it goes on where that one stands, as a restarted process does with its file. While both are open
   * they share it, as two nodes share a cluster.
   */
  constructor(previous?: MemoryJournal) {
    this.#streams = previous === undefined ? new Map() : previous.#streams;
  }

  async append(stream: string, index: number, record: Uint8Array, _durability: Durability): Promise<void> {
    const known = this.#owned(stream);
    if (index !== known.records.length) throw conflict(stream, index);
    known.records.push(copy(record));
    this.#streams.set(stream, known);
  }

  async read(stream: string): Promise<readonly Uint8Array[]> {
    return this.#find(stream).records.map(copy);
  }

  async streams(): Promise<readonly string[]> {
    this.#checkOpen();
    return [...this.#streams].filter(([, { records }]) => records.length > 0).map(([name]) => name);
  }

  async forget(stream: string, records: number): Promise<void> {
    if (this.#owned(stream).records.length !== records) throw conflict(stream, records);
    this.#streams.delete(stream);
    this.#tokens.delete(stream);
  }

  /** Nothing can be missing here but everything, and then there is nothing left to doubt. */
  async doubt(_stream: string, _durability?: Durability): Promise<Doubt | null> {
    this.#checkOpen();
    return null;
  }

  async fence(stream: string, token: number): Promise<void> {
    const known = this.#find(stream);
    if (token < known.fence || (token === known.fence && this.#tokens.get(stream) !== token)) {
      throw leaseLost(stream, known.fence);
    }
    known.fence = token;
    this.#tokens.set(stream, token);
    this.#streams.set(stream, known);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #find(stream: string): Stream {
    this.#checkOpen();
    return this.#streams.get(stream) ?? { records: [], fence: 0 };
  }

  #owned(stream: string): Stream {
    const known = this.#find(stream);
    if ((this.#tokens.get(stream) ?? 0) < known.fence) throw leaseLost(stream, known.fence);
    return known;
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

function leaseLost(stream: string, fence: number): ParleyError<"LeaseLost"> {
  return new ParleyError("LeaseLost", `stream ${stream} was fenced with token ${fence}, which is not ours`, {
    hint: "leave it to its new owner, or acquire the lease on it again and read it anew",
    facts: { stream, fence },
  });
}
