/** What an append survives: the end of the process, or the loss of power too. */
export type Durability = "process" | "machine";

/** Why a stream may lack records that its owner has acted on. */
export type DoubtCode =
  /** The machine went down with the journal open: records that were durable for the process may be gone. */
  | "MachineRestarted"
  /** Records are missing that a witness saw: a backup was restored, or a file's end is lost. */
  | "RecordsMissing"
  /** The witness that the journal used to have is not there to be asked. */
  | "WitnessMissing";

export interface Doubt {
  readonly code: DoubtCode;
  /** What happened, as one sentence. */
  readonly says: string;
}

/**
 * One stream of records per negotiation; records are opaque bytes.
 *
 * A call that is refused, with `JournalConflict` or the like, has changed nothing. One that fails otherwise leaves open
 * whether it had its effect. Where the error is retryable the same call, repeated, has the effect once: until it succeeds
 * or is refused, nothing else may be appended to its stream.
 */
export interface Journal {
  /**
   * Appends `record` as number `index` of `stream`. Resolves once it is as durable as asked. Rejects with
   * `JournalConflict` if the stream does not hold exactly `index` records: somebody else writes it too.
   */
  append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void>;
  /** The records of a stream in order; empty for an unknown stream. Rejects with `JournalCorrupt` where one is spoilt. */
  read(stream: string): Promise<readonly Uint8Array[]>;
  /** Every stream that holds a record. */
  streams(): Promise<readonly string[]>;
  /**
   * Removes a stream for good; the journal then knows nothing of it. Rejects with `JournalConflict` if it does not hold exactly
   * `records` records, so that nothing is lost that the caller has not seen. The caller answers for it that nobody can ask for
   * them any more: not before every appeal has ended and the last offer in it can't be committed.
   */
  forget(stream: string, records: number): Promise<void>;
  /**
   * Why the journal can't prove that it has every record that was acknowledged in a stream; null where it can. It stays so for
   * as long as the stream exists: in such a negotiation only END may be signed, since anything else might be the second envelope
   * under its number.
   *
   * Where every record of the stream was appended with `durability` "machine", say so: that the machine went down is no doubt of it
   * then, and hides none that is.
   */
  doubt(stream: string, durability?: Durability): Promise<Doubt | null>;
  /** Waits for what was appended, then lets go of files and connections. */
  close(): Promise<void>;
}

/** A journal that several processes share, of which one at a time owns a stream. */
export interface SharedJournal extends Journal {
  /**
   * Shuts out of a stream whoever owned it before: `token` is that of the lease on it, and from now on only an instance that
   * fenced it with the largest token can append. Everybody else's appends reject with `LeaseLost`, as does this call where a
   * larger token came first. Read the stream after this, not before: then what was read is all there is.
   */
  fence(stream: string, token: number): Promise<void>;
}
