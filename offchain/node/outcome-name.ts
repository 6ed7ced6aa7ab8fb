import type { AccountOutcome, Outcome } from "../settlement/saga/outcome.ts";

/** How an agent's events call the end of a deal, in one word. */
export type OutcomeName =
  /** Accepted, claimed after its review period, or closed by receipts: the seller has what it is due. */
  | "settled"
  /** Not delivered in time: the buyer has its money, and the seller's bond. */
  | "refunded"
  /** Ended as both sides signed, or as the seller asked for no more than the buyer owned to. */
  | "split"
  /** Disputed, and paid out by a ruling, or by the deal's own share where none came in time. */
  | "ruled"
  /** Declared by one side, and not made good by the other, which has paid with its stake. */
  | "defaulted"
  /** Nobody committed it before `commitBy`. */
  | "lapsed"
  /** Another deal of the same negotiation was committed first. */
  | "superseded"
  /** Delivered, and the price signed for in a running account: no money has moved yet. */
  | "onAccount"
  /** Delivered on account, and not signed for in time. */
  | "unpaid"
  /** Delivered on account, but not what was agreed: nothing is signed for it. */
  | "rejected";

export function nameOf(outcome: Outcome | AccountOutcome): OutcomeName {
  switch (outcome.kind) {
    case "settled":
    case "refunded":
      return outcome.kind;
    case "onAccount":
      return outcome.how === "Owed" ? "onAccount" : outcome.how === "Unpaid" ? "unpaid" : "rejected";
    case "forfeited":
      return "defaulted";
    case "ruled":
      return outcome.how === "Agreed" ? "split" : "ruled";
    case "cancelled":
      return outcome.how === "Split" ? "split" : outcome.how === "Lapsed" ? "lapsed" : "superseded";
  }
}
