import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { DealPosition, Payout } from "../ports/chain.ts";
import type { Deal } from "../terms/deal.ts";

/** The deal that a negotiation came to on the chain. */
export interface RecordedDeal {
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  /** Null where the chain doesn't show the terms, as of a deal that was only declared. */
  readonly price: Amount | null;
}

/** What a negotiation's deal is found by. */
export type Place = Pick<Deal, "buyer" | "seller" | "negotiation">;

/**
 * What has become of deals, as far as the chain was read by now: what a node says at the same moment may be a block ahead. Whoever
 * waits is woken.
 */
export interface History {
  /** Unix seconds of the block that lies so many below the newest; null before that is known. */
  time(depth: number): number | null;
  /** Number of the newest block; -1 before it is known. */
  height(): number;
  /** How a deal stood in the block so many below the newest; null where that is not known, or another status was entered since. */
  position(deal: Deal, transcript: Bytes32, depth: number): DealPosition | null;
  /** Which deal of its negotiation was committed or declared, whoever accepted it; null while none was. */
  recorded(place: Place): RecordedDeal | null;
  /** What a deal ended with, if that lies so many blocks deep; null before. */
  payout(dealHash: Bytes32, depth: number): Payout | null;
  /** Who defaulted on a deal; null where nobody has. */
  atFault(dealHash: Bytes32): AgentId | null;
  /**
   * Calls back when something happened to a negotiation's deal, and at each block from the second `until` on, which null says is past;
   * until the returned function is called.
   */
  watch(place: Place, until: number | null, wake: () => void): () => void;
}
