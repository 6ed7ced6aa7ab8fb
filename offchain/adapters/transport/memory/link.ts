import type { Clock } from "../../../kernel/clock.ts";
import type { Passage } from "./faults.ts";

/** One direction of a connection. Whatever passes through arrives later, in order unless the dice want it otherwise. */
export class Link {
  readonly #clock: Clock | null;
  /** Null where nothing is left to chance. */
  readonly #roll: () => readonly Passage[] | null;
  readonly #deliver: (frame: Uint8Array) => void;
  #isCut = false;
  /** When the last thing arrives that keeps its place. */
  #last = 0;
  /** How many things wait for their time. */
  #waiting = 0;

  constructor(clock: Clock | null, roll: () => readonly Passage[] | null, deliver: (frame: Uint8Array) => void) {
    this.#clock = clock;
    this.#roll = roll;
    this.#deliver = deliver;
  }

  send(frame: Uint8Array): void {
    for (const passage of this.#roll() ?? [ON_TIME]) {
      // A copy for each, since the sender may go on writing to its own and a receiver may write to what it got.
      const copy = new Uint8Array(frame);
      this.#dispatch(passage, () => this.#deliver(copy));
    }
  }

  /** Calls `done` after all that was sent has arrived. */
  end(done: () => void): void {
    this.#dispatch(ON_TIME, done);
  }

  /** Loses what is under way and all that follows. */
  cut(): void {
    this.#isCut = true;
  }

  #dispatch({ due, isInOrder }: Passage, task: () => void): void {
    const arrive = () => {
      if (!this.#isCut) task();
    };
    const now = this.#clock?.now() ?? 0;
    const at = isInOrder ? Math.max(now, due, this.#last) : due;
    if (isInOrder) this.#last = at;
    if (this.#clock === null || (at <= now && this.#waiting === 0)) {
      queueMicrotask(arrive);
      return;
    }
    this.#waiting++;
    this.#clock.at(at, () => {
      this.#waiting--;
      arrive();
    });
  }
}

const ON_TIME: Passage = { due: 0, isInOrder: true };
