import type { IssueSpace, Outcome } from "../terms/issue-space.ts";
import type { Utility } from "./utility.ts";

/** One who negotiates, and what it wants. */
export interface Party {
  readonly name: string;
  readonly utility: Utility;
  /** What it has without a deal. */
  readonly reservation: number;
  /** What is left of its utility at the deadline, from 0 exclusive to 1. */
  readonly discount: number;
}

/** What is negotiated about, and by whom. */
export interface Scenario {
  readonly name: string;
  readonly space: IssueSpace;
  readonly parties: readonly Party[];
}

/** What is left at a time in [0, 1] of a utility, or of a reservation. */
export function discounted(utility: number, { discount }: Pick<Party, "discount">, time: number): number {
  return discount === 1 ? utility : utility * discount ** time;
}

/** What an outcome is worth to each. */
export function utilitiesOf({ parties }: Pick<Scenario, "parties">, outcome: Outcome): number[] {
  return parties.map(({ utility }) => utility.of(outcome));
}
