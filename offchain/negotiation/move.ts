import type { IssueSpace, Outcome } from "../terms/issue-space.ts";

/** What a party does when it is its turn. */
export type Move =
  | { readonly say: "offer"; readonly outcome: Outcome }
  | { readonly say: "accept" }
  | { readonly say: "end" };

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

/**
 * The move that somebody's strategy says, or else what is wrong with it. Strategies come from outside, so what they hand over is read
 * once, and an outcome is copied: nobody can change it after it was looked at. May throw what a getter throws.
 */
export function readMove(said: unknown, space: IssueSpace): Move | string {
  if (typeof said !== "object" || said === null) return "said what is no move";
  const { say, outcome } = said as { readonly say?: unknown; readonly outcome?: unknown };
  if (say === "accept" || say === "end") return { say };
  if (say !== "offer") return "said what is no move";
  if (!Array.isArray(outcome) || outcome.length !== space.issues.length) {
    return `offered what is no outcome: it is no list of ${space.issues.length} values, one for each issue`;
  }
  // Not by `slice`, which a class of arrays may replace.
  const copy = new Array<number>(space.issues.length);
  for (let index = 0; index < copy.length; index++) copy[index] = outcome[index];
  const wrong = space.refusalOf(copy);
  return wrong === null ? { say, outcome: Object.freeze(copy) } : `offered what is no outcome: ${wrong}`;
}
