import type { Holding, MandateStanding } from "../../adapters/chain/holdings.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { iso } from "../deal/words.ts";

/** Writes an amount of the token that is meant. */
type Say = (amount: Amount) => string;

/** What the treasury would refuse, said before anything is sent. */
export function requireFree({ free }: Holding, amount: Amount, say: Say): void {
  if (amount <= free) return;
  throw new ParleyError("InsufficientBalance", `the treasury has ${say(free)} free, less than ${say(amount)}`, {
    hint: "name less, deposit, or wait until running deals have paid out; stake comes free by unstake and release",
    facts: { free: free.toString(), needed: amount.toString() },
  });
}

export function requireUnlocked({ lockedUntil, now }: Holding): void {
  if (now > lockedUntil) return;
  throw new ParleyError("AgentLocked", `the agent's money is locked until ${iso(lockedUntil)}, as before a sale`, {
    hint: "wait until the lock ends; it can't be lifted",
    facts: { until: lockedUntil, now },
  });
}

export function requireBonded({ bonded }: Holding, amount: Amount, say: Say): void {
  if (amount <= bonded) return;
  throw new ParleyError("StakeTooLow", `${say(bonded)} are at stake, less than ${say(amount)}`, {
    hint: "name less; what is leaving already isn't counted (parley treasury balance)",
    facts: { bonded: bonded.toString(), needed: amount.toString() },
  });
}

export function requireReleasable({ leaving, leavesAt, now }: Holding, say: Say): void {
  if (leaving === 0n) {
    throw new ParleyError("NothingLeaving", "no stake is leaving", {
      hint: "ask for it first: parley treasury unstake",
    });
  }
  if (now > leavesAt) return;
  throw new ParleyError("StakeNotReleasable", `${say(leaving)} can be released after ${iso(leavesAt)}, not before`, {
    hint: "run it again then",
    facts: { leavesAt, now },
  });
}

export function requireHeld(held: Amount, amount: Amount, holder: Address, say: Say): void {
  if (amount <= held) return;
  throw new ParleyError("InsufficientBalance", `${holder} holds ${say(held)}, less than ${say(amount)}`, {
    hint: `send what is missing to ${holder}, or deposit from another account: --keys FILE`,
    facts: { held: held.toString(), needed: amount.toString() },
  });
}

export function requireAllowance(allowance: Amount, amount: Amount, settlement: Address, say: Say): void {
  if (amount <= allowance) return;
  throw new ParleyError("InsufficientAllowance", `Settlement may take ${say(allowance)}, less than ${say(amount)}`, {
    hint: `approve ${settlement} for as much, or leave out --approved and it is done here`,
    facts: { allowance: allowance.toString(), needed: amount.toString() },
  });
}

export function requireRecipient(to: Address, settlement: Address): void {
  if (to !== ZERO_ADDRESS && to !== settlement) return;
  throw new ParleyError("RecipientInvalid", `what went to ${to} would be lost`, {
    hint: "name an account of yours: --to",
  });
}

/** Where the agent may commit all it has, a mandate would limit nothing, and its owner believe that it does. */
export function requireLimited({ unlimited }: MandateStanding): void {
  if (!unlimited) return;
  throw new ParleyError("AgentUnlimited", "the agent may commit all it has: a mandate wouldn't count", {
    hint: "let the owner call `setUnlimited(agent, false)` of Settlement first",
  });
}
