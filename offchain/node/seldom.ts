import type { Clock } from "../kernel/clock.ts";

/** Texts that are remembered; the oldest goes first. */
const MOST = 1_000;

/** Lets the same thing be said once in a while, and not each time that it is found to be so still. */
export class Seldom {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #said = new Map<string, number>();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Whether it is to be said now. */
  take(text: string): boolean {
    const now = this.#clock.now();
    const last = this.#said.get(text);
    // A clock that was set back must not keep it back until it is there again.
    if (last !== undefined && Math.abs(now - last) < this.#everyMs) return false;
    this.#said.delete(text);
    this.#said.set(text, now);
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= MOST) break;
      this.#said.delete(oldest);
    }
    return true;
  }
}
