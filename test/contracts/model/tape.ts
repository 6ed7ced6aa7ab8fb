// Random choices as a list of numbers, so that fast-check can shrink a sequence of acts without knowing what they mean.

export class Tape {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** The next number; 0 once there are none left. */
  number(): number {
    const value = this.#numbers[this.#next] ?? 0;
    this.#next += 1;
    return value;
  }

  /** One of some things. The first is the simplest: what fast-check shrinks towards. */
  pick<T>(things: readonly T[]): T {
    const thing = things[this.number() % things.length];
    if (thing === undefined) throw new Error("nothing to pick from");
    return thing;
  }

  /** True in about this many of a hundred cases; false is the simplest. */
  chance(percent: number): boolean {
    return this.number() % 100 >= 100 - percent;
  }
}
