/** Frames and bytes that may be under way at a time: enough for any link, and little enough for any broker to hold. */
const MOST_FRAMES = 256;
const MOST_BYTES = 1 << 20;

/** What a receiver takes in before it says so; well below the former, so that the sender needn't stand still. */
const REPORT_FRAMES = MOST_FRAMES / 4;
const REPORT_BYTES = MOST_BYTES / 4;

/**
 * What one side may still send before it hears that some of it has arrived. Without this, a broker would have to keep
 * whatever a slow reader hasn't read, and brokers then drop messages, readers, or publishers.
 */
export class Credit {
  /** The sizes of what is under way. */
  readonly #underWay: number[] = [];
  #bytes = 0;
  #arrived = 0;

  /** Whether a frame of that size may leave. One alone always may. */
  allows(size: number): boolean {
    return this.#underWay.length === 0 || (this.#underWay.length < MOST_FRAMES && this.#bytes + size <= MOST_BYTES);
  }

  take(size: number): void {
    this.#underWay.push(size);
    this.#bytes += size;
  }

  /** The other side has had so many frames since the beginning. False if that can't be. */
  settle(arrived: number): boolean {
    const count = arrived - this.#arrived;
    if (count < 0 || count > this.#underWay.length) return false;
    for (const size of this.#underWay.splice(0, count)) this.#bytes -= size;
    this.#arrived = arrived;
    return true;
  }
}

/** What one side has had, and when it is to say so. */
export class Intake {
  #frames = 0;
  #unsaid = 0;
  #unsaidBytes = 0;

  /** Whether the sender should hear by now of what has arrived. */
  get isDue(): boolean {
    return this.#unsaid >= REPORT_FRAMES || this.#unsaidBytes >= REPORT_BYTES;
  }

  count(size: number): void {
    this.#frames++;
    this.#unsaid++;
    this.#unsaidBytes += size;
  }

  /** How many frames there were, to be said to the sender now. */
  report(): number {
    this.#unsaid = 0;
    this.#unsaidBytes = 0;
    return this.#frames;
  }
}
