import type { DealStatus, Payout } from "../../ports/chain.ts";
import type { CourtStage, PanelMember } from "../../ports/court.ts";

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

/** The Court's enum `Stage`, by number. */
export const COURT_STAGES: readonly CourtStage[] = [
  "None",
  "Drawing",
  "Committing",
  "Revealing",
  "Appealable",
  "Ruled",
  "Executed",
];

/** The Court's enum `Ballot`, by number. */
export const BALLOTS: readonly PanelMember["ballot"][] = ["None", "Committed", "Revealed"];
