import { messageOf } from "../../kernel/errors.ts";
import { reaches } from "../analysis/precision.ts";
import { type Moment, type Move, readMove } from "../move.ts";
import type { Bargainer, Fallback, LiveBargainer, LiveStrategy, Seat, Strategy } from "../strategy.ts";
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

/** Takes its time to answer, as people and models do. */
export type AskLive = (question: Question) => Promise<Proposal | null>;

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
  return proposedBy(options, (seat, attempts) => new Spoken(seat, attempts, ask));
}

/** The same for a proposer that takes its time, in `negotiateLive`. */
export function externalLive(ask: AskLive, options: ExternalOptions = {}): LiveStrategy {
  return proposedBy(options, (seat, attempts) => new SpokenLive(seat, attempts, ask));
}

function proposedBy<Speaker extends LiveBargainer>(
  { name = "external", reservation, attempts = 3, fallback = "escalate" }: ExternalOptions,
  sit: (seat: Seat, attempts: number) => Speaker,
): LiveStrategy<Speaker> {
  const settings = reservation === undefined ? {} : { reservation };
  return { name, fallback, sit: (seat) => sit(seatFor(seat, settings), attempts) };
}

/** Proposals that somebody hands in beforehand, said in the order in which they came; a queue that is empty has nothing to say. */
export class ProposalQueue {
  readonly #waiting: Proposal[] = [];

  push(...proposals: readonly Proposal[]): void {
    this.#waiting.push(...proposals);
  }

  readonly ask: Ask = () => this.#waiting.shift() ?? null;
}

/** The move that may be said, or why the proposal may not. */
function judge(proposal: unknown, { space, party }: Seat, { mayOffer, offered }: Moment): Move | string {
  const move = readMove(proposal, space);
  if (typeof move === "string" || move.say === "end") return move;
  if (move.say === "offer" && !mayOffer) return "no offer may be made any more";
  const outcome = move.say === "offer" ? move.outcome : offered;
  if (outcome === null) return "there is no offer to accept";
  const utility = party.utility.of(outcome);
  if (reaches(utility, party.reservation)) return move;
  return `${format(utility)} is below the ${format(party.reservation)} of no deal`;
}

/** What is asked at one turn, until something may be said. */
class Enquiry {
  question: Question;
  readonly #most: number;
  #asked = 0;

  constructor(seat: Seat, moment: Moment, most: number) {
    this.question = { seat, moment, refused: null };
    this.#most = most;
  }

  /** What to say; null if there is another question. */
  answer(proposal: Proposal | null): Verdict | null {
    if (proposal === null) return leaving("the proposer has nothing to say");
    const { seat, moment } = this.question;
    try {
      const move = judge(proposal, seat, moment);
      if (typeof move !== "string") return { move, why: reasonOf(proposal) };
      this.#asked += 1;
      if (this.#asked >= this.#most) return leaving(`the proposer was refused ${this.#asked} times: ${move}`);
      this.question = { seat, moment, refused: move };
      return null;
    } catch (thrown) {
      return failing(thrown);
    }
  }
}

interface Verdict {
  readonly move: Move;
  readonly why: string;
}

function reasonOf({ why }: Proposal): string {
  const text = typeof why === "string" ? messageOf(why).slice(0, LONGEST_WHY) : "";
  return text === "" ? "as proposed" : text;
}

function leaving(why: string): Verdict {
  return { move: { say: "end" }, why };
}

function failing(thrown: unknown): Verdict {
  return leaving(`the proposer failed: ${messageOf(thrown)}`);
}

/** One who only says what a proposer wants said. */
class Spokesman {
  readonly #seat: Seat;
  readonly #attempts: number;
  #why = "has not moved yet";

  constructor(seat: Seat, attempts: number) {
    this.#seat = seat;
    this.#attempts = attempts;
  }

  hear(): void {
    // The proposer sees what is on the table when it is asked.
  }

  why(): string {
    return this.#why;
  }

  enquire(moment: Moment): Enquiry {
    return new Enquiry(this.#seat, moment, this.#attempts);
  }

  say({ move, why }: Verdict): Move {
    this.#why = why;
    return move;
  }
}

class Spoken extends Spokesman implements Bargainer {
  readonly #ask: Ask;

  constructor(seat: Seat, attempts: number, ask: Ask) {
    super(seat, attempts);
    this.#ask = ask;
  }

  speak(moment: Moment): Move {
    const enquiry = this.enquire(moment);
    for (;;) {
      try {
        const verdict = enquiry.answer(this.#ask(enquiry.question));
        if (verdict !== null) return this.say(verdict);
      } catch (thrown) {
        return this.say(failing(thrown));
      }
    }
  }
}

class SpokenLive extends Spokesman implements LiveBargainer {
  readonly #ask: AskLive;

  constructor(seat: Seat, attempts: number, ask: AskLive) {
    super(seat, attempts);
    this.#ask = ask;
  }

  async speak(moment: Moment): Promise<Move> {
    const enquiry = this.enquire(moment);
    for (;;) {
      try {
        const verdict = enquiry.answer(await this.#ask(enquiry.question));
        if (verdict !== null) return this.say(verdict);
      } catch (thrown) {
        return this.say(failing(thrown));
      }
    }
  }
}
