import type { Outcome } from "../terms/issue-space.ts";
import type { Bids } from "./bids/bids.ts";
import type { Move } from "./move.ts";
import type { Protocol } from "./protocols/protocol.ts";
import type { Scenario } from "./scenario.ts";
import type { Bargainer, Fallback, LiveBargainer, LiveStrategy } from "./strategy.ts";

/** A negotiation to be held by strategies of some kind. */
export interface LiveSetting<Speaker extends LiveBargainer = LiveBargainer> {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  /** One for each party, in the parties' order; the first speaks first. */
  readonly strategies: readonly LiveStrategy<Speaker>[];
  readonly rounds: number;
  readonly seed: number;
  /** A deadline in time besides that in rounds: milliseconds, and what tells them. Words that come later don't count. */
  readonly clock?: { readonly limit: number; now(): number };
  /** Told of all that is said. */
  readonly watch?: (step: Step) => void;
  /** The parties' orders, where they are known from another negotiation over the same scenario. */
  readonly orders?: readonly Bids[];
}

/** A negotiation to be held by strategies that answer at once. */
export type Setting = LiveSetting<Bargainer>;

/** Something that was said, and why. */
export interface Step {
  readonly by: number;
  readonly round: number;
  readonly move: Move;
  readonly why: string;
}

/** How it ended. */
export interface Result {
  readonly agreement: boolean;
  readonly outcome: Outcome | null;
  /** What each has in the end: of the agreement, or its reservation; less what time has cost. */
  readonly utilities: readonly number[];
  /** Rounds begun. */
  readonly rounds: number;
  readonly offers: number;
  readonly reason: string;
  /** Whose strategy broke the rules or broke down; null if none did. */
  readonly fault: number | null;
  /** What is to follow for each, as its strategy was told; null if there is a deal. */
  readonly fallbacks: readonly Fallback[] | null;
}
