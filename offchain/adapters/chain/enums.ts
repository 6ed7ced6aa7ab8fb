import type { DealStatus, Payout } from "../../ports/chain.ts";

/** The contract's enum `Status`, by number. */
export const STATUSES: readonly DealStatus[] = [
  "None",
  "Committed",
  "Delivered",
  "Disputed",
  "Settled",
  "Declared",
  "Defaulted",
];

/** The contract's enum `Outcome`, by number. */
export const OUTCOMES: readonly Payout["outcome"][] = [
  "Accepted",
  "Claimed",
  "Refunded",
  "Closed",
  "Split",
  "Agreed",
  "Ruled",
  "Lapsed",
];
