/**
 * The right to be the only one who works on something, for as long as it is renewed.
 *
 * A lease alone keeps nobody from acting too late: a process can be suspended between looking at it and acting on it. What
 * makes it safe is the token: whatever the lease protects refuses everybody who comes with a smaller one than it has seen.
 */
export interface Lease {
  readonly name: string;
  /** Larger than the token of every earlier lease on this name. */
  readonly token: number;
  /** Milliseconds for which the holder may go on without renewing; 0 once it has run out, was released or was lost. */
  remaining(): number;
  /** Makes it last for its whole time again. Rejects with `LeaseLost` where somebody else has taken it over. */
  renew(): Promise<void>;
  /** Lets others have it at once. */
  release(): Promise<void>;
}

export interface Leases {
  /** How long a lease lasts from its last renewal, in milliseconds. */
  readonly lastsMs: number;
  /**
   * Takes the lease on `name`; null while somebody else holds it. Whoever wants it asks again: a lease counts as run out once
   * nobody has renewed it for its whole time, by the clock of whoever asks, since it was first seen. Rejects with
   * `LeasesUnavailable`, which is retryable, where nobody could be asked.
   */
  acquire(name: string): Promise<Lease | null>;
  close(): Promise<void>;
}
