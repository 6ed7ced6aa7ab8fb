import type { Hex } from "../kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Deal } from "../terms/deal.ts";
import type { Payout } from "./chain.ts";

/** What moved an agent's money in or out, or between its free balance and its stake. */
export type TreasuryEvent =
  | {
      readonly type: "Deposited";
      readonly agent: AgentId;
      readonly token: Address;
      readonly from: Address;
      readonly amount: Amount;
      readonly toStake: boolean;
    }
  | {
      readonly type: "Withdrawn";
      readonly agent: AgentId;
      readonly token: Address;
      readonly to: Address;
      readonly amount: Amount;
    }
  | { readonly type: "Staked"; readonly agent: AgentId; readonly token: Address; readonly amount: Amount }
  | {
      readonly type: "Unstaking";
      readonly agent: AgentId;
      readonly token: Address;
      readonly amount: Amount;
      readonly leavesAt: number;
    }
  | { readonly type: "Released"; readonly agent: AgentId; readonly token: Address; readonly amount: Amount };

/** A deal that goes as agreed. */
export type DealEvent =
  | {
      readonly type: "Committed";
      readonly deal: Bytes32;
      readonly buyer: AgentId;
      readonly seller: AgentId;
      readonly negotiation: Bytes32;
      readonly transcript: Bytes32;
      readonly token: Address;
      readonly price: Amount;
      readonly buyerBond: Amount;
      readonly sellerBond: Amount;
    }
  | { readonly type: "Delivered"; readonly deal: Bytes32; readonly evidence: Bytes32 }
  /** Comes after `Settled` where the claim closed the deal, and then moves nothing. */
  | { readonly type: "ReceiptClaimed"; readonly deal: Bytes32; readonly total: Amount }
  | ({ readonly type: "Settled"; readonly deal: Bytes32 } & Payout);

/** A deal that the two sides see differently. */
export type DisputeEvent =
  | {
      readonly type: "Disputed";
      readonly deal: Bytes32;
      readonly share: number;
      readonly evidence: Bytes32;
      readonly rulingUntil: number;
      /** The deposit is `terms.maxFee`, which the event itself does not tell. */
      readonly terms: Disclosed;
    }
  | { readonly type: "Answered"; readonly deal: Bytes32; readonly share: number; readonly evidence: Bytes32 }
  | {
      readonly type: "Evidence";
      readonly deal: Bytes32;
      readonly arbitrator: Address;
      readonly party: Address;
      /** Null where it is longer than anything that can be fetched. */
      readonly uri: string | null;
    }
  | {
      readonly type: "Referred";
      readonly deal: Bytes32;
      readonly arbitrator: Address;
      readonly disputeId: bigint;
      readonly cost: Amount;
    }
  /** Names the record, not the deal. */
  | {
      readonly type: "Ruled";
      readonly key: Bytes32;
      readonly arbitrator: Address;
      readonly disputeId: bigint;
      readonly ruling: number;
    };

/** A word that was broken. */
export type FaultEvent =
  | {
      readonly type: "Declared";
      readonly deal: Bytes32;
      readonly declarer: AgentId;
      readonly buyer: AgentId;
      readonly seller: AgentId;
      readonly negotiation: Bytes32;
      readonly transcript: Bytes32;
      readonly token: Address;
      readonly locked: Amount;
      readonly cureUntil: number;
      /** Selector of the error that stood in the way. */
      readonly reason: Hex;
      /** What the other side will have to bring is in these alone. */
      readonly terms: Disclosed;
    }
  | { readonly type: "Cured"; readonly deal: Bytes32; readonly agent: AgentId }
  | { readonly type: "Defaulted"; readonly deal: Bytes32; readonly agent: AgentId; readonly returned: Amount }
  | {
      readonly type: "Equivocated";
      readonly agent: AgentId;
      readonly negotiation: Bytes32;
      readonly seq: number;
      readonly first: Bytes32;
      readonly second: Bytes32;
    }
  | {
      readonly type: "Penalised";
      readonly deal: Bytes32;
      readonly agent: AgentId;
      readonly token: Address;
      readonly taken: Amount;
      readonly reward: Amount;
      /** Who got the reward: of a deal that was never committed, nothing else on the chain tells. */
      readonly terms: Disclosed;
    };

/** What the guardian did. */
export type GuardianEvent =
  | { readonly type: "Paused"; readonly guardian: Address }
  | { readonly type: "Unpaused"; readonly guardian: Address };

/** All that Settlement logs about money and deals, under the contract's own names. */
export type SettlementEvent = TreasuryEvent | DealEvent | DisputeEvent | FaultEvent | GuardianEvent;

/**
 * A deal's terms as the transaction that caused the event carried them; they have the hash that the event names. Null where the
 * transaction did not carry them, as where a contract had kept them.
 */
export type Disclosed = Deal | null;

/** An event and where it stands. */
export interface LoggedEvent {
  readonly event: SettlementEvent;
  readonly block: number;
  readonly blockHash: Bytes32;
  /** Place among all logs of its block. */
  readonly logIndex: number;
  readonly transaction: Bytes32;
}
