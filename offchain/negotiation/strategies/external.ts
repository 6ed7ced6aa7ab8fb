import { messageOf } from "../../kernel/errors.ts";
import { reaches } from "../analysis/precision.ts";
import { isMove, type Moment, type Move } from "../move.ts";
import type { Bargainer, Fallback, Seat, Strategy } from "../strategy.ts";
import { format } from "./composed.ts";
import { seatFor } from "./seat.ts";

/** What somebody else is asked: a language model, a person, another program. */
export interface Question {
  readonly seat: Seat;
  readonly moment: Moment;
  /** What was wrong with the last answer to this question; null when it is asked for the first time. */
  readonly refused: string | null;
}

/** A move, and why, in one line. */
export type Proposal = Move & { readonly why?: string };

/** Answers at once; null if there is nothing to say. */
export type Ask = (question: Question) => Proposal | null;

export interface ExternalOptions {
  readonly name?: string;
  /** Takes nothing below this, nor below the scenario's own reservation. */
  readonly reservation?: number;
  /** How often it is asked at one turn, until an answer may be said. */
  readonly attempts?: number;
  /** What is to follow if there is no deal. */
  readonly fallback?: Fallback;
}

const LONGEST_WHY = 200;

/**
 * Somebody else proposes, and a guard disposes: what is proposed is said only if it is an outcome of the space, may be said now, and is
 * worth no less than no deal. Otherwise the proposer is told what is wrong and asked again, up to so many times. If it has nothing to
 * say, fails, or is refused each time, the strategy leaves the table, and its fallback says what follows: by default a person decides.
 */
export function external(ask: Ask, options: ExternalOptions = {}): Strategy {
  const { name = "external", reservation, attempts = 3, fallback = "escalate" } = options;
  return {
    name,
    fallback,
    sit: (seat) => new Guarded(seatFor(seat, reservation === undefined ? {} : { reservation }), ask, attempts),
  };
}

/** Proposals that somebody hands in beforehand, said in the order in which they came; a queue that is empty has nothing to say. */
export class ProposalQueue {
  readonly #waiting: Proposal[] = [];

  push(...proposals: readonly Proposal[]): void {
    this.#waiting.push(...proposals);
  }

  readonly ask: Ask = () => this.#waiting.shift() ?? null;
}

/** Why a proposal may not be said; null if it may. */
function refusalOf(proposal: unknown, { space, party }: Seat, { mayOffer, offered }: Moment): string | null {
  if (!isMove(proposal)) return "that is no offer, acceptance or end";
  if (proposal.say === "end") return null;
  if (proposal.say === "offer" && !mayOffer) return "no offer may be made any more";
  if (proposal.say === "offer" && !space.contains(proposal.outcome)) return "the offer is no outcome of the space";
  const outcome = proposal.say === "offer" ? proposal.outcome : offered;
  if (outcome === null) return "there is no offer to accept";
  const utility = party.utility.of(outcome);
  if (reaches(utility, party.reservation)) return null;
  return `${format(utility)} is below the ${format(party.reservation)} of no deal`;
}

class Guarded implements Bargainer {
  readonly #seat: Seat;
  readonly #ask: Ask;
  readonly #attempts: number;
  #why = "has not moved yet";

  constructor(seat: Seat, ask: Ask, attempts: number) {
    this.#seat = seat;
    this.#ask = ask;
    this.#attempts = attempts;
  }

  hear(): void {
    // The proposer sees what is on the table when it is asked.
  }

  why(): string {
    return this.#why;
  }

  speak(moment: Moment): Move {
    let refused: string | null = null;
    for (let attempt = 0; attempt < this.#attempts; attempt++) {
      let proposal: Proposal | null;
      try {
        proposal = this.#ask({ seat: this.#seat, moment, refused });
      } catch (thrown) {
        return this.#leave(`the proposer failed: ${messageOf(thrown)}`);
      }
      if (proposal === null) return this.#leave("the proposer has nothing to say");
      refused = refusalOf(proposal, this.#seat, moment);
      if (refused === null) return this.#say(proposal);
    }
    return this.#leave(`the proposer was refused ${this.#attempts} times: ${refused}`);
  }

  /** Copied, so that it can't change any more after it was looked at. */
  #say(proposal: Proposal): Move {
    const why = typeof proposal.why === "string" ? messageOf(proposal.why).slice(0, LONGEST_WHY) : "";
    this.#why = why === "" ? "as proposed" : why;
    return proposal.say === "offer" ? { say: "offer", outcome: [...proposal.outcome] } : { say: proposal.say };
  }

  #leave(why: string): Move {
    this.#why = why;
    return { say: "end" };
  }
}
