import { concat, fromHex, utf8 } from "../kernel/bytes.ts";
import type { Clock } from "../kernel/clock.ts";
import { sha256 } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { REFUSAL_CODES } from "../terms/refusal.ts";
import type { Session } from "./session.ts";
import type { State } from "./state.ts";

/** From this number on, a reason says that somebody broke the protocol. */
const FIRST_FAULT = 100;

/**
 * When to ask again, in milliseconds since 1970; null where nothing is to be asked, or not any more. Who broke the protocol isn't
 * asked a second time.
 */
export function dueAgain({ state }: { readonly state: State }): number | null {
  const { again } = state.brief;
  if (state.phase !== "ended" || again === null || again.times === 0 || state.reopened) return null;
  if (REFUSAL_CODES[state.ending.code] >= FIRST_FAULT) return null;
  return state.ending.at + again.afterMs;
}

/**
 * The salt of the negotiation that takes another's place. It follows from the other's, so that after a crash it is plain whether
 * it was opened already.
 */
export function saltAgain(salt: Bytes32): Bytes32 {
  return sha256(concat(utf8.encode("asked again"), fromHex(salt)));
}

/** Waits for the time at which what came to nothing is asked for again. The journal holds all that this goes by. */
export class Postings {
  readonly #clock: Clock;
  readonly #post: (session: Session) => Promise<void>;
  readonly #waiting = new Map<Session, { readonly cancel: () => void; readonly posted: Promise<void> }>();

  constructor(clock: Clock, post: (session: Session) => Promise<void>) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Looks at a negotiation in which something happened. */
  notice(session: Session): void {
    const due = dueAgain(session);
    const waiting = this.#waiting.get(session);
    if (due === null) {
      // An ACCEPT that came late: there is a deal after all.
      waiting?.cancel();
    } else if (waiting === undefined) {
      this.#await(session, due);
    }
  }

  /** Resolves once the next is asked again, or called off; with false where none is waiting. */
  async next(): Promise<boolean> {
    if (this.#waiting.size === 0) return false;
    await Promise.race([...this.#waiting.values()].map(({ posted }) => posted));
    return true;
  }

  stop(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
  }

  #await(session: Session, due: number): void {
    const posted = Promise.withResolvers<void>();
    const over = () => {
      this.#waiting.delete(session);
      posted.resolve();
    };
    const callOff = this.#clock.at(due, () => void this.#post(session).finally(over));
    const cancel = () => {
      callOff();
      over();
    };
    this.#waiting.set(session, { cancel, posted: posted.promise });
  }
}
