import type { Bytes32 } from "../../kernel/ids.ts";
import type { Finding } from "../../ports/connector.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";
import type { AccountOutcome } from "../saga/outcome.ts";

/** How long after the last moment of its delivery a buyer has to sign for it: what holds it up is mostly a connection. */
export const UNPAID_S = 24 * 60 * 60;

/** A deal that is to be paid on account, as one side knows it. Times are of the chain's clock. */
export interface AccountSituation {
  readonly role: Role;
  readonly account: Bytes32;
  readonly deal: Pick<Deal, "price" | "commitBy" | "deliverWithin">;
  /** Time of the newest block, and of the newest that no reorganisation takes back. */
  readonly now: number;
  readonly final: number;
  /** Whether the chain has a deal of this negotiation, committed or declared. */
  readonly isRecorded: boolean;
  /** Why the account can't carry it; null where it can. */
  readonly obstacle: string | null;
  /** Whether the buyer has signed in the account that it owes the price for this deal. */
  readonly isOwed: boolean;
  /** Whether the other side is known to have that; for buyers. */
  readonly isHeard: boolean;
  /** Whether the buyer has said RECEIPT over the whole. */
  readonly isReceipted: boolean;
  /** Whether whoever has a say before money is bound has let it pass; null while that is not decided. */
  readonly isCleared: boolean | null;
  /** Whether the seller's systems have set aside what was sold; null where they weren't asked since the start. */
  readonly isReserved: boolean | null;
  /** Whether DELIVER was said, by whoever sells. */
  readonly isDelivered: boolean;
  /** What the buyer has found; null before it has. */
  readonly finding: Finding | null;
  /** Whether it could not be let pass, looked at or signed for, however long that was tried since the start; for buyers. */
  readonly isTriedLong: boolean;
}

export type AccountTask = "clear" | "reserve" | "deliver" | "release" | "inspect" | "owe" | "acknowledge";

/** What is next: done, waited for, left to the chain, or nothing. */
export type AccountPlan =
  | { readonly do: AccountTask }
  | { readonly wait: string; readonly until: number }
  | { readonly chain: string }
  | { readonly end: AccountOutcome };

const NOT_CLEARED = "nobody has let it pass";

/** When a seller gives up waiting to be paid. */
export function unpaidAt({ commitBy, deliverWithin }: AccountSituation["deal"]): number {
  return commitBy + deliverWithin + UNPAID_S + 1;
}

/**
 * What a deal on account needs now, from one side's point of view. The agreement can be committed until `commitBy` like any other, and
 * what is on the chain is paid there: so the buyer signs nothing before a final block is later and has no record of it.
 */
export function planOnAccount(situation: AccountSituation): AccountPlan {
  const { role, isRecorded, isOwed } = situation;
  if (isRecorded) return { chain: "the deal is recorded on the chain" };
  if (role === "buyer") return isOwed ? planOwed(situation) : planBuyer(situation);
  return isOwed ? planPaid(situation) : planSeller(situation);
}

/** A buyer that has signed for it can commit it all the same: who looked away then would lose its bond. */
function planPaid(situation: AccountSituation): AccountPlan {
  const { final, deal } = situation;
  if (final > deal.commitBy) return ended(situation, "Owed");
  return { wait: "the end of the time in which it can be committed", until: deal.commitBy + 1 };
}

function planOwed(situation: AccountSituation): AccountPlan {
  const { isReceipted, isHeard, deal, now } = situation;
  if (!isReceipted) return { do: "acknowledge" };
  const until = unpaidAt(deal);
  if (!isHeard && now < until) return { wait: "the seller to have the entry", until };
  return ended(situation, "Owed");
}

function planSeller(situation: AccountSituation): AccountPlan {
  const { deal, now, obstacle, isDelivered } = situation;
  // As long as it can be committed, that secures what was delivered too.
  if (obstacle !== null && now <= deal.commitBy) return { chain: obstacle };
  if (!isDelivered) return planDelivery(situation);
  const until = unpaidAt(deal);
  if (now < until) return { wait: "the buyer to sign for it in the account", until };
  return ended(situation, "Unpaid");
}

function planDelivery({ deal, now, obstacle, isCleared, isReserved }: AccountSituation): AccountPlan {
  const { commitBy, deliverWithin } = deal;
  const over = obstacle ?? (now > commitBy + deliverWithin ? "the time to deliver is over" : null);
  if (over !== null) {
    // Nobody can commit it any more, so on the chain nobody asks for what was set aside. An earlier process may have done that.
    return isReserved !== false ? { do: "release" } : { chain: over };
  }
  if (isCleared !== true) return isCleared === null ? { do: "clear" } : { chain: NOT_CLEARED };
  if (isReserved === null) return { do: "reserve" };
  return isReserved ? { do: "deliver" } : { chain: "it can't be delivered" };
}

function planBuyer(situation: AccountSituation): AccountPlan {
  const { deal, now, final, obstacle, isCleared, isDelivered, finding, isTriedLong } = situation;
  const { commitBy } = deal;
  // Who comes back after its time still has to pay: it tries, but not for ever.
  const isOver = isTriedLong && now >= unpaidAt(deal);
  if (obstacle !== null) return { chain: obstacle };
  if (isCleared === false || (isCleared === null && isOver)) return { chain: NOT_CLEARED };
  if (isCleared === null) return { do: "clear" };
  if (!isDelivered) {
    // The seller's word may come late, or we may have been away: what was delivered in time is signed for all the same.
    const until = unpaidAt(deal);
    return now < until ? { wait: "the seller to deliver", until } : { chain: "nothing was delivered in time" };
  }
  if (finding === null) {
    return isOver ? ended(situation, "Rejected") : { do: "inspect" };
  }
  // Until then the seller can commit it, and it would be paid twice.
  if (final <= commitBy) return { wait: "the end of the time in which it can be committed", until: commitBy + 1 };
  if (!finding.good) return ended(situation, "Rejected");
  // It is owed all the same, and signed if that can still be done.
  return isOver ? ended(situation, "Unpaid") : { do: "owe" };
}

function ended({ account }: AccountSituation, how: AccountOutcome["how"]): AccountPlan {
  return { end: { kind: "onAccount", account, how } };
}
