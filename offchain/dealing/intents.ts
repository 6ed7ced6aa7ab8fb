import type { Bytes32 } from "../kernel/ids.ts";
import type { Wanted } from "./brief.ts";
import type { Session } from "./session.ts";
import { isFinal } from "./speaking.ts";
import type { State } from "./state.ts";

/**
 * Sees to it that what is wanted once is not bought twice. One intent may be negotiated with many peers at a time, but whatever we sign
 * binds us until its `commitBy`, whoever leaves: so only so many of its negotiations may sign an OFFER or an ACCEPT as it may come to
 * agreements. The others listen. When one of those that may has come to nothing for good, the best of the others takes its place.
 */
export class Intents {
  readonly #sessions = new Map<Bytes32, Set<Session>>();
  /** Negotiations that could not be brought back: they may bind us, and nobody can tell. */
  readonly #lost = new Map<Bytes32, number>();
  /** Those of which nothing can come any more. */
  readonly #void = new WeakSet<Session>();

  /**
   * Looks at negotiations that are new, or in which something happened. Those of before a restart must come together: who may bind us
   * already is known only then.
   */
  notice(...sessions: readonly Session[]): void {
    const concerned = new Map<Bytes32, number>();
    for (const session of sessions) {
      const { intent } = session.state.brief;
      if (intent === null) continue;
      const known = this.#sessions.get(intent.id) ?? new Set();
      this.#sessions.set(intent.id, known.add(session));
      concerned.set(intent.id, intent.most);
    }
    for (const [id, most] of concerned) this.#grant(id, most);
  }

  /** A negotiation for this could not be brought back from the journal. */
  noticeLost({ id }: Wanted): void {
    this.#lost.set(id, (this.#lost.get(id) ?? 0) + 1);
  }

  /** Nothing was committed of this negotiation, and nothing can be. */
  annul(session: Session): void {
    const { intent } = session.state.brief;
    if (intent === null) return;
    this.#void.add(session);
    if (isFinal(session.state)) this.forget(session);
    this.#grant(intent.id, intent.most);
  }

  /** Nothing more comes of a negotiation, and nobody asks for it any more. One that binds us counts for good. */
  forget(session: Session): void {
    const { intent } = session.state.brief;
    if (intent === null || this.#holds(session)) return;
    const known = this.#sessions.get(intent.id);
    known?.delete(session);
    if (known?.size === 0) this.#sessions.delete(intent.id);
  }

  /** Whether it has come to as many agreements as it may. */
  isSatisfied(intent: Wanted | null): boolean {
    if (intent === null) return false;
    const agreed = [...(this.#sessions.get(intent.id) ?? [])].filter(
      (session) => session.state.phase === "agreed" && !this.#void.has(session),
    );
    return agreed.length + (this.#lost.get(intent.id) ?? 0) >= intent.most;
  }

  #grant(id: Bytes32, most: number): void {
    const sessions = [...(this.#sessions.get(id) ?? [])];
    let free = most - (this.#lost.get(id) ?? 0) - sessions.filter((session) => this.#holds(session)).length;
    for (const session of sessions.filter(isWaiting).sort(byOffer)) {
      if (free-- <= 0) return;
      session.grant();
    }
  }

  #holds(session: Session): boolean {
    const { state } = session;
    if (!session.isGranted || this.#void.has(session)) return false;
    return state.phase !== "ended" || hasOffered(state);
  }
}

/** Whether something that we signed in it may still come to bind us, as far as it shows by itself. */
export function mayBind(state: State): boolean {
  return state.phase === "agreed" || (state.phase === "ended" && hasOffered(state));
}

function isWaiting(session: Session): boolean {
  return !session.isGranted && !isFinal(session.state) && session.state.phase === "bargaining";
}

/** Whether an offer of ours may still be accepted, or an acceptance of ours be shown. */
function hasOffered({ ours }: State): boolean {
  for (let link = ours; link !== null; link = link.previous) {
    if (link.kind === "OFFER" || link.kind === "ACCEPT") return true;
  }
  return false;
}

/** The peer's newest offer that is best for us first; those that have made none keep the order in which they came. */
function byOffer(one: Session, other: Session): number {
  const [a, b] = [newestOffer(one.state), newestOffer(other.state)];
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const cheaperFirst = a < b ? -1 : a > b ? 1 : 0;
  return one.state.brief.role === "buyer" ? cheaperFirst : -cheaperFirst;
}

function newestOffer({ theirs }: State): bigint | null {
  for (let link = theirs; link !== null; link = link.previous) if (link.deal !== null) return link.deal.price;
  return null;
}
