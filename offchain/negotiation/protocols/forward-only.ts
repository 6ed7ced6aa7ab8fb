import type { Outcome } from "../../terms/issue-space.ts";
import type { Guard } from "./protocol.ts";

/**
 * A side stands still where it would go back: where its next offer would give less than its last one. So any strategy can sit at a table
 * where that is against the rules.
 */
export function forwardOnly(given: (offer: Outcome) => number): Guard {
  let last: Outcome | null = null;
  let held = false;
  return {
    hold(move) {
      held = false;
      if (move.say !== "offer") return move;
      held = last !== null && given(move.outcome) < given(last);
      if (last === null || !held) last = move.outcome;
      return { say: "offer", outcome: last };
    },
    why: (own) => (held ? `stands still, as it may not go back (${own})` : own),
  };
}
