import type { Session } from "../../dealing/session.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Account } from "./account.ts";
import { signedFor } from "./signed-for.ts";

type Negotiation = Pick<Session, "state">;

/** Negotiations of deals that may come to be paid on an account. */
export class Expected {
  /** By which account. */
  readonly #ids = new Map<Negotiation, Bytes32>();
  /** Gives back the room that was kept. */
  readonly #kept = new Map<Negotiation, () => void>();

  /**
   * Takes note of one; `account` is what it names, where that is in use. What was delivered before a restart is owed: it has its room
   * before anything else is looked at.
   */
  add(session: Negotiation, id: Bytes32, account: Account | undefined): void {
    this.#ids.set(session, id);
    const { state } = session;
    if (account === undefined || state.phase !== "agreed" || state.fulfilment.evidence === null) return;
    const { deal, dealHash } = state.agreement;
    if (!isBetween(account, deal) || signedFor(account.newest.state, deal, dealHash) !== null) return;
    account.reserve(dealHash, deal.buyer, deal.price, true);
    this.#kept.set(session, () => account.release(dealHash));
  }

  /** The account that a negotiation's deal names; null where there is none. */
  idOf(session: Negotiation): Bytes32 | null {
    return this.#ids.get(session) ?? null;
  }

  /** Whether any of them may come to need an account. */
  need(id: Bytes32): boolean {
    return [...this.#ids.values()].includes(id);
  }

  forget(session: Negotiation): void {
    this.#ids.delete(session);
    this.#kept.get(session)?.();
    this.#kept.delete(session);
  }
}

/** An account says nothing of deals of others, whatever their terms name. */
export function isBetween(
  { newest, token }: Account,
  { buyer, seller, token: paidIn }: Pick<Deal, "buyer" | "seller" | "token">,
): boolean {
  const { ours, theirs } = newest.state;
  return token === paidIn && [ours, theirs].every(({ agent }) => agent === buyer || agent === seller);
}
