import type { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { keccakText } from "../kernel/hash.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { AbiWords } from "./abi-words.ts";

/** All that two agents agree on, as the contracts see it. Every offer is a complete one. */
export interface Deal {
  readonly buyer: AgentId;
  readonly seller: AgentId;
  /** What is paid with; the zero address is the chain's native coin. */
  readonly token: Address;
  readonly price: Amount;
  readonly buyerBond: Amount;
  readonly sellerBond: Amount;
  /** Unix seconds up to which the deal can be committed; an offer is firm until then. */
  readonly commitBy: number;
  /** Seconds from commitment in which the seller delivers. */
  readonly deliverWithin: number;
  /** Seconds from delivery in which the buyer accepts or disputes; 0 means metered. */
  readonly reviewPeriod: number;
  /** Who rules if they disagree; the zero address is nobody. */
  readonly arbitrator: Address;
  /** Most that arbitration may cost, in native coin. */
  readonly maxFee: Amount;
  readonly rulingWithin: number;
  /** The seller's share in basis points if nobody rules in time. */
  readonly lapseShare: number;
  readonly category: Bytes32;
  /** SHA-256 of the canonical JSON of the full terms. */
  readonly terms: Bytes32;
  readonly negotiation: Bytes32;
}

export const DEAL_TYPE =
  "Deal(uint256 buyer,uint256 seller,address token,uint128 price,uint128 buyerBond,uint128 sellerBond," +
  "uint40 commitBy,uint32 deliverWithin,uint32 reviewPeriod,address arbitrator,uint96 maxFee," +
  "uint32 rulingWithin,uint16 lapseShare,bytes32 category,bytes32 terms,bytes32 negotiation)";

const DEAL_TYPEHASH = keccakText(DEAL_TYPE);

/** A deal's hash: its EIP-712 struct hash, without domain. */
export function hashDeal(deal: Deal): Bytes32 {
  return new AbiWords(17)
    .bytes32(DEAL_TYPEHASH)
    .uint(deal.buyer, 256)
    .uint(deal.seller, 256)
    .address(deal.token)
    .uint(deal.price, 128)
    .uint(deal.buyerBond, 128)
    .uint(deal.sellerBond, 128)
    .uint(deal.commitBy, 40)
    .uint(deal.deliverWithin, 32)
    .uint(deal.reviewPeriod, 32)
    .address(deal.arbitrator)
    .uint(deal.maxFee, 96)
    .uint(deal.rulingWithin, 32)
    .uint(deal.lapseShare, 16)
    .bytes32(deal.category)
    .bytes32(deal.terms)
    .bytes32(deal.negotiation)
    .keccak256();
}

/** Writes the deal packed, fields in their order of declaration, each in its own size. */
export function writeDeal(writer: ByteWriter, deal: Deal): ByteWriter {
  return writer
    .bigUint(deal.buyer, 32)
    .bigUint(deal.seller, 32)
    .hex(deal.token, 20)
    .bigUint(deal.price, 16)
    .bigUint(deal.buyerBond, 16)
    .bigUint(deal.sellerBond, 16)
    .uint(deal.commitBy, 5)
    .uint(deal.deliverWithin, 4)
    .uint(deal.reviewPeriod, 4)
    .hex(deal.arbitrator, 20)
    .bigUint(deal.maxFee, 12)
    .uint(deal.rulingWithin, 4)
    .uint(deal.lapseShare, 2)
    .hex(deal.category, 32)
    .hex(deal.terms, 32)
    .hex(deal.negotiation, 32);
}

export function readDeal(reader: ByteReader): Deal {
  return {
    buyer: reader.bigUint(32),
    seller: reader.bigUint(32),
    token: reader.hex(20),
    price: reader.bigUint(16),
    buyerBond: reader.bigUint(16),
    sellerBond: reader.bigUint(16),
    commitBy: reader.uint(5),
    deliverWithin: reader.uint(4),
    reviewPeriod: reader.uint(4),
    arbitrator: reader.hex(20),
    maxFee: reader.bigUint(12),
    rulingWithin: reader.uint(4),
    lapseShare: reader.uint(2),
    category: reader.hex(32),
    terms: reader.hex(32),
    negotiation: reader.hex(32),
  };
}
