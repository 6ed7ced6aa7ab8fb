/** What a heart has its connection do. */
export interface Body {
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** The peer gave none between two beats. */
  onDead(): void;
  /** There was no frame for too long. */
  onIdle(): void;
}

/** A timer that comes this many times too late says that we were asleep ourselves. */
const LATE = 1.5;

/** Notices a peer that is gone without a word, or has had nothing to say for too long. */
export class Heart {
  readonly #body: Body;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  /** Beats that may pass without a frame; null where any number may. */
  readonly #patience: number | null;
  #isAlive = true;
  #quietBeats = 0;
  #lastBeat = performance.now();

  constructor(everyMs: number, idleMs: number | null, body: Body) {
    this.#body = body;
    this.#everyMs = everyMs;
    this.#patience = idleMs === null ? null : Math.ceil(idleMs / everyMs);
    this.#timer = setInterval(() => this.#beat(), everyMs).unref();
  }

  /** The peer gave a sign of life. */
  hear(): void {
    this.#isAlive = true;
  }

  /** The peer sent a frame. */
  hearFrame(): void {
    this.#isAlive = true;
    this.#quietBeats = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const wasAsleep = performance.now() - this.#lastBeat > LATE * this.#everyMs;
    this.#lastBeat = performance.now();
    if (!this.#isAlive && !wasAsleep) {
      this.#body.onDead();
    } else if (this.#patience !== null && this.#quietBeats++ >= this.#patience) {
      this.#body.onIdle();
    } else {
      this.#isAlive = false;
      this.#body.ping();
    }
  }
}
