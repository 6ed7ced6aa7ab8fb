// What happens in a sequence: any act at any time, weighted so that deals get far before they end.
import fc from "fast-check";
import { Status } from "../fixtures/enums.ts";
import type { Matter } from "./deals.ts";
import { cureUntil } from "./faults.ts";
import type { Plan } from "./plan.ts";
import * as deals from "./plans/deals.ts";
import * as disputes from "./plans/disputes.ts";
import * as faults from "./plans/faults.ts";
import * as mandates from "./plans/mandates.ts";
import * as registry from "./plans/registry.ts";
import * as treasury from "./plans/treasury.ts";
import type { Run } from "./run.ts";
import type { Entry } from "./state.ts";
import { Tape } from "./tape.ts";

type Planner = (run: Run, tape: Tape) => Plan | Promise<Plan>;
type OnDeal = (run: Run, tape: Tape, matter: Matter) => Plan | Promise<Plan>;

const receipt: OnDeal = (run, tape, matter) => deals.planReceipt(run, tape, matter, false);
const close: OnDeal = (run, tape, matter) => deals.planReceipt(run, tape, matter, true);

const ACTS: readonly OnDeal[] = [
  deals.planDeliver,
  deals.planAccept,
  deals.planClaim,
  receipt,
  close,
  deals.planRefund,
  disputes.planSplit,
  disputes.planDispute,
  disputes.planAnswer,
  disputes.planRefer,
  disputes.planExecute,
  disputes.planLapse,
  faults.planCure,
  faults.planPenalise,
];

const { planDeliver, planAccept, planClaim, planRefund } = deals;
const { planSplit, planDispute, planAnswer, planRefer, planRule, planExecute, planLapse } = disputes;

/** Acts that a deal in this state is likely to see; the more often one stands here, the likelier. */
function likely(entry: Entry, now: bigint): readonly OnDeal[] {
  const { status, since, deal } = entry;
  const isLate = (seconds: number) => now > since + BigInt(seconds);
  if (status === Status.Declared && now > cureUntil(entry)) return [faults.planPenalise, faults.planCure];
  if (status === Status.Declared) return [...Array<OnDeal>(7).fill(faults.planCure), faults.planPenalise];
  if (status === Status.Disputed) return likelyInDispute(entry, isLate(86_400), now);
  if (status === Status.Delivered) {
    if (isLate(deal.reviewPeriod)) return [planClaim, planDispute, receipt, close, planSplit];
    return [...Array<OnDeal>(16).fill(planDispute), planClaim, planAccept, receipt, receipt, close, planSplit];
  }
  if (deal.reviewPeriod === 0) return [receipt, receipt, close, planRefund, planAccept, planDeliver];
  if (isLate(deal.deliverWithin)) return [planRefund, receipt, close, planSplit, planDeliver];
  return [...Array<OnDeal>(16).fill(planDeliver), planAccept, receipt, receipt, close, planRefund, planSplit];
}

function likelyInDispute({ dispute }: Entry, isLate: boolean, now: bigint): readonly OnDeal[] {
  if (dispute?.ruled) return [...Array<OnDeal>(8).fill(planExecute), planRule, planLapse];
  if (dispute && now > dispute.rulingUntil) return [planLapse, planLapse, planRule, planRefer];
  if (dispute?.referred) return [...Array<OnDeal>(12).fill(planRule), planLapse, receipt, planSplit];
  if (dispute?.answered) return [...Array<OnDeal>(12).fill(planRefer), planLapse, receipt, planSplit];
  if (isLate) return [...Array<OnDeal>(6).fill(planRefer), planLapse, planAnswer];
  return [...Array<OnDeal>(12).fill(planAnswer), planRefer, planRefer, receipt, planSplit];
}

/** Brings an open deal on, if there is one. */
const proceed: Planner = (run, tape) => {
  const open = run.entries(Status.Committed, Status.Delivered, Status.Disputed, Status.Declared);
  if (open.length === 0) return deals.planCommit(run, tape);
  // what is disputed or declared is rarer, and has more to show
  const rare = open.filter(({ status }) => status === Status.Disputed || status === Status.Declared);
  const declared = rare.filter(({ status }) => status === Status.Declared);
  const entry = tape.pick([...open, ...rare, ...rare, ...rare, ...declared, ...declared, ...declared]);
  return tape.pick(likely(entry, run.state.now))(run, tape, run.matterOf(entry));
};

/** Any act on any deal, over or not, sometimes with another transcript. */
const stray: Planner = (run, tape) => {
  if (run.matters.length === 0) return deals.planCommit(run, tape);
  const matter = tape.pick(run.matters);
  const other = tape.pick(run.matters);
  return tape.pick(ACTS)(run, tape, tape.chance(10) ? { ...matter, transcript: other.transcript } : matter);
};

const WEIGHTS: readonly (readonly [number, string, Planner])[] = [
  [90, "proceed", proceed],
  [8, "stray", stray],
  [9, "commit", deals.planCommit],
  [5, "commitMany", deals.planCommitMany],
  [10, "declare", faults.planDeclare],
  [4, "equivocation", faults.planEquivocation],
  [1, "pause", faults.planPause],
  [5, "deposit", treasury.planDeposit],
  [3, "withdraw", treasury.planWithdraw],
  [2, "stake", treasury.planStake],
  [4, "unstake", treasury.planUnstake],
  [3, "release", treasury.planRelease],
  [1, "donate", treasury.planDonate],
  [1, "break", treasury.planBreak],
  [1, "callback", treasury.planCallback],
  [5, "setMandate", mandates.planSetMandate],
  [1, "removeMandate", mandates.planRemoveMandate],
  [2, "setUnlimited", mandates.planUnlimited],
  [2, "approve", mandates.planApprove],
  [1, "lock", registry.planLock],
  [1, "transfer", registry.planTransfer],
  [2, "revokeKeys", registry.planRevoke],
  [3, "setAgentWallet", registry.planWallet],
  [1, "rule", (run, tape) => disputes.planRule(run, tape)],
  [1, "cost", disputes.planCost],
  [1, "malice", disputes.planMalice],
];

const PLANNERS = new Map(WEIGHTS.map(([, name, planner]) => [name, planner]));

/** What is done and by which random numbers; the state decides what comes of it. */
export interface Step {
  kind: string;
  numbers: number[];
}

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(...WEIGHTS.map(([weight, name]) => ({ weight, arbitrary: fc.constant(name) }))),
  numbers: fc.array(fc.noBias(fc.nat(9_999)), { minLength: 30, maxLength: 30 }),
});

export async function plan(run: Run, { kind, numbers }: Step): Promise<Plan> {
  const planner = PLANNERS.get(kind) ?? proceed;
  // when commitments are paused little happens: mostly the guardian lets them go on soon
  const tape = new Tape(numbers);
  if (run.state.pausedAt !== 0n && tape.chance(25)) return faults.planPause(run, tape);
  return await planner(run, tape);
}
