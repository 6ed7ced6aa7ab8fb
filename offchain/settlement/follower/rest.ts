import type { Clock } from "../../kernel/clock.ts";

/** Waiting that ends early: when there is something to look at, or when all is over. */
export class Rest {
  readonly #clock: Clock;
  #isStirred = false;
  #end: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait that goes on, or the next one if none does. */
  readonly stir = (): void => {
    this.#isStirred = true;
    this.#end?.();
  };

  /** Waits for so many milliseconds at most. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#isStirred && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.at(this.#clock.now() + milliseconds, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
        signal.addEventListener("abort", this.#end, { once: true });
      });
      if (this.#end !== null) signal.removeEventListener("abort", this.#end);
      this.#end = null;
    }
    this.#isStirred = false;
  }
}
