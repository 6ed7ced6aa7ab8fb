import type { MandateStanding } from "../../adapters/chain/holdings.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";

/** What we may come to owe on an account, which one deal has to pay. */
export interface MostOwed {
  readonly peer: AgentId;
  readonly token: Address;
  readonly ours: Amount;
}

/** What the contract would refuse a deal with that pays all that we may owe on an account; null where it would refuse nothing. */
export function mandateObjection(standing: MandateStanding, most: MostOwed, now: number): ParleyError | null {
  const { isSet, unlimited, mandate } = standing;
  const { limit, budget, threshold, expiry, approver } = mandate;
  const { ours } = most;
  if (unlimited) return null;
  if (!isSet || limit === 0n) return objection("MandateMissing", most, "there is none");
  if (now > expiry) return objection("MandateExpired", most, "it has ended");
  if (ours > limit) return objection("DealLimitExceeded", most, `it allows ${limit} a deal`);
  if (ours > threshold && approver === ZERO_ADDRESS) {
    return objection("ApprovalMissing", most, `above ${threshold} nobody can approve`);
  }
  return ours > budget ? objection("BudgetExceeded", most, `it allows ${budget} a day`) : null;
}

function objection(code: string, { peer, token, ours }: MostOwed, says: string): ParleyError {
  return new ParleyError(
    code,
    `the mandate for ${token} doesn't bear the ${ours} that may be owed to agent ${peer} on account: ${says}`,
    {
      hint: "let the owner set the mandate of category 0 to at least `ours`, or lower `ours` on both sides: a balance above it is never paid",
      facts: { token, ours: ours.toString() },
    },
  );
}
