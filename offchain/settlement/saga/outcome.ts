import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Payout } from "../../ports/chain.ts";

interface Paid<How extends Payout["outcome"]> {
  /** What the contract calls it. */
  readonly how: How;
  /** Of price and bonds, what came to each side at the end. */
  readonly toBuyer: Amount;
  readonly toSeller: Amount;
}

/** How a deal ended. There is one for each deal, and the chain is the judge of it. */
export type Outcome =
  /** The seller has what it is due: accepted, claimed after the review period, or closed with receipts. */
  | ({ readonly kind: "settled" } & Paid<"Accepted" | "Claimed" | "Closed">)
  /** Not delivered in time. The buyer has its money back, and the seller's bond, as far as nothing was receipted. */
  | ({ readonly kind: "refunded" } & Paid<"Refunded">)
  /** Ended as both sides signed. */
  | ({ readonly kind: "cancelled" } & Paid<"Split">)
  /** Never on the chain: nobody committed it before `commitBy`, or another deal of the same negotiation came first. */
  | { readonly kind: "cancelled"; readonly how: "Lapsed" | "Superseded" }
  /** Declared by one side and not made good by the other, which has paid with its stake. Null where the chain doesn't tell any more. */
  | { readonly kind: "forfeited"; readonly by: AgentId | null }
  /** Disputed, and paid out by a ruling, by the deal's own share where none came, or as the two sides' statements met. */
  | ({ readonly kind: "ruled" } & Paid<"Ruled" | "Lapsed" | "Agreed">);

/** How a deal ended that was to be paid on account: the chain knows nothing of it. */
export type AccountOutcome = {
  readonly kind: "onAccount";
  readonly account: Bytes32;
  /**
   * `Owed`: the buyer has signed in the running account that it owes the price. `Unpaid`: it was delivered, and the buyer has not
   * signed in time, or could not. `Rejected`: the buyer found something else than was agreed, and signs nothing for it.
   */
  readonly how: "Owed" | "Unpaid" | "Rejected";
};

/** It is not known yet how the deal ends: what it waits for, and until which second of the chain's time. Then what comes next is done. */
export interface InDoubt {
  readonly kind: "inDoubt";
  readonly resolvedBy: string;
  /** Null where nothing is done by the clock. */
  readonly until: number | null;
}

export function outcomeOf(payout: Payout): Outcome {
  const { outcome: how, toBuyer, toSeller } = payout;
  switch (how) {
    case "Accepted":
    case "Claimed":
    case "Closed":
      return { kind: "settled", how, toBuyer, toSeller };
    case "Refunded":
      return { kind: "refunded", how, toBuyer, toSeller };
    case "Split":
      return { kind: "cancelled", how, toBuyer, toSeller };
    case "Ruled":
    case "Lapsed":
    case "Agreed":
      return { kind: "ruled", how, toBuyer, toSeller };
  }
}
