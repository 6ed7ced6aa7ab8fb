import type { Address, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Deal } from "../terms/deal.ts";
import type { Role } from "../terms/proposal.ts";
import type { DealStatus, Deployment, Payout } from "./chain.ts";

/** What one side says on the chain that the seller has earned. */
export interface Statement {
  readonly at: number;
  /** The seller's share of the price, in basis points. */
  readonly share: number;
  /** SHA-256 of the file that shows why. */
  readonly evidence: Bytes32;
}

/** Evidence that was filed on the chain, by its address. */
export interface Submission {
  readonly at: number;
  readonly party: Address;
  /** For which side that address speaks at present; null for anybody else. */
  readonly side: Role | null;
  /** Null where it is longer than what is followed. */
  readonly uri: string | null;
}

/** All that the chain tells of a deal that came to a dispute, by one block. Times are Unix seconds of the chain's clock. */
export interface DisputeRecord {
  readonly deployment: Deployment;
  readonly dealHash: Bytes32;
  readonly deal: Deal;
  readonly transcript: Bytes32;
  readonly now: number;
  readonly status: DealStatus;
  readonly committedAt: number;
  /** What the seller recorded; null where it has not. */
  readonly delivery: { readonly at: number; readonly evidence: Bytes32 } | null;
  /** What claimed receipts have paid before the end. */
  readonly received: Amount;
  /** The buyer's, and last second at which a ruling counts; null where there is no dispute. */
  readonly claim: (Statement & { readonly rulingUntil: number }) | null;
  /** The seller's; null until it is given. */
  readonly answer: Statement | null;
  readonly submissions: readonly Submission[];
  readonly referral: { readonly at: number; readonly arbitrator: Address; readonly disputeId: bigint } | null;
  /** The ERC-792 ruling that Settlement has stored. */
  readonly ruling: number | null;
  readonly payout: Payout | null;
}
