import type { Outcome } from "../terms/issue-space.ts";

/** What a party does when it is its turn. */
export type Move =
  | { readonly say: "offer"; readonly outcome: Outcome }
  | { readonly say: "accept" }
  | { readonly say: "end" };

/** Whether something says what a move can say; what it offers is looked at by the space. Strategies come from outside. */
export function isMove(value: unknown): value is Move {
  if (typeof value !== "object" || value === null || !("say" in value)) return false;
  return value.say === "offer" || value.say === "accept" || value.say === "end";
}

/** When it is, and what may be done. */
export interface Moment {
  /** From 0. */
  readonly round: number;
  /** How many there are; infinite if only time sets a deadline, or none. */
  readonly rounds: number;
  /** Share of the negotiation that is over: 0 at the first offer, 1 at the last. */
  readonly time: number;
  /** The offer that an acceptance now would accept. */
  readonly offered: Outcome | null;
  readonly mayOffer: boolean;
  /**
   * Whether the speaker may make no offer after this turn's, under a deadline in rounds. Not said where everybody speaks once a round and
   * every offer has to be answerable, so that the round and one's seat tell.
   */
  readonly isLast?: boolean;
}
