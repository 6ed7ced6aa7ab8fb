import type { Clock } from "../kernel/clock.ts";

/** The longest that a timer of the platform can wait; asked for more, it fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's clock, or whatever else tells the time. */
export class SystemClock implements Clock {
  readonly #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  at(at: number, task: () => void): () => void {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const left = at - this.#now();
      timer = left > LONGEST_MS ? setTimeout(wait, LONGEST_MS) : setTimeout(task, Math.max(0, left));
    };
    wait();
    return () => clearTimeout(timer);
  }
}
