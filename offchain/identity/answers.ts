import type { Clock } from "../kernel/clock.ts";

export interface CacheOptions {
  readonly clock: Clock;
  /** For how many milliseconds an answer may be used: so long a change on the chain can go unseen. */
  readonly maxAgeMs?: number;
  /** Answers that are kept at a time, of each kind. */
  readonly kept?: number;
}

const MAX_AGE_MS = 10_000;

const KEPT = 10_000;

/** Questions to the chain whose answers may change: asked once for what many want to know at a time, and kept for a while. */
export class Answers<Question, Answer> {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #kept: number;
  readonly #ask: (question: Question) => Promise<Answer>;
  readonly #isWorthKeeping: (answer: Answer) => boolean;
  /** The one used longest ago first. */
  readonly #answers = new Map<Question, { readonly asked: number; readonly answer: Answer }>();
  readonly #asking = new Map<Question, Promise<Answer>>();

  /** Questions are told apart as keys of a map are. */
  constructor(
    { clock, maxAgeMs = MAX_AGE_MS, kept = KEPT }: CacheOptions,
    ask: (question: Question) => Promise<Answer>,
    isWorthKeeping: (answer: Answer) => boolean,
  ) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
    this.#kept = kept;
    this.#ask = ask;
    this.#isWorthKeeping = isWorthKeeping;
  }

  async to(question: Question): Promise<Answer> {
    const known = this.#answers.get(question);
    if (known !== undefined && this.#isFresh(known.asked)) {
      this.#put(question, known);
      return known.answer;
    }
    return await (this.#asking.get(question) ?? this.#askAnew(question));
  }

  /** What is being asked now is asked again. */
  forget(question: Question): void {
    this.#answers.delete(question);
    this.#asking.delete(question);
  }

  #askAnew(question: Question): Promise<Answer> {
    // The age of an answer counts from the question: what the chain said is at least as old as its arrival.
    const asked = this.#clock.now();
    const asking = this.#ask(question).then((answer) => {
      const isCurrent = this.#asking.get(question) === asking;
      if (isCurrent && this.#isWorthKeeping(answer)) this.#put(question, { asked, answer });
      return answer;
    });
    this.#asking.set(question, asking);
    const done = () => {
      if (this.#asking.get(question) === asking) this.#asking.delete(question);
    };
    asking.then(done, done);
    return asking;
  }

  /** A clock that was set back makes an answer look as if it came from the future; it is not used then. */
  #isFresh(asked: number): boolean {
    const age = this.#clock.now() - asked;
    return age >= 0 && age < this.#maxAgeMs;
  }

  #put(question: Question, answer: { readonly asked: number; readonly answer: Answer }): void {
    this.#answers.delete(question);
    makeRoom(this.#answers, this.#kept);
    this.#answers.set(question, answer);
  }
}

/** Leaves out the oldest where one more would be too many. */
export function makeRoom<Key>(held: Map<Key, unknown> | Set<Key>, most: number): void {
  const oldest = held.keys().next();
  if (held.size >= most && oldest.done !== true) held.delete(oldest.value);
}
