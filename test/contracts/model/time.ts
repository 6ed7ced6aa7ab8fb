// Every period of Settlement, and what a moment is to a deadline.
import { refuse } from "./state.ts";

export const HOUR = 3_600n;
export const DAY = 24n * HOUR;

/** How far ahead an offer may bind. */
export const COMMIT_AHEAD = 5n * DAY;
/** From the end of the time for delivery to a refund: receipts of the last minute arrive. */
export const GRACE = 24n * HOUR;
/** Time for the seller's statement in a dispute. */
export const STATEMENT = 24n * HOUR;
/** Least time to cure a declared default. */
export const CURE = 3_600n;
/** From asking stake back to having it. */
export const UNBONDING = 7n * DAY;
/** From the end of a key to the end of what its receipts and faults still do. */
export const LIABILITY = 24n * HOUR;
/** How far ahead an owner may lock its agent. */
export const LOCK_AHEAD = 30n * DAY;

/** An act that counts up to and including its deadline. */
export function requireUntil(deal: string, now: bigint, deadline: bigint): void {
  if (now > deadline) refuse("DeadlinePassed", deal, now, deadline);
}

/** A timeout, which counts after the deadline only. */
export function requireAfter(deal: string, now: bigint, deadline: bigint): void {
  if (now <= deadline) refuse("DeadlineNotPassed", deal, now, deadline);
}
