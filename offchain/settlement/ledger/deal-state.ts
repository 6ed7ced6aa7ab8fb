import type { Hex } from "../../kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { DealStatus, Payout } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";

/** A dispute over a delivered deal; shares are the seller's, in basis points of the price. */
export interface DisputeState {
  /** What the buyer owns to. */
  readonly buyerShare: number;
  /** What the seller asks for: all, until it answers. */
  readonly sellerShare: number;
  readonly answered: boolean;
  /** Last second at which a ruling counts. */
  readonly rulingUntil: number;
  /** The ERC-792 ruling; null while there is none. */
  readonly ruling: number | null;
  /** Null until the arbitrator is asked. */
  readonly referral: { readonly arbitrator: Address; readonly disputeId: bigint; readonly cost: Amount } | null;
  /** What the buyer deposited for the arbitrator, in native coin; null where the chain did not show it. */
  readonly fee: Amount | null;
}

/** How one side let the other down before a deal was committed. */
export interface DeclarationState {
  readonly declarer: AgentId;
  /** Last second for a cure. */
  readonly cureUntil: number;
  /** Selector of the error that stood in the way. */
  readonly reason: Hex;
  readonly locked: Amount;
}

/** A deal as the chain has it. */
export interface DealState {
  readonly deal: Bytes32;
  /** Where its record lies. */
  readonly key: Bytes32;
  readonly buyer: AgentId;
  readonly seller: AgentId;
  readonly token: Address;
  readonly negotiation: Bytes32;
  readonly transcript: Bytes32;
  readonly fingerprint: Hex;
  readonly status: DealStatus;
  /** Unix seconds of the block in which the status was entered. */
  readonly since: number;
  /** Number of the block with its newest event: how deep that lies is how sure all this is. */
  readonly changedAt: number;
  /** Price and bonds; null for a declared deal whose terms the chain did not show. */
  readonly stakes: Pick<Deal, "price" | "buyerBond" | "sellerBond"> | null;
  /** What of it lies in escrow; null where that can't be known before the payout. */
  readonly escrow: Amount | null;
  /** What receipts paid before the end. */
  readonly received: Amount;
  readonly receipted: boolean;
  /** Hash of what shows the delivery; null before it. */
  readonly evidence: Bytes32 | null;
  readonly dispute: DisputeState | null;
  readonly declaration: DeclarationState | null;
  readonly payout: Payout | null;
}

/** An agent's money in one token. */
export interface TreasuryState {
  readonly free: Amount;
  readonly bonded: Amount;
  readonly leaving: Amount;
  /** Last second at which what is leaving can't be released. */
  readonly leavesAt: number;
  /** False where an amount went in or out that no event and no transaction showed, so that `free` is off by it. */
  readonly exact: boolean;
}

/** All of Settlement's money in one token. */
export interface TokenState {
  /** All that is free, at stake, in escrow or burnt. */
  readonly owed: Amount;
  /** Of deals, and in native coin of disputes that no arbitrator was paid for yet. */
  readonly escrow: Amount;
  readonly burnt: Amount;
  /** False where an amount that no event and no transaction showed is part of `owed` or `escrow`. */
  readonly exact: boolean;
}
