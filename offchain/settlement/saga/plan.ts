import { ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { DealPosition, Payout } from "../../ports/chain.ts";
import { claimFrom } from "../claiming.ts";
import type { Memory } from "./memory.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Task } from "./tasks.ts";

/** After `deliverWithin` come these seconds for receipts only; then a deal that was not delivered can be refunded. */
export const RECEIPT_GRACE_S = 24 * 60 * 60;

/** How long after a dispute began the seller can state its share. */
export const STATEMENT_S = 24 * 60 * 60;

/** What one side does of what it might leave to the other. */
export interface Policy {
  /** Seconds that a seller leaves the commitment to the buyer, whose money it is. */
  readonly leaveCommitS: number;
  /** How many seconds before `commitBy` a deal that the other side can't commit is declared. */
  readonly declareBeforeS: number;
  /** Seconds that what anybody may do for the other side's sake is left to it. */
  readonly courtesyS: number;
  /** Part of the price, in basis points, that a seller asks for where its delivery is disputed. */
  readonly defendedShare: number;
  /** Whether a delivery that was found bad is disputed by itself; otherwise that is for people. */
  readonly opensDisputes: boolean;
  /** How likely it is, in basis points, that no later receipt takes the place of one that runs out. */
  readonly lossShare: number;
  /** Whether the other side is rated once the deal is over. */
  readonly rates: boolean;
}

export const USUAL_POLICY: Policy = {
  leaveCommitS: 30,
  declareBeforeS: 600,
  courtesyS: 3_600,
  defendedShare: 10_000,
  opensDisputes: true,
  lossShare: 10_000,
  rates: false,
};

/** What an arbitrator refuses a dispute with that it can't take any more: it is left ever less time. */
const REFUSED_FOR_GOOD: readonly string[] = ["RulingTooSlow"];

/** Whether what was refused so is refused each time. */
export function isForGood(code: string): boolean {
  return REFUSED_FOR_GOOD.includes(code);
}

/** What is to be done next, or waited for; times are of the chain's clock. */
export type Plan =
  | { readonly do: Task; readonly by: number | null }
  | { readonly wait: string; readonly until: number | null }
  | { readonly end: Outcome };

export interface Situation {
  readonly memory: Memory;
  readonly position: DealPosition;
  /** How it was paid out; null before that. */
  readonly payout: Payout | null;
  readonly policy: Policy;
  /** The newest receipt that the seller holds. */
  readonly receipt: Receipt | null;
  /** What it costs to claim it now, in the deal's token; null where that isn't known. */
  readonly claimCost: Amount | null;
}

/** What the buyer has signed that it owes. */
export interface Receipt {
  readonly total: Amount;
  /** Last second at which it counts, as far as is known: a day after its key has ended. */
  readonly until: number;
}

/**
 * What a deal needs now, from one side's point of view. It follows from what the chain says and from what was done outside it, never from
 * what was tried: so it can be asked again after any crash, and asks for nothing twice that has had its effect.
 */
export function planFor(situation: Situation): Plan {
  const { position, payout, memory } = situation;
  const { status, ours } = position;
  if (status !== "None" && !ours) return concluding(situation, { kind: "cancelled", how: "Superseded" });
  switch (status) {
    case "None":
      return planCommitment(situation);
    case "Declared":
      return planDeclared(situation);
    case "Committed":
      return planDelivery(situation);
    case "Delivered":
      return planReview(situation);
    case "Disputed":
      return planDispute(situation);
    case "Defaulted":
      return concluding(situation, { kind: "forfeited", by: memory.declarer === null ? null : other(memory) });
    case "Settled":
      // The record comes before the event that tells how it was paid out.
      return payout === null
        ? { wait: "the chain to tell how it was paid out", until: null }
        : concluding(situation, outcomeOf(payout));
  }
}

function planCommitment({ memory, position, policy }: Situation): Plan {
  const { deal, proofs, role } = memory.undertaking;
  const { commitBy } = deal;
  const { now } = position;
  if (now > commitBy) return concluding({ memory, policy }, { kind: "cancelled", how: "Lapsed" });
  if (proofs === null) return { wait: "whoever holds both signatures to commit it", until: commitBy + 1 };
  if (memory.clearance === null) return { do: "clear", by: commitBy };
  const { rejection } = memory.clearance;
  if (rejection !== null)
    return { wait: `the end of the offers: ${rejection.code}, ${rejection.note}`, until: commitBy + 1 };
  if (memory.refused !== null && now >= commitBy - policy.declareBeforeS) return { do: "declare", by: commitBy };
  if (role === "seller") {
    const from = Math.min(memory.clearance.chainTime + policy.leaveCommitS, commitBy - policy.declareBeforeS);
    if (now < from) return { wait: "the buyer to commit it, which else this side does", until: from };
  }
  return { do: "commit", by: commitBy };
}

function planDeclared({ memory, position, policy }: Situation): Plan {
  const { declaration, now } = position;
  if (declaration === null) return { wait: "the chain to tell who declared it", until: null };
  const { declarer, cureUntil } = declaration;
  if (declarer !== self(memory)) {
    if (now <= cureUntil) return { do: "cure", by: cureUntil };
    return { wait: "the other side to end what we have not made good", until: null };
  }
  if (now > cureUntil) return { do: "penalise", by: null };
  // Nobody makes it good but the other side, or who pays for it.
  return { wait: "the other side to bring its part", until: Math.min(cureUntil + 1, now + policy.courtesyS) };
}

function planDelivery(situation: Situation): Plan {
  const { memory, position, policy } = situation;
  const { deal, role } = memory.undertaking;
  const { since, now } = position;
  const last = since + deal.deliverWithin;
  const refundable = last + RECEIPT_GRACE_S + 1;
  // A metered deal (no review period) knows no delivery, only receipts; what is left of it goes back in the same way.
  const isMetered = deal.reviewPeriod === 0;
  if (role === "buyer") {
    if (now >= refundable) return { do: "refund", by: null };
    return { wait: isMetered ? "the deal's time to be over" : "the seller to deliver", until: refundable };
  }
  const collecting = planReceipts(situation, last);
  if (collecting !== null) return collecting;
  if (isMetered || now > last) {
    const from = refundable + (isMetered ? 0 : policy.courtesyS);
    if (now >= from) return { do: "refund", by: null };
    // With the time for calls ends the time to wait for a larger receipt.
    return { wait: "what was not used or not delivered to go back", until: now > last ? from : last + 1 };
  }
  if (memory.clearance === null) return { do: "clear", by: last };
  if (memory.clearance.rejection !== null)
    return { wait: cantDeliver(memory.clearance.rejection.note), until: last + 1 };
  return memory.evidence === null ? { do: "produce", by: last } : { do: "deliver", by: last };
}

/** A receipt for all of it ends the deal; another one is claimed at the end, or before it stops to count, where that pays. */
function planReceipts({ memory, position, receipt, policy, claimCost: cost }: Situation, last: number): Plan | null {
  if (receipt === null) return null;
  const { price } = memory.undertaking.deal;
  const { now, received } = position;
  const { total, until } = receipt;
  const lastClaim = last + RECEIPT_GRACE_S;
  if (now > Math.min(lastClaim, until)) return null;
  if (total === price && price > 0n) return { do: "close", by: Math.min(lastClaim, until) };
  if (now > last) return total > 0n ? { do: "close", by: Math.min(lastClaim, until) } : null;
  if (until >= lastClaim) return null;
  const { lossShare, courtesyS } = policy;
  const from = claimFrom({ adds: total - received, until, cost, lossShare, courtesyS });
  if (from === null) return null;
  return now >= from ? { do: "collect", by: until } : { wait: "the receipt to run out", until: from };
}

function planReview({ memory, position, policy }: Situation): Plan {
  const { deal, role } = memory.undertaking;
  const { since, now } = position;
  const last = since + deal.reviewPeriod;
  if (role === "seller") {
    if (now > last) return { do: "claim", by: null };
    return { wait: "the buyer to accept, or the review period to end", until: last + 1 };
  }
  if (now > last) {
    const from = last + policy.courtesyS;
    return now >= from
      ? { do: "claim", by: null }
      : { wait: "the seller to claim the price, which else this side does for it", until: from };
  }
  const { finding } = memory;
  if (finding === null) return { do: "inspect", by: last };
  if (finding.good) return { do: "accept", by: null };
  if (deal.arbitrator === ZERO_ADDRESS) {
    return { wait: `the review period to end: ${finding.note}, but the deal names no arbitrator`, until: last + 1 };
  }
  if (!policy.opensDisputes) {
    return { wait: `people to dispute the delivery: ${finding.note}`, until: last + 1 };
  }
  return { do: "dispute", by: last };
}

function planDispute({ memory, position }: Situation): Plan {
  const { dispute, since, now } = position;
  if (dispute === null) return { wait: "the chain to tell how the dispute stands", until: null };
  const { answered, referred, ruled, rulingUntil } = dispute;
  if (ruled) return { do: "execute", by: null };
  if (now > rulingUntil) return { do: "lapse", by: null };
  const statements = since + STATEMENT_S;
  if (!answered && now <= statements) {
    if (memory.undertaking.role === "seller") return { do: "answer", by: statements };
    return { wait: "the seller to state its share", until: statements + 1 };
  }
  const { refused } = memory;
  if (!referred && refused?.task === "refer" && isForGood(refused.code)) {
    return {
      wait: `the time for a ruling to be over: the arbitrator can't rule (${refused.code})`,
      until: rulingUntil + 1,
    };
  }
  if (!referred) return { do: "refer", by: rulingUntil };
  return { wait: "the arbitrator to rule", until: rulingUntil + 1 };
}

/** Whether a plan takes the deal for over. */
export function isConcluding(plan: Plan): boolean {
  return "end" in plan || ("do" in plan && (plan.do === "release" || plan.do === "rate"));
}

/** What is left to do once it is known how the deal ended. */
function concluding({ memory, policy }: Pick<Situation, "memory" | "policy">, end: Outcome): Plan {
  const { role } = memory.undertaking;
  const isPaid = end.kind === "settled" || end.kind === "ruled";
  const isSetAside = role === "seller" && memory.clearance?.rejection === null && memory.evidence === null;
  if (isSetAside && !isPaid && !memory.isReleased) return { do: "release", by: null };
  const isRateable = "toBuyer" in end;
  if (policy.rates && isRateable && !memory.isRated) return { do: "rate", by: null };
  return { end };
}

function cantDeliver(note: string): string {
  return `the end of the time to deliver, which we can't: ${note}; agree with the buyer on a split, or the bond is lost`;
}

function self({ undertaking: { role, deal } }: Memory) {
  return role === "buyer" ? deal.buyer : deal.seller;
}

/** Who is at fault in a declared deal. */
function other({ declarer, undertaking: { deal } }: Memory) {
  return declarer === deal.buyer ? deal.seller : deal.buyer;
}
