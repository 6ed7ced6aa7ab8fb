import { utf8 } from "../kernel/bytes.ts";
import { keccakText, sha256 } from "../kernel/hash.ts";
import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { AbiWords } from "./abi-words.ts";
import { type Certificate, hashSessionKey } from "./certificate.ts";
import { type Deal, hashDeal } from "./deal.ts";
import type { Kind } from "./envelope.ts";
import { type RefusalCode, refusalNumber } from "./refusal.ts";

/** Starts a negotiation. The opener's half of the id follows from both agents and the salt. */
export interface OpenBody {
  readonly kind: "OPEN";
  readonly responder: AgentId;
  readonly salt: Bytes32;
  readonly certificate: Certificate;
  /** Canonical JSON of what is to be negotiated, and how; its SHA-256 is what the body's hash covers. */
  readonly proposal: string;
}

/** An OPEN whose proposal is not shown. Its hash stands in the place of the text, so the signature can still be verified. */
export interface WithheldOpenBody extends Omit<OpenBody, "proposal"> {
  readonly proposal: { readonly sha256: Bytes32 };
}

/** Agrees to negotiate as proposed; the id is complete from here on. */
export interface JoinBody {
  readonly kind: "JOIN";
  /** Hash of the OPEN envelope. */
  readonly open: Bytes32;
  readonly salt: Bytes32;
  readonly certificate: Certificate;
}

/** A complete deal, firm until its `commitBy`. */
export interface OfferBody {
  readonly kind: "OFFER";
  readonly deal: Deal;
}

/** Accepts the deal of the OFFER that `seen` names. */
export interface AcceptBody {
  readonly kind: "ACCEPT";
  readonly deal: Bytes32;
}

/** Leaves the negotiation and says why. */
export interface EndBody {
  readonly kind: "END";
  readonly code: RefusalCode;
  /** Hash of the envelope that it is about; zero if of none. */
  readonly subject: Bytes32;
  /** For people; at most 280 bytes. */
  readonly note: string;
}

export interface DeliverBody {
  readonly kind: "DELIVER";
  readonly deal: Bytes32;
  readonly evidence: Bytes32;
}

/** What the buyer owes in all so far; a later receipt replaces an earlier one. */
export interface ReceiptBody {
  readonly kind: "RECEIPT";
  readonly deal: Bytes32;
  readonly total: Amount;
}

/** A proposal to end the deal by dividing price and both bonds. */
export interface CancelBody {
  readonly kind: "CANCEL";
  readonly deal: Bytes32;
  readonly toSeller: Amount;
  /** Unix seconds up to which it holds. */
  readonly until: number;
}

export interface DisputeBody {
  readonly kind: "DISPUTE";
  readonly deal: Bytes32;
  /** The seller's share that the sender owns to, in basis points. */
  readonly share: number;
  readonly evidence: Bytes32;
}

export type Body =
  | OpenBody
  | JoinBody
  | OfferBody
  | AcceptBody
  | EndBody
  | DeliverBody
  | ReceiptBody
  | CancelBody
  | DisputeBody;

const OPEN_TYPEHASH = keccakText("Open(uint256 responder,bytes32 salt,bytes32 certificate,bytes32 proposal)");
const JOIN_TYPEHASH = keccakText("Join(bytes32 open,bytes32 salt,bytes32 certificate)");
const END_TYPEHASH = keccakText("End(uint16 code,bytes32 subject,string note)");
const DELIVER_TYPEHASH = keccakText("Deliver(bytes32 deal,bytes32 evidence)");
const RECEIPT_TYPEHASH = keccakText("Receipt(bytes32 deal,uint128 total)");
const SPLIT_TYPEHASH = keccakText("Split(bytes32 deal,uint128 toSeller,uint40 until)");
const DISPUTE_TYPEHASH = keccakText("Dispute(bytes32 deal,uint16 share,bytes32 evidence)");

type Hashed = Body | WithheldOpenBody;

const HASHERS: { readonly [K in Kind]: (body: Extract<Hashed, { kind: K }>) => Bytes32 } = {
  OPEN: (body) =>
    new AbiWords(5)
      .bytes32(OPEN_TYPEHASH)
      .uint(body.responder, 256)
      .bytes32(body.salt)
      .bytes32(hashSessionKey(body.certificate.key))
      .bytes32(typeof body.proposal === "string" ? hashProposal(body.proposal) : body.proposal.sha256)
      .keccak256(),
  JOIN: (body) =>
    new AbiWords(4)
      .bytes32(JOIN_TYPEHASH)
      .bytes32(body.open)
      .bytes32(body.salt)
      .bytes32(hashSessionKey(body.certificate.key))
      .keccak256(),
  OFFER: (body) => hashDeal(body.deal),
  ACCEPT: (body) => body.deal,
  END: (body) =>
    new AbiWords(4)
      .bytes32(END_TYPEHASH)
      .uint(refusalNumber(body.code), 16)
      .bytes32(body.subject)
      .bytes32(keccakText(body.note))
      .keccak256(),
  DELIVER: (body) => new AbiWords(3).bytes32(DELIVER_TYPEHASH).bytes32(body.deal).bytes32(body.evidence).keccak256(),
  RECEIPT: (body) => new AbiWords(3).bytes32(RECEIPT_TYPEHASH).bytes32(body.deal).uint(body.total, 128).keccak256(),
  CANCEL: (body) =>
    new AbiWords(4)
      .bytes32(SPLIT_TYPEHASH)
      .bytes32(body.deal)
      .uint(body.toSeller, 128)
      .uint(body.until, 40)
      .keccak256(),
  DISPUTE: (body) =>
    new AbiWords(4)
      .bytes32(DISPUTE_TYPEHASH)
      .bytes32(body.deal)
      .uint(body.share, 16)
      .bytes32(body.evidence)
      .keccak256(),
};

/** What an envelope's `body` field holds for this body. */
export function hashBody(body: Hashed): Bytes32 {
  const hash = HASHERS[body.kind] as (body: Hashed) => Bytes32;
  return hash(body);
}

/** What OPEN's hash covers of its proposal. */
export function hashProposal(proposal: string): Bytes32 {
  return sha256(utf8.encode(proposal));
}
