import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";
import { isMove, type Moment, type Move } from "../move.ts";
import type { Bargainer } from "../strategy.ts";

/**
 * A side that stands still where it would go back: where its next offer would give less than its last one. So any strategy can sit at
 * a table where that is against the rules. What is no move or no outcome passes as it is, for the session to refuse.
 */
export function forwardOnly(bargainer: Bargainer, space: IssueSpace, given: (offer: Outcome) => number): Bargainer {
  let last: Outcome | null = null;
  let held = false;
  return {
    hear: (offer, by, moment) => bargainer.hear(offer, by, moment),
    speak(moment: Moment): Move {
      const move = bargainer.speak(moment);
      held = false;
      if (!isMove(move) || move.say !== "offer" || !space.contains(move.outcome)) return move;
      held = last !== null && given(move.outcome) < given(last);
      if (last === null || !held) last = move.outcome;
      return { say: "offer", outcome: last };
    },
    why: () => (held ? `stands still, as it may not go back (${bargainer.why()})` : bargainer.why()),
  };
}
