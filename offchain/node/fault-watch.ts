import type { FaultProofs, Weight } from "../adapters/chain/fault-proofs.ts";
import type { Litigant } from "../adapters/chain/litigant.ts";
import type { Session } from "../dealing/session.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Journal } from "../ports/journal.ts";
import { type Equivocation, equivocationsIn } from "../transcript/evidence/equivocations.ts";
import { bundleIn } from "./evidence.ts";

/** Between two tries, in milliseconds. There is a day's time at least. */
const TRY_AGAIN_MS = 10_000;

/** What became of a fault that can be proven. */
export interface Verdict extends Pick<Weight, "taken" | "reward"> {
  readonly fault: Equivocation;
  /** The transaction that has shown it to Settlement, whosever that was; null where none has. */
  readonly transaction: Bytes32 | null;
  /** Why none has; null where one has. */
  readonly because: string | null;
}

export interface FaultOffice {
  /** Whether what is worth it is shown to Settlement, or only told. */
  readonly files: boolean;
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
  readonly #underWay = new Set<Promise<void>>();

  constructor(office: FaultOffice) {
    this.#office = office;
  }

  /** Looks at a negotiation after each thing that was journalled of it. */
  consider(session: Session): void {
    if (session.state.equivocated !== "binding" || this.#considered.has(session)) return;
    this.#considered.add(session);
    const work = this.#pursue(session).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** Starts nothing more. What was signed is followed up by the next process. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves once all that is known has been judged. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #pursue(session: Session): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const verdict = await this.#judge(session);
        if (verdict !== null && !signal.aborted) this.#office.onVerdict(session, verdict);
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        this.#office.onTrouble(thrown, session);
        if (!(thrown instanceof ParleyError) || !thrown.retryable) return;
        await pause(this.#office.clock, TRY_AGAIN_MS);
      }
    }
  }

  async #judge({ state }: Session): Promise<Verdict | null> {
    const { crypto, journal, deployment, proofs, litigant, files } = this.#office;
    // The terms are no part of the proof.
    const bundle = await bundleIn(journal, deployment, state.half, { proposal: true, terms: false });
    const fault = (await equivocationsIn(crypto, [bundle])).find(({ agent }) => agent === state.brief.peer);
    if (fault === undefined) return null;
    const { shownBy, taken, reward, refusal } = await proofs.weigh(fault);
    const found = { fault, taken, reward };
    if (shownBy !== null) return { ...found, transaction: shownBy, because: null };
    const because = whyNot(files, taken, refusal);
    if (because !== null) return { ...found, transaction: null, because };
    const { transaction } = await litigant.equivocation(fault.agent, fault.deal, fault.first, fault.second);
    return { ...found, transaction, because: null };
  }
}

/** What stands against showing it; null where nothing does. */
function whyNot(files: boolean, taken: bigint, refusal: ParleyError | null): string | null {
  if (refusal !== null) return `Settlement would not take it: ${refusal.code}`;
  if (taken === 0n) return "it would cost nothing: no bond was named, or nothing is at stake";
  return files ? null : "the configuration says to tell only: `faults`";
}
