/** Successes after which a size that was refused once is tried again. */
const FORGIVING = 32;

/**
 * How many blocks to ask for at once. Nodes refuse ranges by rules of their own, which they don't tell and which change: so the range
 * halves whenever one is refused, grows by a quarter whenever one was granted, and stays below what was refused last for a while.
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
    const grown = this.#now + Math.max(1, Math.floor(this.#now / 4));
    this.#now = Math.max(this.#now, Math.min(grown, this.#most, this.#refused - 1));
  }
}
