import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment } from "../move.ts";

/** What one side believes of what others want, by what they offer. */
export interface OpponentModel {
  hear(offer: Outcome, by: number, moment: Moment): void;
  /** What it takes an outcome to be worth to the other, from 0 to 1; of several, to all of them together. */
  of(outcome: Outcome): number;
}
