import type { SeededEntropy } from "../kernel/random.ts";
import type { IssueSpace, Outcome } from "../terms/issue-space.ts";
import type { Bids } from "./bids/bids.ts";
import type { Moment, Move } from "./move.ts";
import type { Party } from "./scenario.ts";

/** What a strategy knows when it sits down. */
export interface Seat {
  readonly space: IssueSpace;
  readonly party: Party;
  /** The outcomes by what they are worth to it. Made when they are first looked at. */
  readonly bids: Bids;
  /** Its place, and how many sit at the table. */
  readonly me: number;
  readonly parties: number;
  /** Its own chance, from the negotiation's seed. */
  readonly random: SeededEntropy;
  /** Everybody at the table with what they want, where the protocol lets all know; else null. */
  readonly all: readonly Party[] | null;
}

/** One side of one negotiation under way. It sees only what is said, and says the same again when that is said again. */
export interface Bargainer {
  /** Somebody else made an offer. */
  hear(offer: Outcome, by: number, moment: Moment): void;
  /** Its turn. */
  speak(moment: Moment): Move;
  /** Why it last moved as it did, in one line. */
  why(): string;
}

/**
 * What is to follow if there is no deal, whatever the reason: nothing, a person takes over, or the wish is posted for later. The engine
 * only reports it; whoever let negotiate does it.
 */
export type Fallback = "abort" | "escalate" | "post";

export const FALLBACKS: readonly Fallback[] = ["abort", "escalate", "post"];

/** A way to negotiate. */
export interface Strategy {
  readonly name: string;
  /** `abort` if it isn't said. */
  readonly fallback?: Fallback;
  sit(seat: Seat): Bargainer;
}

/** A bargainer that may take its time: one that asks a person, or something over a network. */
export interface LiveBargainer extends Omit<Bargainer, "speak"> {
  speak(moment: Moment): Move | Promise<Move>;
}

/** A way to negotiate that may take its time. Every other way is one too. */
export interface LiveStrategy<Speaker extends LiveBargainer = LiveBargainer> extends Omit<Strategy, "sit"> {
  sit(seat: Seat): Speaker;
}
