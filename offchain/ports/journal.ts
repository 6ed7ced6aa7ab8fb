/** What an append survives: the end of the process, or the loss of power too. */
export type Durability = "process" | "machine";

/** One stream of records per negotiation; records are opaque bytes. */
export interface Journal {
  /**
   * Appends `record` as number `index` of `stream`. Resolves once it is as durable as asked. Rejects with
   * `JournalConflict` if the stream does not hold exactly `index` records: somebody else writes it too.
   */
  append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void>;
  /** The records of a stream in order; empty for an unknown stream. */
  read(stream: string): Promise<readonly Uint8Array[]>;
  /** Every stream that holds a record. */
  streams(): Promise<readonly string[]>;
  /** Waits for what was appended, then lets go of files and connections. */
  close(): Promise<void>;
}
