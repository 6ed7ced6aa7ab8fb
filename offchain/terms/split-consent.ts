import { keccakText } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { AbiWords } from "./abi-words.ts";

/** What a wallet signs where its side is content to end a deal by agreement. */
export interface SplitConsent {
  /** The deal's hash. */
  readonly deal: Bytes32;
  /** Of price and both bonds, receipts counted in; the rest is the buyer's. */
  readonly toSeller: Amount;
  /** Last second at which it counts. */
  readonly until: number;
  /** The key epoch of the side that signs. */
  readonly epoch: number;
}

const SPLIT_CONSENT_TYPEHASH = keccakText("SplitConsent(bytes32 deal,uint128 toSeller,uint40 until,uint32 epoch)");

export function hashSplitConsent({ deal, toSeller, until, epoch }: SplitConsent): Bytes32 {
  return new AbiWords(5)
    .bytes32(SPLIT_CONSENT_TYPEHASH)
    .bytes32(deal)
    .uint(toSeller, 128)
    .uint(until, 40)
    .uint(epoch, 32)
    .keccak256();
}
