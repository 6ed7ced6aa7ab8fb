// How every sequence ends: whatever is wrong by then, anyone brings each open deal to its end, and what is left can be
// taken out.
import { expect } from "chai";
import { Status } from "../fixtures/enums.ts";
import { AGENTS, purse as elsewhere, guardian } from "./chain.ts";
import { Malice } from "./disputes.ts";
import { cureUntil, pause } from "./faults.ts";
import { look, withdraw } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import { call } from "./plans/call.ts";
import { planClaim, planRefund } from "./plans/deals.ts";
import { planCostOf, planExecute, planLapse, planMaliceOf } from "./plans/disputes.ts";
import { planPenalise } from "./plans/faults.ts";
import { planBroken } from "./plans/treasury.ts";
import { find } from "./registry.ts";
import type { Run } from "./run.ts";
import { type Entry, max, NATIVE } from "./state.ts";
import { Tape } from "./tape.ts";
import { DAY, GRACE } from "./time.ts";

const MILLIONS = 10n ** 15n;
const NO_CHOICE = new Tape([]);

export async function finish(run: Run): Promise<void> {
  await breakEverything(run);
  await endEverything(run);
  await withdrawEverything(run);
}

async function next(run: Run, makePlan: () => Plan): Promise<void> {
  run.now = run.state.now + 1n;
  const plan = makePlan();
  const { failure } = await run.take(plan);
  expect(failure, `I7, I9: ${plan.name} in the end`).to.equal(undefined);
}

/** The bad token fails, arbitrators ask for what nobody has, and the guardian has paused. */
async function breakEverything(run: Run): Promise<void> {
  await next(run, () => planBroken(run, true));
  await next(run, () => planCostOf(run, "judge", MILLIONS));
  await next(run, () => planCostOf(run, "rogue", MILLIONS));
  await next(run, () => planMaliceOf(run, Malice.Reenters));
  const from = guardian.address;
  await next(run, () =>
    call(run, { name: "pause", from, method: "pause", args: [], model: (draft) => pause(draft, from) }),
  );
}

/** I7: each in its own time, by somebody who is nobody's. */
async function endEverything(run: Run): Promise<void> {
  for (const entry of run.entries(Status.Committed, Status.Delivered, Status.Disputed, Status.Declared)) {
    const end = endOf(entry);
    const plan = end(run, NO_CHOICE, run.matterOf(entry));
    run.now = max(lastOf(entry) + 1n, run.state.now + 1n);
    const { failure } = await run.take(plan);
    expect(failure, `I7: ${plan.name} in the end`).to.equal(undefined);
  }
  expect(run.isOver(), "I7: nothing is open").to.equal(true);
}

function endOf({ status, dispute }: Entry) {
  if (status === Status.Committed) return planRefund;
  if (status === Status.Delivered) return planClaim;
  if (status === Status.Declared) return planPenalise;
  return dispute?.ruled ? planExecute : planLapse;
}

/** Last second at which it might not be ended by anyone. */
function lastOf(entry: Entry): bigint {
  const { status, since, deal, dispute } = entry;
  if (status === Status.Committed) return since + BigInt(deal.deliverWithin) + GRACE;
  if (status === Status.Delivered) return since + BigInt(deal.reviewPeriod);
  return status === Status.Declared ? cureUntil(entry) : (dispute?.rulingUntil ?? 0n);
}

/** I9: in every token but the broken one, as soon as no lock stands in the way. */
async function withdrawEverything(run: Run): Promise<void> {
  const { address } = run.chain;
  run.state.now += 31n * DAY;
  for (const token of [address.plain, address.fee, NATIVE]) {
    for (const agent of AGENTS) {
      const { free } = look(run.state, agent, token);
      const from = find(run.state, agent)?.owner ?? "";
      const to = elsewhere.address;
      const args = [agent, token, to, free];
      const model = (draft: Run["state"]) => withdraw(draft, from, { agent, token, to, amount: free });
      await next(run, () => call(run, { name: "withdraw", from, method: "withdraw", args, model }));
    }
  }
}
