import type { Hex } from "../kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Certificate } from "../terms/certificate.ts";
import type { Deal } from "../terms/deal.ts";
import type { Message } from "../terms/message.ts";

/** Which contracts on which chain. */
export interface Deployment {
  readonly chainId: number;
  readonly registry: Address;
  readonly settlement: Address;
}

/** What a principal lets its agent's keys commit, in amounts of one token. */
export interface Mandate {
  /** Most exposure of one deal: price and bond of a buyer, the bond of a seller. */
  readonly limit: Amount;
  /** Exposure that refills within a day. */
  readonly budget: Amount;
  /** Most exposure for which `approver` needn't agree. */
  readonly threshold: Amount;
  /** Last second at which it counts. */
  readonly expiry: number;
  /** The zero address where nobody can agree to more. */
  readonly approver: Address;
}

/** What an approver agrees to beyond a mandate's threshold: for one negotiation with one counterparty. */
export interface DealApproval {
  readonly agent: AgentId;
  /** Which of the agent's owners has named the approver. */
  readonly tenure: bigint;
  readonly counterparty: AgentId;
  readonly negotiation: Bytes32;
  readonly token: Address;
  readonly category: Bytes32;
  /** Most exposure. */
  readonly most: Amount;
  /** Last second at which it counts. */
  readonly until: number;
  /** Only a later one takes the place of what is recorded. */
  readonly version: number;
}

/** Whose keys speak for an agent at present. */
export interface AgentAuthority {
  /** The zero address where the agent does not exist or has no wallet. */
  readonly wallet: Address;
  readonly epoch: number;
}

/** The part of the chain that certificates are judged by. */
export interface Registry {
  authority(agent: AgentId): Promise<AgentAuthority>;
  /**
   * Whether a session key's certificate (its EIP-712 struct hash) is recorded for that epoch, and so counts without a
   * signature. Once true it stays true.
   */
  certified(agent: AgentId, epoch: number, certificate: Bytes32): Promise<boolean>;
}

/** Whose a key epoch was that is over, and when it ended. Times in Unix seconds. */
export interface EpochEnding {
  readonly wallet: Address;
  readonly endedAt: number;
}

/** What a registry remembers beyond the present: revocation ends a key's authority, and not what it has to answer for. */
export interface EpochEndings {
  /** Null where that epoch hasn't ended. */
  ended(agent: AgentId, epoch: number): Promise<EpochEnding | null>;
}

/** The part of the chain that bonds are judged by. */
export interface Stakes {
  /** What an agent can lose in a token for as long as any offer counts: without what is about to leave. */
  staked(agent: AgentId, token: Address): Promise<Amount>;
}

/** Whose an agent is. */
export interface Ownership {
  /** The zero address where there is no such agent. */
  readonly owner: Address;
  /** Which of its owners that is, counted from 1. */
  readonly tenure: number;
}

/** The part of the chain that mandates are judged by. */
export interface Principals {
  ownership(agent: AgentId): Promise<Ownership>;
  /** Whether the contract at an address says that it signed (ERC-1271). False where there is no contract. */
  signedBy(wallet: Address, digest: Bytes32, signature: Hex): Promise<boolean>;
}

export type DealStatus = "None" | "Committed" | "Delivered" | "Disputed" | "Settled" | "Declared" | "Defaulted";

export interface DealPosition {
  readonly status: DealStatus;
  /** Unix seconds of the block that this is so at. */
  readonly now: number;
  /** Unix seconds at which the status was entered. */
  readonly since: number;
  /** False where another deal of the same negotiation was committed instead. */
  readonly ours: boolean;
  /** What claimed receipts have paid to the seller before the end. */
  readonly received: Amount;
  /** Null but for a disputed deal. */
  readonly dispute: DisputeStanding | null;
  /** Null but for a declared deal. */
  readonly declaration: Declaration | null;
}

/** How a dispute stands. Shares are the seller's of the price, in basis points. */
export interface DisputeStanding {
  /** What the buyer owns to. */
  readonly buyerShare: number;
  /** What the seller asks for: all, until it answers. */
  readonly sellerShare: number;
  readonly answered: boolean;
  readonly referred: boolean;
  readonly ruled: boolean;
  /** Last second at which a ruling counts. */
  readonly rulingUntil: number;
}

/** A side that could commit says that the other can't. */
export interface Declaration {
  readonly declarer: AgentId;
  /** Last second at which the other side's part can be brought. */
  readonly cureUntil: number;
}

/** The deal that a negotiation came to on the chain. */
export interface CommittedDeal {
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  readonly price: Amount;
}

/** How a settled deal was paid out. */
export interface Payout {
  readonly outcome: "Accepted" | "Claimed" | "Refunded" | "Closed" | "Split" | "Agreed" | "Ruled" | "Lapsed";
  readonly toBuyer: Amount;
  readonly toSeller: Amount;
}

/** One side's word in an agreement: an OFFER or ACCEPT, and the certificate of the key that signed it. */
export interface SessionProof {
  readonly message: Message;
  readonly certificate: Certificate;
}

export interface SessionProofs {
  readonly buyer: SessionProof;
  readonly seller: SessionProof;
}

/** A transaction that was included and did not revert. */
export interface Inclusion {
  readonly transaction: Bytes32;
  readonly block: bigint;
  readonly gasUsed: bigint;
}

/** What an agent can do where a deal does not go as agreed. Refusals and errors are those of `Chain`. */
export interface Remedies {
  /** Commits the agreement, or locks our part where only the other side's is missing. */
  commitOrDeclare(deal: Deal, proofs: SessionProofs): Promise<Inclusion>;
  /** Commits a declared deal whose missing part is there by now. */
  cure(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
  /** Ends a declared deal that nobody made good. */
  penalise(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
  /** Disputes a delivery as its buyer. `share` of the price, in basis points, is what the seller is due. */
  dispute(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion>;
  /** States the share that the seller asks for. */
  answer(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion>;
  /** Asks the deal's arbitrator, out of the buyer's deposit. */
  refer(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
  /** Pays out by the stored ruling. */
  execute(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
  /** Pays out by the deal's own share, where no ruling came in time. */
  lapse(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
}

/** What became of deals, looked up once in the chain's events: for whoever follows them, there is a follower. */
export interface Archive {
  /** Which deal of its negotiation was committed, whoever accepted it; null while none was. */
  committed(deal: Deal): Promise<CommittedDeal | null>;
  position(deal: Deal, transcript: Bytes32): Promise<DealPosition>;
  /** What a deal ended with; null while it has not. */
  payout(deal: Deal): Promise<Payout | null>;
}

/** What the caller knows of whether the contract takes a call. */
export interface Sureness {
  /**
   * The chain's newest events say so, so it needn't be tried first, which costs as much as the call itself. Where something has come
   * between after all it costs its gas, and is refused all the same.
   */
  readonly isSure: boolean;
}

/**
 * Settlement as one agent uses it. A call that the contract refuses rejects with a `ParleyError` whose code is the
 * contract's error, and nothing is sent. `ChainUnreachable` is retryable.
 */
export interface Chain extends Registry, EpochEndings, Stakes {
  readonly deployment: Deployment;
  /** Records a certificate, for a wallet that is a contract. Anybody may carry it. */
  recordCertificate(certificate: Certificate): Promise<Inclusion>;
  /** Unix seconds of the newest block: the only clock that deadlines on the chain go by. */
  time(): Promise<number>;
  free(agent: AgentId, token: Address): Promise<Amount>;
  commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion>;
  deliver(deal: Deal, transcript: Bytes32, evidence: Bytes32, sureness?: Sureness): Promise<Inclusion>;
  accept(deal: Deal, transcript: Bytes32, sureness?: Sureness): Promise<Inclusion>;
  /** For the seller of a delivered deal that nobody accepted in its review period. */
  claim(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
  /**
   * Claims what the buyer's RECEIPT says that it owes, in all. `close` ends the deal too: for the seller, or where the receipt is for the
   * whole price.
   */
  claimReceipt(deal: Deal, transcript: Bytes32, receipt: SessionProof, close: boolean): Promise<Inclusion>;
  /** Ends the deal as both sides have said in a CANCEL each. */
  split(deal: Deal, transcript: Bytes32, cancels: SessionProofs): Promise<Inclusion>;
  /** For the buyer of a deal that was not delivered in time. */
  refund(deal: Deal, transcript: Bytes32): Promise<Inclusion>;
}
