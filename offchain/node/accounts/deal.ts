import type { Session } from "../../dealing/session.ts";
import type { SpokenBody } from "../../dealing/state.ts";
import { type Clock, wakeAt } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Clearance } from "../../ports/clearance.ts";
import type { Finding, Intake, Order, Supply } from "../../ports/connector.ts";
import type { History } from "../../settlement/history.ts";
import type { BoundDeal } from "../../settlement/lookout.ts";
import {
  type AccountPlan,
  type AccountSituation,
  type AccountTask,
  planOnAccount,
} from "../../settlement/on-account/plan.ts";
import type { AccountOutcome } from "../../settlement/saga/outcome.ts";
import { streamOf } from "../../settlement/saga/saga.ts";
import { owedFor } from "../../settlement/tab/carrying.ts";
import type { Tab } from "../../settlement/tab/tab.ts";
import { hashDeal } from "../../terms/deal.ts";
import type { Account } from "./account.ts";
import { notCarried, rejected, unpaid, unsigned } from "./deal-errors.ts";
import { type AccountLink, UNHEARD_MS } from "./link.ts";
import { signedFor } from "./signed-for.ts";

/** What a deal on account is carried out with. */
export interface AccountMeans {
  readonly history: History;
  readonly clock: Clock;
  readonly finalDepth: number;
  /** Asked in this order before anything is delivered or owed: what they let pass binds money as a commitment does. */
  readonly clearances: readonly Clearance[];
  readonly supply: Supply;
  readonly intake: Intake;
  /** Serves again what an earlier process of ours has delivered. */
  readonly resume: (order: Order) => Promise<void>;
}

export interface AccountTelling {
  readonly signal: AbortSignal;
  /** It was signed for by this process, or in its time. */
  readonly onSigned: () => void;
  readonly onTrouble: (error: ParleyError) => void;
}

/** Most milliseconds between two looks, where nothing is heard. */
const POLL_MS = 5_000;

/** Between two tries of what fails, or of what isn't decided yet, in milliseconds: longer each time. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [250, 30_000];

/** Tries to give back what was set aside, before how it ended is told all the same. */
const MOST_RELEASES = 5;

/** One deal that is paid on account, as one side sees to it. */
export class AccountDeal {
  readonly #session: Pick<Session, "state" | "speak">;
  readonly #account: Account;
  readonly #link: AccountLink;
  readonly #means: AccountMeans;
  /** What it is paid on, which may have been followed by another one since. */
  readonly #tab: Tab;
  readonly #order: Order;
  #isCleared: boolean | null;
  #isReserved: boolean | null = null;
  /** Whether what an earlier process delivered is served again. */
  #isResumed: boolean;
  #finding: Finding | null = null;
  /** Whether DELIVER or RECEIPT was said, or could not be: then the entry alone has to tell. */
  #isSaid = false;
  /** Since when it can't be let pass, looked at or signed for, and why; null where it can. */
  #failing: { readonly since: number; readonly cause: unknown } | null = null;
  #wake: () => void = () => undefined;
  #tries = 0;

  constructor(
    session: Pick<Session, "state" | "speak">,
    { deal, transcript }: BoundDeal,
    [account, link, tab]: readonly [Account, AccountLink, Tab],
    means: AccountMeans,
  ) {
    const { terms } = session.state.proposal;
    this.#session = session;
    this.#account = account;
    this.#link = link;
    this.#means = means;
    this.#tab = tab;
    this.#isCleared = means.clearances.length === 0 ? true : null;
    this.#isResumed = session.state.brief.role !== "seller" || !this.#isDelivered;
    this.#order = { id: streamOf({ deal, transcript }), deal, dealHash: hashDeal(deal), transcript, terms };
  }

  /** Something happened to the negotiation. */
  wake(): void {
    this.#wake();
  }

  /** Sees to it until it is paid, or nothing will come of it. Resolves with null where it is the chain's from now on. */
  async run(told: AccountTelling): Promise<AccountOutcome | null> {
    const { deal, dealHash } = this.#order;
    const isOwed = signedFor(this.#tab.state, deal, dealHash) !== null;
    if (!isOwed && this.#account.reserve(dealHash, deal.buyer, deal.price, this.#isDelivered) !== null) return null;
    let isUnsigned = false;
    try {
      const outcome = await this.#carry(told);
      if (!isOwed && outcome?.how === "Owed") told.onSigned();
      isUnsigned = this.#session.state.brief.role === "buyer" && outcome?.how === "Unpaid";
      return outcome;
    } finally {
      // What is owed and not signed keeps its room, and the account from being closed without it.
      if (isUnsigned) this.#account.keepUnsigned(dealHash, () => this.#signLate());
      else this.#account.release(dealHash);
    }
  }

  async #carry({ signal, onTrouble }: AccountTelling): Promise<AccountOutcome | null> {
    for (;;) {
      signal.throwIfAborted();
      const situation = this.#situation();
      const plan: AccountPlan | null = situation === null ? null : planOnAccount(situation);
      if (plan !== null && "chain" in plan) return null;
      if (plan !== null && "end" in plan) return await this.#end(plan.end, onTrouble, signal);
      if (!this.#isResumed && !(await this.#attempt(() => this.#resume(), onTrouble, signal))) {
        await this.#pause(signal);
        continue;
      }
      if (plan === null || "wait" in plan) {
        this.#tries = 0;
        await this.#rest(POLL_MS, plan?.until ?? null, signal);
        continue;
      }
      const { do: task } = plan;
      if (await this.#attempt(() => this.#perform(task, onTrouble, signal), onTrouble, signal)) this.#tries = 0;
      else await this.#pause(signal);
    }
  }

  async #resume(): Promise<boolean> {
    await this.#means.resume(this.#order);
    this.#isResumed = true;
    this.#tries = 0;
    return true;
  }

  /** Null before anything is known of the chain. */
  #situation(): AccountSituation | null {
    const { history, finalDepth, clock } = this.#means;
    const { deal, dealHash } = this.#order;
    const { state } = this.#session;
    const [now, final] = [history.time(0), history.time(finalDepth)];
    if (now === null || final === null) return null;
    const [tab, account] = [this.#tab, this.#tab.state.id];
    const place = signedFor(tab.state, deal, dealHash);
    const receipted = state.phase === "agreed" ? state.fulfilment.receipted : 0n;
    return {
      ...{ role: state.brief.role, account, deal, now, final },
      isRecorded: history.recorded(deal) !== null,
      obstacle: this.#account.obstacle(account) ?? this.#muteness,
      isOwed: place !== null,
      // Where both have closed it, each has named the other's newest entry, or will never need it.
      isHeard: this.#account.newest !== tab || this.#link.heard(tab) > (place ?? 0),
      isReceipted: this.#isSaid || receipted >= deal.price,
      ...{ isCleared: this.#isCleared, isReserved: this.#isReserved, isDelivered: this.#isDelivered },
      finding: this.#finding,
      // A clock that was set back must not make it wait until it is there again.
      isTriedLong: this.#failing !== null && Math.abs(clock.now() - this.#failing.since) >= UNHEARD_MS,
    };
  }

  /** What a seller delivers without saying so, its buyer never signs for; on the chain it is recorded. */
  get #muteness(): string | null {
    const { doubted, brief } = this.#session.state;
    if (brief.role !== "seller" || this.#isDelivered || !doubted) return null;
    return "DELIVER can't be said, since the journal may have lost what was said before";
  }

  get #isDelivered(): boolean {
    const { state } = this.#session;
    return state.phase === "agreed" && state.fulfilment.evidence !== null;
  }

  /** Whether it has had its effect. */
  async #attempt(
    act: () => Promise<boolean>,
    onTrouble: AccountTelling["onTrouble"],
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      return await act();
    } catch (thrown) {
      signal.throwIfAborted();
      onTrouble(thrown instanceof ParleyError ? thrown : notCarried(thrown));
      return false;
    }
  }

  async #perform(task: AccountTask, onTrouble: AccountTelling["onTrouble"], signal: AbortSignal): Promise<boolean> {
    const { supply, intake } = this.#means;
    const { deal, dealHash } = this.#order;
    switch (task) {
      case "clear":
        return await this.#trying(() => this.#clear());
      case "release":
        await this.#release(onTrouble, signal);
        this.#isReserved = false;
        return true;
      case "reserve":
        this.#isReserved = (await supply.reserve(this.#order)) === null;
        return true;
      case "deliver": {
        const evidence = await supply.deliver(this.#order);
        if (evidence === null) return false;
        await this.#session.speak({ kind: "DELIVER", deal: dealHash, evidence });
        return true;
      }
      case "inspect":
        return await this.#trying(async () => {
          this.#finding = await intake.inspect(this.#order);
          if (this.#finding?.good === false) onTrouble(rejected(this.#order, this.#finding.note));
          return this.#finding !== null;
        });
      case "owe":
        return await this.#trying(async () => {
          await this.#owe();
          return true;
        });
      case "acknowledge":
        await this.#say({ kind: "RECEIPT", deal: dealHash, total: deal.price }, onTrouble);
        return true;
    }
  }

  /** False while somebody's answer is awaited. */
  async #clear(): Promise<boolean> {
    for (const clearance of this.#means.clearances) {
      const verdict = await clearance.clear(this.#order);
      if (verdict === null) continue;
      const isRejected = verdict !== "pending" && "code" in verdict;
      if (isRejected) this.#isCleared = false;
      return isRejected;
    }
    this.#isCleared = true;
    return true;
  }

  /** The chain is looked at once more, with nothing in between: what is signed here must not be paid there too. */
  async #owe(): Promise<void> {
    const situation = this.#situation();
    const plan = situation === null ? null : planOnAccount(situation);
    if (plan === null || !("do" in plan) || plan.do !== "owe") return;
    const { deal, dealHash } = this.#order;
    const tab = this.#tab;
    const owed = owedFor(tab.state.ours, dealHash);
    await tab.owe(deal.price - owed, dealHash);
    this.#account.release(dealHash);
    this.#link.push();
    this.#account.changed();
  }

  /** Unless the account, or the chain, has come to say something else meanwhile. */
  async #signLate(): Promise<void> {
    this.#failing = null;
    await this.#owe();
  }

  /** Keeps in mind since when it has no effect. */
  async #trying(act: () => Promise<boolean>): Promise<boolean> {
    const since = this.#failing?.since ?? this.#means.clock.now();
    this.#failing = { since, cause: null };
    try {
      const hasEffect = await act();
      if (hasEffect) this.#failing = null;
      return hasEffect;
    } catch (cause) {
      this.#failing = { since, cause };
      throw cause;
    }
  }

  /** What is said helps people and judges; the entry is what counts. */
  async #say(body: SpokenBody, onTrouble: AccountTelling["onTrouble"]): Promise<void> {
    this.#isSaid = true;
    try {
      await this.#session.speak(body);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      onTrouble(thrown);
    }
  }

  /** Whatever fails on the way, how it ended is told. */
  async #end(
    outcome: AccountOutcome,
    onTrouble: AccountTelling["onTrouble"],
    signal: AbortSignal,
  ): Promise<AccountOutcome> {
    const { role } = this.#session.state.brief;
    if (outcome.how !== "Unpaid") return outcome;
    if (role === "buyer") {
      onTrouble(unsigned(this.#order, this.#failing?.cause));
      return outcome;
    }
    onTrouble(unpaid(this.#order));
    await this.#release(onTrouble, signal);
    await this.#attempt(() => this.#close(), onTrouble, signal);
    return outcome;
  }

  async #release(onTrouble: AccountTelling["onTrouble"], signal: AbortSignal): Promise<void> {
    const released = async () => {
      await this.#means.supply.release(this.#order);
      return true;
    };
    for (let tries = 1; !(await this.#attempt(released, onTrouble, signal)); tries++) {
      if (tries >= MOST_RELEASES) return;
      await this.#pause(signal);
    }
  }

  async #close(): Promise<boolean> {
    // Nothing more is delivered on trust to who doesn't keep it: neither in an account that has followed since.
    await this.#account.giveUp();
    this.#link.push();
    return true;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await this.#rest(Math.min(FIRST_RETRY_MS * 2 ** this.#tries, LONGEST_RETRY_MS), Number.POSITIVE_INFINITY, signal);
    this.#tries = Math.min(this.#tries + 1, 16);
  }

  async #rest(ms: number, until: number | null, signal: AbortSignal): Promise<void> {
    const { clock, history } = this.#means;
    const unwatch: (() => void)[] = [];
    await wakeAt(clock, clock.now() + ms, signal, (wake) => {
      this.#wake = wake;
      unwatch.push(history.watch(this.#order.deal, until, wake), this.#account.watch(wake));
    });
    for (const end of unwatch) end();
  }
}
