/** What a cell holds, and its version. */
export interface Cell {
  readonly text: string;
  /** Rises with each change. */
  readonly revision: number;
}

/** Named texts that are changed by compare-and-set: all that leases need of what they are kept in. */
export interface Cells {
  read(name: string): Promise<Cell | null>;
  /**
   * Sets a cell whose revision is still `expected`, 0 where it must not exist; returns the new revision, or null where somebody
   * else was first. Rejects with `LeasesUnavailable` where it is not known whether it was set.
   */
  set(name: string, text: string, expected: number): Promise<number | null>;
  close(): Promise<void>;
}
