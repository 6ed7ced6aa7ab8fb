import { dueAgain } from "../dealing/postings.ts";
import type { Session } from "../dealing/session.ts";
import type { Agreed, Effect, Ended, Event, Reason, State } from "../dealing/state.ts";
import { toHex } from "../kernel/bytes.ts";
import { type Clock, isPast } from "../kernel/clock.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { AgentId } from "../kernel/ids.ts";
import { alternation } from "../negotiation/price/turns.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { AccountOutcome, InDoubt, Outcome } from "../settlement/saga/outcome.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import type { Body } from "../terms/body.ts";
import type { Envelope } from "../terms/envelope.ts";
import { encodeMessage } from "../terms/message.ts";
import type { AgentEvent } from "./agent-event.ts";
import type { Verdict } from "./fault-watch.ts";
import type { OpeningObjection } from "./opening-again.ts";
import { nameOf } from "./outcome-name.ts";
import { Quota } from "./quota.ts";
import { Seldom } from "./seldom.ts";

/** Refusals that are told in a minute: strangers cause them. */
const [MOST_REFUSED, REFUSED_SPAN_MS] = [20, 60_000];

/** Between two times that the same trouble is told. */
const AGAIN_MS = 60_000;

/** What was known of a negotiation when this process took it up. */
interface TakenUp {
  /** By its monotonic clock. */
  readonly since: number;
  /** Whether it was over already. */
  readonly wasFinal: boolean;
  readonly wasPast: boolean;
  /** Whether anything was found to be under way on the chain since. */
  isUnderWay: boolean;
}

/** Tells what an agent does, in the words of `AgentEvent`. */
export class Reporter {
  readonly #tell: (event: AgentEvent) => void;
  readonly #clock: Clock;
  readonly #refused: Quota;
  readonly #again: Seldom;
  readonly #takenUp = new WeakMap<Session, TakenUp>();

  constructor(tell: (event: AgentEvent) => void, clock: Clock) {
    this.#tell = tell;
    this.#clock = clock;
    this.#again = new Seldom(clock, AGAIN_MS);
    this.#refused = new Quota(clock, MOST_REFUSED, REFUSED_SPAN_MS);
  }

  takenUp(session: Session): void {
    const { phase, proposal } = session.state;
    this.#takenUp.set(session, {
      since: performance.now(),
      wasFinal: phase === "agreed" || phase === "ended",
      wasPast: isPast(proposal.deal.commitBy, this.#clock.now()),
      isUnderWay: false,
    });
  }

  recovered(session: Session): void {
    const { negotiation, half, phase } = session.state;
    this.#tell({ event: "recovered", negotiation, half, phase, envelopes: session.said + session.have });
  }

  openSkipped(objection: OpeningObjection): void {
    this.#tell({ event: "openSkipped", ...objection });
  }

  refused(peer: AgentId, { code, note }: Reason): void {
    const untold = this.#refused.take();
    if (untold !== null) this.#tell({ event: "refused", peer: peer.toString(), code, note, untold });
  }

  said(session: Session, event: Event, effects: readonly Effect[]): void {
    const heard = "message" in event ? [{ by: "peer" as const, ...event.message }] : [];
    const sent = effects.flatMap((effect) => (effect.do === "send" ? [{ by: "self" as const, ...effect }] : []));
    for (const { by, envelope, body } of [...heard, ...sent]) {
      if (body.kind === "JOIN" && envelope.seq === 0) this.#joined(session.state);
      this.#said(session, by, envelope, body);
    }
  }

  /** `waits` is whether the chain is watched for what was offered. */
  concluded(session: Session, state: Agreed | Ended, waits: boolean): void {
    const { negotiation } = state;
    const { since = performance.now(), wasFinal = false } = this.#takenUp.get(session) ?? {};
    const again = wasFinal ? { again: true as const } : {};
    if (state.phase === "ended") {
      const { by, code, note } = state.ending;
      this.#tell({ event: "ended", negotiation, by, code, note, againAt: dueAgain(session), ...again });
      if (waits && mayBeCommitted(state)) this.#waiting(state);
      return;
    }
    const { dealHash, transcript, deal, acceptedBy } = state.agreement;
    const milliseconds = Math.round(performance.now() - since);
    const price = deal.price.toString();
    const rounds = countRounds(state);
    const details = { dealHash, transcript, price, acceptedBy, rounds, milliseconds };
    this.#tell({ event: "agreed", negotiation, ...details, ...again });
  }

  /** A deal of this negotiation is on the chain, and not at its end. */
  underWay(session: Session): void {
    const taken = this.#takenUp.get(session);
    if (taken !== undefined) taken.isUnderWay = true;
  }

  acted(session: Session, act: Act, { gasUsed, transaction }: Inclusion): void {
    this.underWay(session);
    this.#tell({ event: "act", negotiation: session.state.negotiation, act, gas: Number(gasUsed), transaction });
  }

  outcome(session: Session, outcome: Outcome | AccountOutcome): void {
    const { wasFinal = false, wasPast = false, isUnderWay = false } = this.#takenUp.get(session) ?? {};
    // What was under way, or could still be committed, when the process started has come to its end only now.
    const name = nameOf(outcome);
    const again = wasFinal && !isUnderWay && (name !== "lapsed" || wasPast) ? { again: true as const } : {};
    this.#tell({ event: "outcome", negotiation: session.state.negotiation, outcome: name, ...again });
  }

  inDoubt(session: Session, { resolvedBy, until }: InDoubt): void {
    const { negotiation } = session.state;
    this.#tell({ event: "inDoubt", negotiation, resolvedBy, until: until === null ? null : until * 1000 });
  }

  fault(session: Session, { fault, taken, reward, transaction, because }: Verdict): void {
    const { agent, seq } = fault;
    const amounts = { taken: taken.toString(), reward: reward.toString() };
    const { negotiation } = session.state;
    this.#tell({ event: "fault", negotiation, agent: agent.toString(), seq, ...amounts, transaction, because });
  }

  personalData(session: Session): void {
    this.#tell({ event: "personalData", negotiation: session.state.negotiation });
  }

  async transcript(session: Session): Promise<void> {
    const frames = (side: readonly Parameters<typeof encodeMessage>[0][]) =>
      side.map((one) => toHex(encodeMessage(one)));
    const { opener, responder } = await session.transcript();
    const { negotiation } = session.state;
    this.#tell({ event: "transcript", negotiation, opener: frames(opener), responder: frames(responder) });
  }

  trouble(
    thrown: unknown,
    retried = thrown instanceof ParleyError && thrown.retryable,
    session: Session | null = null,
  ): void {
    const known = thrown instanceof ParleyError;
    const code = known ? thrown.code : "Unexpected";
    const hint = (known ? thrown.hint : undefined) ?? null;
    const negotiation = session?.state.negotiation ?? null;
    const message = messageOf(thrown);
    // What is tried again every few seconds fails for the same reason each time.
    if (retried && !this.#again.take(`${negotiation} ${code} ${withoutArguments(message)}`)) return;
    this.#tell({ event: "trouble", code, message, hint, retried, negotiation });
  }

  #joined({ negotiation, half, brief }: State): void {
    this.#tell({ event: "joined", negotiation, half, peer: brief.peer.toString() });
  }

  #waiting({ negotiation, proposal }: Ended): void {
    const because =
      "an offer that was made can be committed until then, by who holds an ACCEPT of it: the chain is watched";
    this.#tell({ event: "waiting", negotiation, until: (proposal.deal.commitBy + 1) * 1000, because });
  }

  #said(session: Session, by: "self" | "peer", { kind, seq }: Envelope, body: Body): void {
    const price = body.kind === "OFFER" ? body.deal.price.toString() : null;
    this.#tell({ event: "said", negotiation: session.state.negotiation, by, kind, seq, price });
  }
}

/** A refusal of the contract's without its arguments, such as the seconds that are left: with them each would be another one. */
function withoutArguments(message: string): string {
  return message.replace(/\b([A-Z]\w+)\([^()]*\)/g, "$1");
}

/** Whether the lookout has anything to look for: see `watchForCommitment`. */
function mayBeCommitted({ ours, theirs, doubted, template }: Ended): boolean {
  return offersIn(ours) + offersIn(theirs) > 0 || (doubted && template !== null);
}

function countRounds({ ours, theirs }: Agreed): number {
  const offers = offersIn(ours) + offersIn(theirs);
  return offers === 0 ? 0 : alternation.round(offers - 1) + 1;
}

function offersIn(side: State["ours"]): number {
  let offers = 0;
  for (let link = side; link !== null; link = link.previous) if (link.kind === "OFFER") offers++;
  return offers;
}
