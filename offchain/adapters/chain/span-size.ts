/** Successes after which a size that was refused once is tried again. */
const FORGIVING = 100;

/**
 * How many blocks to ask for at once. Nodes refuse ranges by rules of their own, which they don't tell and which change: so the range
 * halves whenever one is refused, and grows by a quarter whenever one was granted; but no more than half way to what was refused
 * last, and not at all once it is close to that. Now and then that is forgotten, since rules change.
 */
export class SpanSize {
  readonly #most: number;
  #now: number;
  #refused = Number.POSITIVE_INFINITY;
  #granted = 0;

  constructor(first: number, most: number) {
    this.#most = Math.max(1, most);
    this.#now = Math.min(Math.max(1, first), this.#most);
  }

  get now(): number {
    return this.#now;
  }

  /** A range of that many blocks was refused, or its answer was too much. */
  refuse(blocks: number): void {
    this.#refused = blocks;
    this.#granted = 0;
    this.#now = Math.max(1, Math.floor(Math.min(blocks, this.#now) / 2));
  }

  /** A range of that many blocks was granted. */
  grant(blocks: number): void {
    if (blocks < this.#now) return;
    if (++this.#granted >= FORGIVING) this.#refused = Number.POSITIVE_INFINITY;
    const gap = this.#refused - this.#now;
    if (gap <= this.#now / 8 + 1) return;
    const step = Math.max(1, Math.floor(Math.min(this.#now / 4, gap / 2)));
    this.#now = Math.min(this.#now + step, this.#most);
  }
}
