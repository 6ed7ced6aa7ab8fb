import { mayBind } from "../dealing/intents.ts";
import type { Session } from "../dealing/session.ts";
import { type Clock, within } from "../kernel/clock.ts";
import type { ParleyError } from "../kernel/errors.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { Clearance } from "../ports/clearance.ts";
import type { Order } from "../ports/connector.ts";
import { type BoundDeal, findRecorded, watchForCommitment } from "../settlement/lookout.ts";
import type { InDoubt } from "../settlement/saga/outcome.ts";
import { USUAL_POLICY } from "../settlement/saga/plan.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import type { SessionKey } from "../terms/certificate.ts";
import type { AccountTelling } from "./accounts/deal.ts";
import type { AgentConfig } from "./agent-config.ts";
import {
  boundBy,
  type CommonOffice,
  carryOut,
  intakeOf,
  type Means,
  type CarryingOut as Told,
  tableOf,
} from "./carry-out.ts";
import type { ChainSide } from "./chain-side.ts";
import { nameOf, type OutcomeName } from "./outcome-name.ts";
import type { Reporter } from "./reporter.ts";

/** Most milliseconds between two looks at a deal's record while nothing is heard of it. */
const POLL_MS = 30_000;

/** Milliseconds between two looks at what is on the table. */
const WATCH_MS = 1_000;

/** How long settlements have to come to a halt when the agent stops. */
const LAST_WORDS_MS = 2_000;

export interface SettlingOptions {
  readonly config: Pick<AgentConfig, "settle" | "finalDepth">;
  readonly side: ChainSide;
  readonly means: Means;
  readonly clearances: readonly Clearance[];
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Told that a negotiation needs nothing more, and whether it made a deal, or may have. */
  readonly onOver: (session: Session, bound: boolean) => void;
  /** Told which session keys are still needed. */
  readonly onKeysInUse: (keys: readonly SessionKey[]) => Promise<void>;
}

/** Sees to what an agent's negotiations have come to, each until nothing of it binds any more. */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #carried = new Map<Session, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** One for each negotiation that isn't over. */
  get carried(): Iterable<Promise<void>> {
    return this.#carried.values();
  }

  takeUp(session: Session): void {
    const { config, means, reporter, onOver } = this.#options;
    const { signal } = this.#stopping;
    means.accounts?.expect(session);
    const carrying = (config.settle ? this.#carry(session) : session.settled.then(mayBind)).then(
      async (bound) => {
        await this.#letGo(session);
        if (!signal.aborted) onOver(session, bound);
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        reporter.trouble(thrown, undefined, session);
        // What came of it is not known: it has to count as bound.
        onOver(session, true);
      },
    );
    this.#carried.set(session, carrying);
  }

  /** Leaves off where it is. */
  stop(): void {
    this.#stopping.abort();
  }

  /** They tell what they leave in doubt, and write nothing after. A node that doesn't answer isn't waited for. */
  async halted(): Promise<void> {
    const { config, clock } = this.#options;
    if (config.settle) await within(clock, LAST_WORDS_MS, Promise.allSettled(this.carried));
  }

  /** What is over needs no key any more, and a key that nothing needs can't be stolen. */
  async #letGo(session: Session): Promise<void> {
    const { reporter, onKeysInUse } = this.#options;
    // What was only stopped goes on at the next start, with the key that it began with.
    if (this.#stopping.signal.aborted) return;
    this.#carried.delete(session);
    const inUse = [...this.#carried.keys()].map(({ state }) => state.brief.certificate.key);
    await onKeysInUse(inUse).catch((thrown: unknown) => reporter.trouble(thrown, true));
  }

  /**
   * Follows a negotiation until nothing binds any more: through its agreement, or one that was kept from us. Resolves with whether
   * a deal was made.
   */
  async #carry(session: Session): Promise<boolean> {
    const { config, side, means, clock, reporter } = this.#options;
    const found = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, found.signal]);
    const { deals: history } = side.view;
    const looking = { history, clock, signal, pollMs: WATCH_MS, finalDepth: config.finalDepth };
    const watched = watchForCommitment(() => tableOf(session), looking);
    const agreed = session.agreed.then((state) => boundBy(session, state));
    const soonest = await Promise.race([agreed, watched]);
    // What was agreed comes to its end though it can't be committed any more: something was set aside for it, or it is owed on account.
    const bound = soonest ?? (session.state.phase === "agreed" ? await agreed : null);
    found.abort();
    watched.catch(() => undefined);
    if (bound === null) return false;
    const told = this.#tellOf(session);
    const onAccount = await this.#onAccount(session, bound, told);
    if (onAccount !== null) {
      reporter.outcome(session, onAccount);
      return true;
    }
    let name = await this.#carryOut(session, bound, told);
    // The other side committed another offer of this negotiation. It binds as well as the one that was agreed.
    const other = name === "superseded" ? findRecorded(tableOf(session), history) : null;
    if (other !== null) name = await this.#carryOut(session, other, told);
    // Where the deal that pays an account was given back, or never came to be, another one has to pay it.
    const hasPaidNothing = name === "refunded" || name === "defaulted";
    if (hasPaidNothing && means.accounts?.isPayment(session)) return false;
    return name !== "lapsed";
  }

  async #carryOut(session: Session, bound: BoundDeal, told: Told): Promise<OutcomeName> {
    const { means, reporter } = this.#options;
    const outcome = await carryOut(session, bound, means, this.#common, told);
    reporter.outcome(session, outcome);
    means.accounts?.noticeOutcome(session, outcome);
    return nameOf(outcome);
  }

  /** Null where the deal goes by the chain. */
  async #onAccount(session: Session, bound: BoundDeal, told: AccountTelling) {
    const { config, side, means, clearances, clock } = this.#options;
    const { connectors, accounts } = means;
    if (accounts === null) return null;
    const { deals: history } = side.view;
    const resume = (order: Order) => connectors.begin(session, order, true);
    const common = { history, clock, finalDepth: config.finalDepth, clearances, resume };
    const systems = { supply: connectors.supply, intake: intakeOf(session, means) };
    return await accounts.carry(session, bound, { ...common, ...systems }, told);
  }

  get #common(): CommonOffice {
    const { config, side, means, clearances, clock } = this.#options;
    const { chain, remedies, view, journal, preflight, claimCost, rate } = side;
    return {
      ...{ chain, history: view.deals, clock, remedies, journal, rate },
      ...(claimCost === undefined ? {} : { claimCost }),
      clearances: [...clearances, preflight],
      policy: { ...USUAL_POLICY, ...means.disputes.policy, rates: rate !== null },
      ...{ pollMs: POLL_MS, finalDepth: config.finalDepth },
    };
  }

  #tellOf(session: Session): Told & AccountTelling {
    const { reporter } = this.#options;
    return {
      signal: this.#stopping.signal,
      onTrouble: (error: ParleyError, retried?: boolean) => reporter.trouble(error, retried ?? true, session),
      onSigned: () => reporter.underWay(session),
      onCommitted: () => {
        reporter.underWay(session);
        session.disclose();
      },
      onInDoubt: (doubt: InDoubt) => reporter.inDoubt(session, doubt),
      onAct: (act: Act, inclusion: Inclusion) => reporter.acted(session, act, inclusion),
    };
  }
}
