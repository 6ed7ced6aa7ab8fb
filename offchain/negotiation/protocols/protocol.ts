import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment, Move } from "../move.ts";
import type { Party } from "../scenario.ts";
import type { Seat } from "../strategy.ts";

/** How it ended. */
export type Ending =
  | { readonly agreed: true; readonly outcome: Outcome }
  | { readonly agreed: false; readonly reason: EndReason /** Whose doing it was. */; readonly by: number | null };

export type EndReason = "deadline" | "walked-away" | "standstill" | "violation";

/** What was said against the rules, and which rule. */
export interface Violation {
  readonly by: number;
  readonly rule: string;
}

export interface Table {
  readonly parties: readonly Party[];
  readonly rounds: number;
  /** A fair coin, for protocols that flip one. */
  readonly coin: () => boolean;
}

/** One negotiation under a protocol. */
export interface Talk {
  /** Whose turn it is. Where all speak at once, the others of the round follow before anything counts. */
  readonly speaker: number;
  /** From 0. */
  readonly round: number;
  /** Null while it goes on. */
  readonly ending: Ending | null;
  /** What the speaker may do; `time` is that of the rounds alone. */
  moment(): Moment;
  /** The speaker moves. What is against the rules ends it, and is returned. */
  say(move: Move): Violation | null;
}

/** One side's moves as they may be said. */
export interface Guard {
  /** The move, or what is said instead. */
  hold(move: Move): Move;
  /** Why, from the strategy's own reason for the move that was held last. */
  why(own: string): string;
}

/** A way to take turns: what may be said next, when it ends, and what is against the rules. */
export interface Protocol {
  readonly name: string;
  /** How many can take part. */
  readonly parties: readonly [least: number, most: number];
  /** Whether everybody knows what everybody wants. */
  readonly open: boolean;
  /** Whether what is offered in a round is told when all have spoken, because all speak at once. */
  readonly sealed: boolean;
  /** Keeps a strategy that knows nothing of this protocol within its rules, where there are such that it would not know. */
  guard?(seat: Seat): Guard;
  begin(table: Table): Talk;
}
