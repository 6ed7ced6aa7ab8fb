/** Remembers what must not count twice, longer than a process lives. */
export interface ReplayStore {
  /**
   * Remembers an id up to and including `until`; `now` says what may be forgotten (both Unix seconds). Resolves with false
   * where it is remembered already, with true once it would survive the machine.
   */
  remember(id: string, until: number, now: number): Promise<boolean>;
}
