import type { AgentId } from "../kernel/ids.ts";
import type { Session } from "./session.ts";

/** How much an agent takes on at a time. */
export interface Capacity {
  /** Negotiations that aren't over, of all peers; those we open ourselves count, but are never refused. */
  readonly open: number;
  /** Of one peer. */
  readonly openPerPeer: number;
  /** Finished ones that are kept in memory, so that a late repetition still gets its reply. The journal has them all. */
  readonly finished: number;
}

export const USUAL_CAPACITY: Capacity = { open: 10_000, openPerPeer: 1_000, finished: 1_000 };

/** The negotiations that are held in memory. */
export class Roll {
  readonly #capacity: Capacity;
  readonly #sessions = new Set<Session>();
  readonly #open = new Map<AgentId, number>();
  readonly #finished = new Set<Session>();
  #openCount = 0;
  readonly #onForgotten: (session: Session) => void;

  constructor(capacity: Capacity, onForgotten: (session: Session) => void) {
    this.#capacity = capacity;
    this.#onForgotten = onForgotten;
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  hasRoomFor(peer: AgentId): boolean {
    return this.#openCount < this.#capacity.open && (this.#open.get(peer) ?? 0) < this.#capacity.openPerPeer;
  }

  add(session: Session): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    const { peer } = session.state.brief;
    this.#count(peer, 1);
    void session.settled.then(() => this.#count(peer, -1));
  }

  /** Nothing will come of this one any more: it may go once there are too many of its kind. */
  release(session: Session): void {
    if (!this.#sessions.has(session)) return;
    this.#finished.add(session);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= this.#capacity.finished) break;
      this.#finished.delete(oldest);
      this.#sessions.delete(oldest);
      this.#onForgotten(oldest);
    }
  }

  #count(peer: AgentId, change: 1 | -1): void {
    this.#openCount += change;
    const left = (this.#open.get(peer) ?? 0) + change;
    if (left === 0) this.#open.delete(peer);
    else this.#open.set(peer, left);
  }
}
