// What an agent's keys may commit.
import type { Deal } from "../typedData.ts";
import { account } from "./ledger.ts";
import { ownerOnly, requireAgent } from "./registry.ts";
import { type Failure, type Mandate, max, NOBODY, refuse, type State } from "./state.ts";
import { DAY } from "./time.ts";

const ZERO = `0x${"0".repeat(64)}`;
const NS = 1_000_000_000n;

/** Amounts keep their 56 highest bits. */
function rounded(amount: bigint): bigint {
  const excess = BigInt(Math.max(0, amount.toString(2).length - 56));
  return (amount >> excess) << excess;
}

function place(agent: bigint, tenure: bigint, token: string, category: string): string {
  return `${agent} ${tenure} ${token} ${category}`;
}

export interface Scope {
  agent: bigint;
  token: string;
  category: string;
}

export function setMandate(state: State, by: string, { agent, token, category }: Scope, mandate: Mandate): void {
  const { tenure } = ownerOnly(state, by, agent);
  state.rules.set(place(agent, tenure, token, category), {
    ...mandate,
    limit: rounded(mandate.limit),
    budget: rounded(mandate.budget),
    threshold: rounded(mandate.threshold),
  });
}

export function removeMandate(state: State, by: string, scope: Scope): void {
  setMandate(state, by, scope, { limit: 0n, budget: 0n, threshold: 0n, expiry: 0n, approver: NOBODY });
}

export function setUnlimited(state: State, by: string, agent: bigint, unlimited: boolean): void {
  const { tenure } = ownerOnly(state, by, agent);
  if (unlimited) state.unlimited.add(`${agent} ${tenure}`);
  else state.unlimited.delete(`${agent} ${tenure}`);
}

/** The mandate by which a category is judged: its own, else that of category 0. */
export function mandateOf(state: State, { agent, token, category }: Scope): Mandate | undefined {
  const { tenure } = requireAgent(state, agent);
  return state.rules.get(place(agent, tenure, token, category)) ?? state.rules.get(place(agent, tenure, token, ZERO));
}

export function isUnlimited(state: State, agent: bigint): boolean {
  return state.unlimited.has(`${agent} ${requireAgent(state, agent).tenure}`);
}

export interface Approval {
  agent: bigint;
  tenure: bigint;
  counterparty: bigint;
  negotiation: string;
  token: string;
  category: string;
  most: bigint;
  until: bigint;
  version: bigint;
}

export function consentKey(approver: string, approval: Omit<Approval, "most" | "until" | "version">): string {
  const { agent, tenure, counterparty, negotiation, token, category } = approval;
  return [approver, agent, tenure, counterparty, negotiation, token, category].join(" ");
}

export function approve(state: State, by: string, approval: Approval): void {
  const { most, until, version } = approval;
  const key = consentKey(by, approval);
  const latest = state.consents.get(key)?.version ?? 0n;
  if (version <= latest) refuse("ApprovalStale", by, version, latest);
  state.consents.set(key, { most, until, version });
}

/** What of the mandate stands in the way of an exposure; else the agent's meter is moved on. */
export function useMandate(state: State, deal: Deal, agent: bigint, exposure: bigint): Failure | undefined {
  const { tenure } = requireAgent(state, agent);
  const mandate = mandateOf(state, { agent, token: deal.token, category: deal.category });
  if (!mandate) {
    return isUnlimited(state, agent) ? undefined : { error: "MandateMissing", args: [agent, tenure] };
  }
  if (state.now > mandate.expiry) return { error: "MandateExpired", args: [state.now, mandate.expiry] };
  if (exposure > mandate.limit) return { error: "DealLimitExceeded", args: [exposure, mandate.limit] };
  if (exposure > mandate.threshold) {
    const approved = mostApproved(state, mandate.approver, deal, agent, tenure);
    if (exposure > approved) return { error: "ApprovalMissing", args: [exposure, approved] };
  }
  return useBudget(state, deal.token, agent, exposure, mandate.budget);
}

function mostApproved(state: State, approver: string, deal: Deal, agent: bigint, tenure: bigint): bigint {
  const counterparty = agent === deal.buyer ? deal.seller : deal.buyer;
  const consent = state.consents.get(consentKey(approver, { ...deal, agent, tenure, counterparty }));
  return approver !== NOBODY && consent && state.now <= consent.until ? consent.most : 0n;
}

/** A full budget is a day on the meter, and the meter may be a day ahead of the clock at most. */
function useBudget(state: State, token: string, agent: bigint, exposure: bigint, budget: bigint): Failure | undefined {
  if (exposure === 0n) return undefined;
  const own = account(state, agent, token);
  const time = state.now * NS;
  const day = DAY * NS;
  const from = max(own.meter, time);
  const room = time + day - from;
  const exceeded: Failure = { error: "BudgetExceeded", args: [exposure, (room * budget) / day] };
  if (budget === 0n) return exceeded;
  const used = (exposure * day + budget - 1n) / budget;
  if (used > room) return exceeded;
  own.meter = from + used;
  return undefined;
}
