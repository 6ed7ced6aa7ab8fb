/**
 * Every course that a negotiation of two honest sides can take, over a network that loses, repeats and reorders at will. What a side has
 * said may come at any time, any number of times, or never; so the network is just all that was said, and a course is two states.
 */
import type { Brief } from "../../../offchain/dealing/brief.ts";
import type { Event, State } from "../../../offchain/dealing/state.ts";
import { transition } from "../../../offchain/dealing/transition.ts";
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import { MAX_AMOUNT } from "../../../offchain/kernel/money.ts";
import type { ProposedMove } from "../../../offchain/negotiation/price/external.ts";
import type { Certificate } from "../../../offchain/terms/certificate.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import type { Message } from "../../../offchain/terms/message.ts";
import { encodeProposal, type Proposal } from "../../../offchain/terms/proposal.ts";
import { Refusal } from "../../../offchain/terms/refusal.ts";
import { proposalFor } from "../../proposal.ts";

export type Side = "opener" | "responder";

const SIDES: readonly Side[] = ["opener", "responder"];

const OTHER: Readonly<Record<Side, Side>> = { opener: "responder", responder: "opener" };

/** Both sides; the responder's is null until it is invited. */
export interface Course {
  readonly opener: State;
  readonly responder: State | null;
}

export interface Exploration {
  /** Every pair of states that can be reached. */
  readonly courses: readonly Course[];
  /** How many steps lead from one to another. */
  readonly steps: number;
}

export interface Rules {
  readonly rounds: number;
  /** The prices that either side may name. */
  readonly prices: readonly bigint[];
}

const SEPARATOR: Bytes32 = `0x${"5e".repeat(32)}`;
const SIGNATURE = `0x${"00".repeat(64)}` as const;
const NO_FRAME = new Uint8Array();
const COMMIT_BY = 2_000_000_000;
const NOW = (COMMIT_BY - 600) * 1000;
const LATER = (COMMIT_BY + 1) * 1000;

export class Explorer {
  readonly #rules: Rules;
  /** Whatever was ever said, by its hash: states hold only the hashes. */
  readonly #said = new Map<Bytes32, Message>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  explore(): Exploration {
    const first: Course = { opener: this.#apply(null, opened(this.#rules.rounds)), responder: null };
    const known = new Map([[keyOf(first), first]]);
    let steps = 0;
    for (const course of known.values()) {
      for (const next of this.#after(course)) {
        steps++;
        const key = keyOf(next);
        if (!known.has(key)) known.set(key, next);
      }
    }
    return { courses: [...known.values()], steps };
  }

  /** Where a course ends if from now on everything arrives, nobody decides anything more, and time runs out. */
  settle(course: Course): Course {
    let settled = course;
    for (let before = ""; before !== keyOf(settled); ) {
      before = keyOf(settled);
      for (const side of SIDES) {
        for (const message of this.#heardBy(settled, side)) settled = this.#hear(settled, side, message);
        if (settled[side] !== null) settled = this.#with(settled, side, { type: "expired", at: LATER });
      }
    }
    return settled;
  }

  /** The deals that the chain would commit with what both sides have signed, heard or not. */
  committable({ opener, responder }: Course): readonly Bytes32[] {
    return [...new Set([...this.#accepted(opener, responder), ...this.#accepted(responder, opener)])];
  }

  /** All that a side has signed, in order. */
  saidBy(state: State | null): Message[] {
    const messages: Message[] = [];
    for (let link = state?.ours ?? null; link !== null; link = link.previous) {
      const message = this.#said.get(link.hash);
      if (message === undefined) throw new Error(`nobody said ${link.hash}`);
      messages.push(message);
    }
    return messages.reverse();
  }

  #accepted(offering: State | null, accepting: State | null): Bytes32[] {
    const accepted = new Set(this.saidBy(accepting).flatMap(({ body }) => (body.kind === "ACCEPT" ? [body.deal] : [])));
    return this.saidBy(offering).flatMap(({ body }) => {
      const hash = body.kind === "OFFER" ? hashDeal(body.deal) : ZERO_32;
      return accepted.has(hash) ? [hash] : [];
    });
  }

  /** Everything that may happen next to either side. */
  *#after(course: Course): Generator<Course> {
    for (const side of SIDES) {
      for (const message of this.#heardBy(course, side)) yield this.#hear(course, side, message);
      const state = course[side];
      if (state === null) continue;
      yield this.#with(course, side, { type: "expired", at: LATER });
      const leaving = { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" } as const;
      yield this.#with(course, side, { type: "spoken", at: NOW, body: leaving });
      for (const move of this.#moves()) yield this.#with(course, side, { type: "moved", at: NOW, move });
    }
  }

  *#moves(): Generator<ProposedMove> {
    yield { say: "accept" };
    for (const price of this.#rules.prices) yield { say: "offer", price };
  }

  /** All that the other side has said: any of it may arrive now. */
  #heardBy(course: Course, side: Side): Message[] {
    return this.saidBy(course[OTHER[side]]);
  }

  #hear(course: Course, side: Side, message: Message): Course {
    const { body } = message;
    if (course[side] !== null) return this.#with(course, side, { type: "received", at: NOW, message, frame: NO_FRAME });
    if (body.kind !== "OPEN") return course;
    const brief = briefOf("responder", body.proposal);
    return this.#with(course, side, { type: "invited", at: NOW, brief, message, frame: NO_FRAME });
  }

  #with(course: Course, side: Side, event: Event): Course {
    try {
      return { ...course, [side]: this.#apply(course[side], event) };
    } catch (thrown) {
      // What can't be said in a state is refused, and changes nothing.
      if (thrown instanceof Refusal) return course;
      throw thrown;
    }
  }

  #apply(before: State | null, event: Event): State {
    const { state, effects } = transition(SEPARATOR, before, event);
    for (const effect of effects) {
      if (effect.do === "send") this.#keep(effect.hash, { ...effect, signature: SIGNATURE });
    }
    return state;
  }

  #keep(hash: Bytes32, { envelope, body, signature }: Message): void {
    this.#said.set(hash, { envelope, body, signature });
  }
}

/** What a state is told apart by: what was said and heard, and how it stands. */
function keyOf({ opener, responder }: Course): string {
  return `${key(opener)} | ${responder === null ? "" : key(responder)}`;

  function key(state: State): string {
    const { phase, ours, theirs, seen, equivocated } = state;
    const ending = state.phase === "ended" ? `${state.ending.by} ${state.ending.code}` : "";
    const agreed = state.phase === "agreed" ? state.agreement.transcript : "";
    return [phase, ours?.hash, theirs?.hash, seen, equivocated, ending, agreed].join(" ");
  }
}

/** The first event of all. Each side leaves its moves to the exploration, which tries all of them. */
function opened(rounds: number): Event {
  const proposal: Proposal = proposalFor({ rounds, commitBy: COMMIT_BY });
  return { type: "opened", at: NOW, brief: briefOf("opener", encodeProposal(proposal)) };
}

function briefOf(side: Side, proposal: string): Brief {
  const [self, peer] = side === "opener" ? [1n, 2n] : [2n, 1n];
  const role = side === "opener" ? "buyer" : "seller";
  // Neither side's limit keeps it from any price that is tried.
  const limit = side === "opener" ? MAX_AMOUNT : 0n;
  return {
    self,
    peer,
    opener: side === "opener",
    role,
    salt: `0x${(side === "opener" ? "0a" : "0b").repeat(32)}`,
    proposal,
    certificate: certificateOf(self),
    strategy: { kind: "external", limit },
    address: "",
    intent: null,
    again: null,
  };
}

function certificateOf(agent: bigint): Certificate {
  const key = { agent, settlement: ZERO_ADDRESS, x: ZERO_32, y: ZERO_32, notBefore: 0, notAfter: COMMIT_BY, epoch: 1 };
  return { key, signature: `0x${"00".repeat(65)}` };
}
