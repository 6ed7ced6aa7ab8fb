import type { Clock } from "../kernel/clock.ts";

interface Due<T> {
  readonly things: Set<T>;
  readonly callOff: () => void;
}

/** Deadlines of many things: those of one moment share a timer. */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #onDue: (thing: T) => void;
  readonly #due = new Map<number, Due<T>>();

  /** `onDue` is told of each thing once, at its deadline or as soon after as can be, unless it is called off. */
  constructor(clock: Clock, onDue: (thing: T) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(at: number, thing: T): void {
    const due = this.#due.get(at) ?? this.#wait(at);
    due.things.add(thing);
  }

  callOff(at: number, thing: T): void {
    const due = this.#due.get(at);
    due?.things.delete(thing);
    if (due?.things.size !== 0) return;
    due.callOff();
    this.#due.delete(at);
  }

  #wait(at: number): Due<T> {
    const things = new Set<T>();
    const callOff = this.#clock.at(at, () => {
      this.#due.delete(at);
      for (const thing of things) this.#onDue(thing);
    });
    const due = { things, callOff };
    this.#due.set(at, due);
    return due;
  }
}
