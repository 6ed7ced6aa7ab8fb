/** Time as it is handed in: nothing in the domain reads the machine's clock. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `task` once at `at` or as soon after as can be, whatever the distance; returns how to call it off. */
  at(at: number, task: () => void): () => void;
}

/** True once a deadline in Unix seconds is over. Like on the chain, its own second still counts. */
export function isPast(deadline: number, now: number): boolean {
  return Math.floor(now / 1000) > deadline;
}

/** Resolves once that many milliseconds of the clock's time have passed. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + milliseconds, resolve));
}

/** Waits for something, but so many milliseconds at most. */
export async function within(clock: Clock, milliseconds: number, awaited: Promise<unknown>): Promise<void> {
  let callOff = () => {};
  const late = new Promise<void>((resolve) => {
    callOff = clock.at(clock.now() + milliseconds, resolve);
  });
  await Promise.race([awaited, late]).finally(() => callOff());
}

/** Resolves at `at`, or as soon as `wake` is called or the signal is given. */
export function wakeAt(
  clock: Clock,
  at: number,
  signal: AbortSignal,
  offer: (wake: () => void) => void,
): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      callOff();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const callOff = clock.at(at, wake);
    signal.addEventListener("abort", wake);
    offer(wake);
  });
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

/** A clock that stands still until it is told to go on. */
export class SimulatedClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(at: number, task: () => void): () => void {
    const timer = { at, order: this.#order++, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves time on, firing what falls due in order of its due time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    // A task may have moved time on itself.
    this.#now = Math.max(this.#now, end);
  }

  #earliest(end: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (!earliest || timer.at < earliest.at || (timer.at === earliest.at && timer.order < earliest.order)) {
        earliest = timer;
      }
    }
    return earliest;
  }
}
