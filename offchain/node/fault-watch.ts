import type { FaultProofs, Weight } from "../adapters/chain/fault-proofs.ts";
import type { Litigant } from "../adapters/chain/litigant.ts";
import type { Session } from "../dealing/session.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Journal } from "../ports/journal.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { type Equivocation, equivocationsIn } from "../transcript/evidence/equivocations.ts";
import { bundleIn } from "./evidence.ts";

/** Between two tries, in milliseconds. There is a day's time at least. */
const TRY_AGAIN_MS = 10_000;

/**
 * Of one agent no more are shown than these: whoever signs twice in one negotiation after the other, over bonds of next to nothing, would
 * have us pay for gas without end. To be another agent costs it as much as showing it costs us.
 */
const MOST_OF_AN_AGENT = 3;

/** What became of a fault that can be proven. */
export interface Verdict extends Pick<Weight, "taken" | "reward"> {
  readonly fault: Equivocation;
  /** The transaction that has shown it to Settlement, whosever that was; null where none has. */
  readonly transaction: Bytes32 | null;
  /** Why none has; null where one has. */
  readonly because: string | null;
}

/** What is shown to Settlement by itself: faults that cost so much, in the smallest unit of the deal's token; null is only told. */
export type FaultsConfig = { readonly worth: Amount } | null;

export function readFaults(value: Json, path: string): FaultsConfig {
  if (value === "file") return { worth: 1n };
  if (value === "tell") return null;
  const reader = new JsonReader(value, path);
  const config = { worth: reader.amount("worth") };
  reader.end();
  return config;
}

export interface FaultOffice {
  readonly config: FaultsConfig;
  readonly deployment: Deployment;
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** The negotiations'. */
  readonly journal: Pick<Journal, "read">;
  readonly proofs: Pick<FaultProofs, "weigh">;
  readonly litigant: Pick<Litigant, "equivocation">;
  readonly onVerdict: (session: Session, verdict: Verdict) => void;
  readonly onTrouble: (thrown: unknown, session: Session) => void;
}

/**
 * Sees to it that a peer that signed two binding things as one and the same pays for it. All of it follows from the journal and the
 * chain: after a restart it is looked at again, and what was shown is not shown twice.
 */
export class FaultWatch {
  readonly #office: FaultOffice;
  readonly #considered = new WeakSet<Session>();
  readonly #stopping = new AbortController();
  /** How often it was shown what an agent has done. */
  readonly #shown = new Map<AgentId, number>();
  /** One after the other: what was shown counts for the next. */
  #work: Promise<void> = Promise.resolve();

  constructor(office: FaultOffice) {
    this.#office = office;
  }

  /** Looks at a negotiation after each thing that was journalled of it. */
  consider(session: Session): void {
    if (session.state.equivocated !== "binding" || this.#considered.has(session)) return;
    this.#considered.add(session);
    this.#work = this.#work.then(() => this.#pursue(session));
  }

  /** Starts nothing more. What was signed is followed up by the next process. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves once all that is known has been judged. */
  async idle(): Promise<void> {
    for (let known: Promise<void> | null = null; known !== this.#work; ) {
      known = this.#work;
      await known;
    }
  }

  async #pursue(session: Session): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const verdict = await this.#judge(session);
        if (verdict === null || signal.aborted) return;
        const { agent } = verdict.fault;
        if (verdict.transaction !== null) this.#shown.set(agent, this.#shownOf(agent) + 1);
        return this.#office.onVerdict(session, verdict);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#office.onTrouble(thrown, session);
        if (!(thrown instanceof ParleyError) || !thrown.retryable) return;
        await pause(this.#office.clock, TRY_AGAIN_MS);
      }
    }
  }

  async #judge({ state }: Session): Promise<Verdict | null> {
    const { crypto, journal, deployment, proofs, litigant } = this.#office;
    // The terms are no part of the proof.
    const bundle = await bundleIn(journal, deployment, state.half, { proposal: true, terms: false });
    const fault = (await equivocationsIn(crypto, [bundle])).find(({ agent }) => agent === state.brief.peer);
    if (fault === undefined) return null;
    const { shownBy, taken, reward, refusal } = await proofs.weigh(fault);
    const found = { fault, taken, reward };
    if (shownBy !== null) return { ...found, transaction: shownBy, because: null };
    const because = this.#whyNot(fault, { taken, refusal });
    if (because !== null) return { ...found, transaction: null, because };
    const { transaction } = await litigant.equivocation(fault.agent, fault.deal, fault.first, fault.second);
    return { ...found, transaction, because: null };
  }

  /** What stands against showing it; null where nothing does. */
  #whyNot({ agent }: Equivocation, { taken, refusal }: Pick<Weight, "taken" | "refusal">): string | null {
    const { config } = this.#office;
    if (refusal !== null) return `Settlement would not take it: ${refusal.code}`;
    if (taken === 0n) return "it would cost nothing: no bond was named, or nothing is at stake";
    if (config === null) return "the configuration says to tell only: `faults`";
    if (taken < config.worth) return "it would cost less than the configuration calls worth it: `faults`";
    if (this.#shownOf(agent) < MOST_OF_AN_AGENT) return null;
    return `agent ${agent} was shown to do this ${MOST_OF_AN_AGENT} times already; anybody may: parley fault file`;
  }

  #shownOf(agent: AgentId): number {
    return this.#shown.get(agent) ?? 0;
  }
}
