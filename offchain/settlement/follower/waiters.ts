/** Who waits for a block. */
export class Waiters {
  readonly #waiting = new Set<{ readonly number: number; readonly resolve: () => void }>();
  #reached: number;

  constructor(reached: number) {
    this.#reached = reached;
  }

  /** Resolves once a block of that number was reached. */
  whenAt(number: number): Promise<void> {
    if (number <= this.#reached) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ number, resolve }));
  }

  /** The newest block, which after a roll-back may be an older one. */
  reach(number: number): void {
    this.#reached = number;
    for (const waiter of this.#waiting) {
      if (waiter.number > number) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
