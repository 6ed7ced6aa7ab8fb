import type { Clock } from "../kernel/clock.ts";

/** Lets so many things through in a time, and counts the others: for what strangers cause. */
export class Quota {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #spanMs: number;
  #began = Number.NEGATIVE_INFINITY;
  #used = 0;
  #kept = 0;

  constructor(clock: Clock, most: number, spanMs: number) {
    this.#clock = clock;
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** How many were kept back since the last that was let through; null where this one is kept back, too. */
  take(): number | null {
    const now = this.#clock.now();
    // A clock that was set back must not keep everything back until it is there again.
    if (Math.abs(now - this.#began) >= this.#spanMs) [this.#began, this.#used] = [now, 0];
    if (this.#used >= this.#most) {
      this.#kept++;
      return null;
    }
    this.#used++;
    const kept = this.#kept;
    this.#kept = 0;
    return kept;
  }
}
