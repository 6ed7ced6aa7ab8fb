import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { DealPosition } from "../ports/chain.ts";
import type { Deal } from "../terms/deal.ts";
import type { Role } from "../terms/proposal.ts";
import { RECEIPT_GRACE_S, STATEMENT_S } from "./saga/plan.ts";

/** What can be done for a deal by whoever looks after it. */
export type DealAct = "deliver" | "accept" | "claim" | "refund" | "split";

/** Whose turn it is, and for how long; times are Unix seconds of the chain. */
export interface Turn {
  readonly who: Role | "arbitrator" | "anybody" | "nobody";
  readonly does: string;
  /** Last second for it; null where it has none. */
  readonly until: number | null;
}

/** What the contract looks at before it lets an act pass. */
export type Standing = Pick<DealPosition, "status" | "since" | "now" | "ours" | "received" | "dispute" | "declaration">;

const LIVE = ["Committed", "Delivered", "Disputed"];

/** Who has to do what next. The contract's own deadlines: whatever an agent's policy leaves to the other side isn't part of it. */
export function turnOf(deal: Deal, standing: Standing): Turn {
  const { status, now, since, declaration, ours } = standing;
  if (status !== "None" && !ours)
    return { who: "nobody", does: "another agreement was committed in its place", until: null };
  switch (status) {
    case "None":
      return now > deal.commitBy
        ? { who: "nobody", does: "the offers have lapsed", until: null }
        : { who: "anybody", does: "commit it", until: deal.commitBy };
    case "Declared":
      return declarationTurn(deal, now, declaration);
    case "Committed":
      return deliveryTurn(deal, since, now);
    case "Delivered":
      return now > since + deal.reviewPeriod
        ? { who: "anybody", does: "claim the price for the seller", until: null }
        : { who: "buyer", does: reviewWords(deal), until: since + deal.reviewPeriod };
    case "Disputed":
      return disputeTurn(standing);
    case "Settled":
    case "Defaulted":
      return { who: "nobody", does: "it is over", until: null };
  }
}

function reviewWords({ arbitrator }: Deal): string {
  return arbitrator === ZERO_ADDRESS ? "accept (it names no arbitrator: a dispute would lapse)" : "accept or dispute";
}

function declarationTurn(deal: Deal, now: number, declaration: DealPosition["declaration"]): Turn {
  if (declaration === null) return { who: "nobody", does: "the chain doesn't tell who declared it", until: null };
  const { declarer, cureUntil } = declaration;
  if (now > cureUntil) return { who: "anybody", does: "end it (penalise)", until: null };
  return { who: declarer === deal.buyer ? "seller" : "buyer", does: "bring what is missing (cure)", until: cureUntil };
}

function deliveryTurn(deal: Deal, since: number, now: number): Turn {
  const last = since + deal.deliverWithin;
  if (now > last + RECEIPT_GRACE_S) return { who: "anybody", does: "refund the buyer", until: null };
  if (now > last) return { who: "seller", does: "claim receipts; a refund comes after", until: last + RECEIPT_GRACE_S };
  if (deal.reviewPeriod === 0) return { who: "buyer", does: "pay by receipts as it is served", until: last };
  return { who: "seller", does: "deliver", until: last };
}

function disputeTurn({ dispute, since, now }: Standing): Turn {
  if (dispute === null) return { who: "nobody", does: "the chain doesn't tell how the dispute stands", until: null };
  const { answered, referred, ruled, rulingUntil } = dispute;
  if (ruled) return { who: "anybody", does: "execute the ruling", until: null };
  if (now > rulingUntil) return { who: "anybody", does: "let the dispute lapse", until: null };
  if (!answered && now <= since + STATEMENT_S) return { who: "seller", does: "answer", until: since + STATEMENT_S };
  if (!referred) return { who: "anybody", does: "refer it to the arbitrator", until: rulingUntil };
  return { who: "arbitrator", does: "rule", until: rulingUntil };
}

/** The acts that the contract would take from an agent now. */
export function actsOf(agent: AgentId, deal: Deal, standing: Standing): readonly DealAct[] {
  return (["deliver", "accept", "claim", "refund", "split"] as const).filter((act) => {
    try {
      checkAct(act, agent, deal, standing);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Throws what the contract would refuse an act with, before anything is sent, with what to do instead. The contract has the last word all
 * the same: every transaction is tried first.
 */
export function checkAct(act: DealAct, agent: AgentId, deal: Deal, standing: Standing): void {
  const { status, ours, since, now } = standing;
  if (status !== "None" && !ours) throw superseded();
  if (status === "None") throw uncommitted(deal, now);
  const allowed = {
    deliver: ["Committed"],
    accept: ["Committed", "Delivered"],
    claim: ["Delivered"],
    refund: ["Committed"],
  };
  if (!(act === "split" ? LIVE : allowed[act]).includes(status)) throw wrongStatus(act, deal, standing);
  if (act === "deliver") {
    requireRole("seller", act, agent, deal);
    if (deal.reviewPeriod === 0) throw metered();
    requireUntil(act, now, since + deal.deliverWithin);
  }
  if (act === "accept") requireRole("buyer", act, agent, deal);
  if (act === "claim") requireAfter(act, now, since + deal.reviewPeriod);
  if (act === "refund") requireAfter(act, now, since + deal.deliverWithin + RECEIPT_GRACE_S);
}

/** Throws unless a split gives the seller no less than receipts have, and no more than there is. `write` puts amounts into words. */
export function checkSplit(
  deal: Deal,
  { received, now }: Standing,
  toSeller: Amount,
  until: number,
  write: (amount: Amount) => string = String,
): void {
  const most = deal.price + deal.buyerBond + deal.sellerBond;
  if (toSeller > most) {
    throw new ParleyError(
      "SplitTooHigh",
      `price and bonds come to ${write(most)}, and the split gives the seller ${write(toSeller)}`,
      {
        hint: "name an amount that is no more than price and both bonds",
        facts: { toSeller: toSeller.toString(), limit: most.toString() },
      },
    );
  }
  if (toSeller < received) {
    const paid = `receipts have paid the seller ${write(received)} already, more than ${write(toSeller)}`;
    throw new ParleyError("SplitTooLow", paid, {
      hint: "name an amount that counts receipts in",
      facts: { toSeller: toSeller.toString(), limit: received.toString() },
    });
  }
  if (now <= until) return;
  throw new ParleyError(
    "ConsentExpired",
    `the consent counted until ${iso(until)}, and by the chain it is ${iso(now)}`,
    {
      hint: "sign another: parley deal split --until TIME",
      facts: { until, now },
    },
  );
}

/** What a cancellation gives the seller: what receipts have paid, and its own bond; the buyer has all that it brought back. */
export function cancellationShare(deal: Deal, { received }: Standing): Amount {
  return received + deal.sellerBond;
}

export function roleOf(agent: AgentId, { buyer, seller }: Pick<Deal, "buyer" | "seller">): Role | null {
  return agent === buyer ? "buyer" : agent === seller ? "seller" : null;
}

function requireRole(role: Role, act: DealAct, agent: AgentId, deal: Deal): void {
  if (deal[role] === agent) return;
  throw new ParleyError("WrongRole", `${act} is for the deal's ${role}, agent ${deal[role]}; this is agent ${agent}`, {
    hint: `use the configuration of the ${role}`,
    facts: { act, role },
  });
}

function requireUntil(act: DealAct, now: number, last: number): void {
  if (now <= last) return;
  throw new ParleyError("DeadlinePassed", `the time to ${act} ended at ${iso(last)}; by the chain it is ${iso(now)}`, {
    hint: "agree on a split with the other side; else the deal can be refunded a day after that time",
    facts: { now, deadline: last },
  });
}

function requireAfter(act: DealAct, now: number, last: number): void {
  if (now > last) return;
  throw new ParleyError("DeadlineNotPassed", `${act} comes after ${iso(last)}; by the chain it is ${iso(now)}`, {
    hint: `run it again after ${iso(last)}`,
    facts: { now, deadline: last },
  });
}

function superseded(): ParleyError {
  return new ParleyError("Superseded", "another agreement of this negotiation was committed in its place", {
    hint: "see which: parley deal list --all",
  });
}

function uncommitted({ commitBy }: Deal, now: number): ParleyError {
  if (now > commitBy) {
    return new ParleyError("AgreementExpired", `the agreement was to be committed until ${iso(commitBy)}, and wasn't`, {
      hint: "it binds nobody any more, and nothing is locked; negotiate again",
      facts: { now, commitBy },
    });
  }
  return new ParleyError("NotCommitted", "the agreement isn't committed to the chain, and nothing is locked yet", {
    hint: `an agreement can't be withdrawn; let the agent commit it, or it lapses by itself after ${iso(commitBy)}`,
    facts: { now, commitBy },
  });
}

function wrongStatus(act: DealAct, deal: Deal, standing: Standing): ParleyError {
  const { who, does } = turnOf(deal, standing);
  const { status } = standing;
  return new ParleyError("WrongStatus", `the deal is ${status}, which doesn't let anybody ${act}`, {
    hint: who === "nobody" ? does : `what comes next is for ${who === "anybody" ? who : `the ${who}`}: ${does}`,
    facts: { status, act },
  });
}

function metered(): ParleyError {
  return new ParleyError("DealMetered", "the deal is metered: it is paid by receipts, and never delivered", {
    hint: "claim the buyer's receipts; the agent does so by itself",
  });
}

/** Seconds as people read them. */
function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
