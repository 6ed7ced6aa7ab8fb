import type { Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { ProposedMove } from "../negotiation/price/external.ts";
import type { Body, CancelBody } from "../terms/body.ts";
import type { Certificate } from "../terms/certificate.ts";
import type { Deal } from "../terms/deal.ts";
import type { Envelope } from "../terms/envelope.ts";
import type { Message } from "../terms/message.ts";
import type { Proposal } from "../terms/proposal.ts";
import type { RefusalCode } from "../terms/refusal.ts";
import type { Chain } from "../transcript/chain.ts";
import type { Brief } from "./brief.ts";

/** What is known in every phase of a negotiation. */
export interface Common {
  /** Without its proposal, which is kept as it was read, once. */
  readonly brief: Omit<Brief, "proposal">;
  readonly proposal: Proposal;
  /** The opener's half of the id. It names the negotiation's stream in the journal. */
  readonly half: Bytes32;
  /** The id from JOIN on; before that the half. */
  readonly negotiation: Bytes32;
  readonly peerCertificate: Certificate | null;
  readonly ours: Chain;
  readonly theirs: Chain;
  /** `seq` of our newest envelope that the peer has named as seen; -1 for none. */
  readonly seen: number;
  /** Whether the peer was caught signing two envelopes under one `seq`, and both of a kind that binds; both are in the journal then. */
  readonly equivocated: "binding" | "other" | null;
  /** Whether the journal may lack what we signed. Then nothing but END is signed: it might be the second under its `seq`. */
  readonly doubted: boolean;
  /** Whether we may sign what binds. Only where the intent is negotiated elsewhere too does it have to be granted first. */
  readonly mayBind: boolean;
  /** Whether it was asked again in another negotiation, or needn't be any more. */
  readonly reopened: boolean;
}

/** OPEN is out; the peer has neither joined nor refused. */
export interface Opening extends Common {
  readonly phase: "opening";
}

/** Offers alternate. Our own turn is taken within the transition that brings it, unless somebody else decides our moves. */
export interface Bargaining extends Common {
  readonly phase: "bargaining";
  /** Every offer's deal, at a price of 0. */
  readonly template: Deal;
  /** Offers made by both sides. */
  readonly offers: number;
}

/** An OFFER and its ACCEPT exist: both sides are bound. Deliveries and receipts follow. */
export interface Agreed extends Common {
  readonly phase: "agreed";
  readonly template: Deal;
  readonly agreement: Agreement;
  readonly fulfilment: Fulfilment;
}

/** One side left, or broke the protocol. An offer of ours may still be accepted until its `commitBy`. */
export interface Ended extends Common {
  readonly phase: "ended";
  readonly template: Deal | null;
  readonly ending: Ending;
}

export type State = Opening | Bargaining | Agreed | Ended;

export interface Agreement {
  readonly deal: Deal;
  readonly dealHash: Bytes32;
  /** Hash of the ACCEPT envelope: the name of the transcript on the chain. */
  readonly transcript: Bytes32;
  readonly acceptedBy: "self" | "peer";
  /** `seq` of the OFFER and of the ACCEPT, each in its own side's chain. */
  readonly offerSeq: number;
  readonly acceptSeq: number;
}

/** What was said about the deal since it was agreed. */
export interface Fulfilment {
  /** Hash of what the seller says it delivered. */
  readonly evidence: Bytes32 | null;
  /** What the buyer has acknowledged to owe. */
  readonly receipted: Amount;
  /** How each side would split what is in escrow, as it last said. */
  readonly splits: { readonly self: CancelBody | null; readonly peer: CancelBody | null };
}

export interface Ending extends Reason {
  readonly by: "self" | "peer";
  /** In the journal's time. */
  readonly at: number;
}

/** Why something was refused. */
export interface Reason {
  readonly code: RefusalCode;
  readonly note: string;
}

export type Event =
  /** We start a negotiation. */
  | { readonly type: "opened"; readonly at: number; readonly brief: Brief }
  /** A peer starts one, with an OPEN that was found good. */
  | {
      readonly type: "invited";
      readonly at: number;
      readonly brief: Brief;
      readonly message: Message;
      /** The message as it came. */
      readonly frame: Uint8Array;
    }
  /** A message whose signature, and certificate where it brings one, was found good. */
  | { readonly type: "received"; readonly at: number; readonly message: Message; readonly frame: Uint8Array }
  /** Something that claims to be of this negotiation was refused before it came to its content. */
  | {
      readonly type: "offended";
      readonly at: number;
      readonly reason: Reason;
      /** The frame as it came: the proof. */
      readonly frame: Uint8Array;
    }
  /** `commitBy` has passed. */
  | { readonly type: "expired"; readonly at: number }
  /** We may sign what binds from now on: see `Intents`. */
  | { readonly type: "granted"; readonly at: number }
  /** What came to nothing here was asked again in another negotiation, or needn't be any more: see `Postings`. */
  | { readonly type: "reopened"; readonly at: number }
  /** The journal can't prove that it has everything that we signed here. */
  | { readonly type: "doubted"; readonly at: number; readonly note: string }
  /** Whoever our strategy leaves it to has decided on a move. */
  | { readonly type: "moved"; readonly at: number; readonly move: ProposedMove }
  /** Our own side has something to say that is not a move in the bargaining. */
  | { readonly type: "spoken"; readonly at: number; readonly body: SpokenBody };

export type SpokenBody = Extract<Body, { kind: "END" | "DELIVER" | "RECEIPT" | "CANCEL" | "DISPUTE" }>;

export type Effect =
  /** Sign, journal and send an envelope. */
  | { readonly do: "send"; readonly envelope: Envelope; readonly hash: Bytes32; readonly body: Body }
  /** The peer repeated its envelope of that `hash`: send again what we have said since we saw it. */
  | { readonly do: "resend"; readonly since: Bytes32 };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}
