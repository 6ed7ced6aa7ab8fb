import { keccakText } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";
import { DEAL_TYPE, type Deal, hashDeal } from "./deal.ts";

/** What both wallets sign where a deal is committed without session keys. */
export interface Agreement {
  readonly deal: Deal;
  /** Hash of the ACCEPT envelope. */
  readonly transcript: Bytes32;
  readonly buyerEpoch: number;
  readonly sellerEpoch: number;
}

const AGREEMENT_TYPEHASH = keccakText(
  `Agreement(Deal deal,bytes32 transcript,uint32 buyerEpoch,uint32 sellerEpoch)${DEAL_TYPE}`,
);

export function hashAgreement(agreement: Agreement): Bytes32 {
  return new AbiWords(5)
    .bytes32(AGREEMENT_TYPEHASH)
    .bytes32(hashDeal(agreement.deal))
    .bytes32(agreement.transcript)
    .uint(agreement.buyerEpoch, 32)
    .uint(agreement.sellerEpoch, 32)
    .keccak256();
}
