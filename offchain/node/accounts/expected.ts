import type { Session } from "../../dealing/session.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Outcome } from "../../settlement/saga/outcome.ts";
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
  /** Those that were delivered on an account which can't carry them, by that account: the chain has to pay them. */
  readonly #left = new Map<Negotiation, Bytes32>();

  /**
   * Takes note of one; `account` is what it names, where that is in use. What was delivered before a restart is owed: it has its room
   * before anything else is looked at.
   */
  add(session: Negotiation, id: Bytes32, account: Account | undefined): void {
    this.#ids.set(session, id);
    const { state } = session;
    if (account === undefined || state.phase !== "agreed" || !isDelivered(session)) return;
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

  /** It is the chain's from now on. What was delivered before is on trust until that has paid. */
  leave(session: Negotiation): void {
    const id = this.#ids.get(session);
    const { brief } = session.state;
    if (id !== undefined && brief.role === "seller" && isDelivered(session)) this.#left.set(session, id);
    this.forget(session);
  }

  /** Whether what was delivered on an account may turn out to be paid by nobody. */
  isOnTrust(id: Bytes32): boolean {
    return [...this.#left.values()].includes(id);
  }

  /** The account of what was delivered, and the chain won't pay either; null where that isn't so. */
  unpaidOn(session: Negotiation, outcome: Outcome): Bytes32 | null {
    // What was committed had its money in escrow, and its review.
    const isUnpaid = outcome.kind === "forfeited" || (outcome.kind === "cancelled" && outcome.how === "Lapsed");
    return isUnpaid ? (this.#left.get(session) ?? null) : null;
  }

  /** Nothing more comes of it. */
  end(session: Negotiation): void {
    this.forget(session);
    this.#left.delete(session);
  }

  forget(session: Negotiation): void {
    this.#ids.delete(session);
    this.#kept.get(session)?.();
    this.#kept.delete(session);
  }
}

function isDelivered({ state }: Negotiation): boolean {
  return state.phase === "agreed" && state.fulfilment.evidence !== null;
}

/** An account says nothing of deals of others, whatever their terms name. */
export function isBetween(
  { newest, token }: Account,
  { buyer, seller, token: paidIn }: Pick<Deal, "buyer" | "seller" | "token">,
): boolean {
  const { ours, theirs } = newest.state;
  return token === paidIn && [ours, theirs].every(({ agent }) => agent === buyer || agent === seller);
}
