import type { Outcome } from "../../terms/issue-space.ts";
import { type Scenario, utilitiesOf } from "../scenario.ts";
import type { Step } from "../setting.ts";
import type { Analysis } from "./analyze.ts";
import { nearest } from "./distance.ts";

/** What was said at a turn, and where that is among all that could be agreed on. */
export interface Turn {
  readonly round: number;
  readonly by: number;
  readonly say: Step["move"]["say"];
  readonly why: string;
  /** What was offered, or accepted; null where a party left. */
  readonly outcome: Outcome | null;
  /** What that is worth to each, undiscounted. */
  readonly utilities: readonly number[] | null;
  /** How far that is from the Nash point and from the frontier; null where there is none, or none is known. */
  readonly toNash: number | null;
  readonly toFrontier: number | null;
}

/** Writes down a negotiation turn by turn: hand `watch` to it, and read `turns` when it is over. */
export class Trace {
  readonly turns: Turn[] = [];
  readonly #scenario: Scenario;
  readonly #analysis: Analysis | null;
  #offered: Outcome | null = null;

  /** Without an analysis, as of a scenario too large for one, the distances stay unknown. */
  constructor(scenario: Scenario, analysis: Analysis | null) {
    this.#scenario = scenario;
    this.#analysis = analysis;
  }

  readonly watch = ({ round, by, move, why }: Step): void => {
    // What a faulty strategy offers need not be an outcome; it ends the negotiation.
    if (move.say === "offer") this.#offered = this.#scenario.space.contains(move.outcome) ? move.outcome : null;
    const outcome = move.say === "end" ? null : this.#offered;
    this.turns.push({ round, by, say: move.say, why, outcome, ...this.#place(outcome) });
  };

  #place(outcome: Outcome | null): Pick<Turn, "utilities" | "toNash" | "toFrontier"> {
    if (outcome === null) return { utilities: null, toNash: null, toFrontier: null };
    const utilities = utilitiesOf(this.#scenario, outcome);
    const { frontier, nash } = this.#analysis ?? {};
    return {
      utilities,
      toNash: frontier && nash ? nearest(utilities, frontier, nash.places) : null,
      toFrontier: frontier ? nearest(utilities, frontier) : null,
    };
  }
}
