// What agents and wallets sign, as EIP-712 types, written independently of the off-chain code.
import { TypedDataEncoder, type TypedDataField } from "ethers";
import type { DealStruct } from "../../types/ethers-contracts/Settlement.ts";

/** A deal with every field in the form in which the ABI returns it. */
export interface Deal extends DealStruct {
  buyer: bigint;
  seller: bigint;
  token: string;
  price: bigint;
  buyerBond: bigint;
  sellerBond: bigint;
  commitBy: number;
  deliverWithin: number;
  reviewPeriod: number;
  arbitrator: string;
  maxFee: bigint;
  rulingWithin: number;
  lapseShare: number;
  category: string;
  terms: string;
  negotiation: string;
}

export const dealTypes = {
  Deal: [
    { name: "buyer", type: "uint256" },
    { name: "seller", type: "uint256" },
    { name: "token", type: "address" },
    { name: "price", type: "uint128" },
    { name: "buyerBond", type: "uint128" },
    { name: "sellerBond", type: "uint128" },
    { name: "commitBy", type: "uint40" },
    { name: "deliverWithin", type: "uint32" },
    { name: "reviewPeriod", type: "uint32" },
    { name: "arbitrator", type: "address" },
    { name: "maxFee", type: "uint96" },
    { name: "rulingWithin", type: "uint32" },
    { name: "lapseShare", type: "uint16" },
    { name: "category", type: "bytes32" },
    { name: "terms", type: "bytes32" },
    { name: "negotiation", type: "bytes32" },
  ],
} satisfies Record<string, TypedDataField[]>;

export const agreementTypes = {
  Agreement: [
    { name: "deal", type: "Deal" },
    { name: "transcript", type: "bytes32" },
    { name: "buyerEpoch", type: "uint32" },
    { name: "sellerEpoch", type: "uint32" },
  ],
  ...dealTypes,
} satisfies Record<string, TypedDataField[]>;

export const walletTypes = {
  AgentWalletSet: [
    { name: "agentId", type: "uint256" },
    { name: "newWallet", type: "address" },
    { name: "owner", type: "address" },
    { name: "deadline", type: "uint256" },
  ],
} satisfies Record<string, TypedDataField[]>;

const splitFields: TypedDataField[] = [
  { name: "deal", type: "bytes32" },
  { name: "toSeller", type: "uint128" },
  { name: "until", type: "uint40" },
];

/** What each wallet signs to split a deal. */
export const splitTypes = {
  SplitConsent: [...splitFields, { name: "epoch", type: "uint32" }],
} satisfies Record<string, TypedDataField[]>;

const movement = [
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];

/** What a holder signs to pay by EIP-3009. */
export const authorizationTypes = {
  ReceiveWithAuthorization: [{ name: "from", type: "address" }, { name: "to", type: "address" }, ...movement],
} satisfies Record<string, TypedDataField[]>;

/** What a holder signs to allow by EIP-2612. */
export const permitTypes = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} satisfies Record<string, TypedDataField[]>;

/** What an approver signs. */
export const approvalTypes = {
  Approval: [
    { name: "agent", type: "uint256" },
    { name: "tenure", type: "uint256" },
    { name: "counterparty", type: "uint256" },
    { name: "negotiation", type: "bytes32" },
    { name: "token", type: "address" },
    { name: "category", type: "bytes32" },
    { name: "most", type: "uint128" },
    { name: "until", type: "uint40" },
    { name: "version", type: "uint40" },
  ],
} satisfies Record<string, TypedDataField[]>;

const actTypes = {
  Deliver: [
    { name: "deal", type: "bytes32" },
    { name: "evidence", type: "bytes32" },
  ],
  Receipt: [
    { name: "deal", type: "bytes32" },
    { name: "total", type: "uint128" },
  ],
  Dispute: [
    { name: "deal", type: "bytes32" },
    { name: "share", type: "uint16" },
    { name: "evidence", type: "bytes32" },
  ],
  Split: splitFields,
} satisfies Record<string, TypedDataField[]>;

/** Body of an act's envelope, e.g. `hashAct("Receipt", { deal: hashDeal(deal), total: 5n })`. */
export function hashAct(act: keyof typeof actTypes, value: Record<string, unknown>): string {
  return TypedDataEncoder.hashStruct(act, { [act]: actTypes[act] }, value);
}

export function hashDeal(deal: Deal): string {
  return TypedDataEncoder.hashStruct("Deal", dealTypes, deal);
}
