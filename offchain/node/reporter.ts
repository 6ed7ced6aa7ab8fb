import { dueAgain } from "../dealing/postings.ts";
import type { Session } from "../dealing/session.ts";
import type { Agreed, Effect, Ended, Event } from "../dealing/state.ts";
import { toHex } from "../kernel/bytes.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { alternation } from "../negotiation/price/turns.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { Act, Outcome } from "../settlement/settle.ts";
import type { Body } from "../terms/body.ts";
import type { Envelope } from "../terms/envelope.ts";
import { encodeMessage } from "../terms/message.ts";
import type { AgentEvent } from "./agent-event.ts";

/** Tells what an agent does, in the words of `AgentEvent`. */
export class Reporter {
  readonly #tell: (event: AgentEvent) => void;
  /** When this process took each negotiation up, by its monotonic clock. */
  readonly #since = new WeakMap<Session, number>();

  constructor(tell: (event: AgentEvent) => void) {
    this.#tell = tell;
  }

  takenUp(session: Session): void {
    this.#since.set(session, performance.now());
  }

  recovered(session: Session): void {
    const { negotiation, phase } = session.state;
    this.#tell({ event: "recovered", negotiation, phase, envelopes: session.said + session.have });
  }

  said(session: Session, event: Event, effects: readonly Effect[]): void {
    if ("message" in event) this.#said(session, "peer", event.message.envelope, event.message.body);
    for (const effect of effects) if (effect.do === "send") this.#said(session, "self", effect.envelope, effect.body);
  }

  concluded(session: Session, state: Agreed | Ended): void {
    const { negotiation } = state;
    if (state.phase === "ended") {
      const { by, code, note } = state.ending;
      this.#tell({ event: "ended", negotiation, by, code, note, againAt: dueAgain(session) });
      return;
    }
    const { dealHash, transcript, deal, acceptedBy } = state.agreement;
    const milliseconds = performance.now() - (this.#since.get(session) ?? performance.now());
    const price = deal.price.toString();
    const rounds = countRounds(state);
    this.#tell({ event: "agreed", negotiation, dealHash, transcript, price, acceptedBy, rounds, milliseconds });
  }

  acted(session: Session, act: Act, { gasUsed, transaction }: Inclusion): void {
    this.#tell({ event: "act", negotiation: session.state.negotiation, act, gas: Number(gasUsed), transaction });
  }

  outcome(session: Session, outcome: Outcome): void {
    this.#tell({ event: "outcome", negotiation: session.state.negotiation, outcome });
  }

  async transcript(session: Session): Promise<void> {
    const frames = (side: readonly Parameters<typeof encodeMessage>[0][]) =>
      side.map((one) => toHex(encodeMessage(one)));
    const { opener, responder } = await session.transcript();
    const { negotiation } = session.state;
    this.#tell({ event: "transcript", negotiation, opener: frames(opener), responder: frames(responder) });
  }

  trouble(thrown: unknown, retried = thrown instanceof ParleyError && thrown.retryable): void {
    const code = thrown instanceof ParleyError ? thrown.code : "Unexpected";
    this.#tell({ event: "trouble", code, message: messageOf(thrown), retried });
  }

  #said(session: Session, by: "self" | "peer", { kind, seq }: Envelope, body: Body): void {
    const price = body.kind === "OFFER" ? body.deal.price.toString() : null;
    this.#tell({ event: "said", negotiation: session.state.negotiation, by, kind, seq, price });
  }
}

function countRounds({ ours, theirs }: Agreed): number {
  let offers = 0;
  for (const side of [ours, theirs]) {
    for (let link = side; link !== null; link = link.previous) if (link.kind === "OFFER") offers++;
  }
  return offers === 0 ? 0 : alternation.round(offers - 1) + 1;
}
