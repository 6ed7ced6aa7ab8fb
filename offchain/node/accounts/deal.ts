import type { Session } from "../../dealing/session.ts";
import type { SpokenBody } from "../../dealing/state.ts";
import { type Clock, wakeAt } from "../../kernel/clock.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
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
import { hashDeal } from "../../terms/deal.ts";
import type { Account } from "./account.ts";
import type { AccountLink } from "./link.ts";

/** What a deal on account is carried out with. */
export interface AccountMeans {
  readonly history: History;
  readonly clock: Clock;
  readonly finalDepth: number;
  readonly supply: Supply;
  readonly intake: Intake;
  /** Serves again what an earlier process of ours has delivered. */
  readonly resume: (order: Order) => Promise<void>;
}

export interface AccountTelling {
  readonly signal: AbortSignal;
  readonly onTrouble: (error: ParleyError) => void;
}

/** Most milliseconds between two looks, where nothing is heard. */
const POLL_MS = 5_000;

/** Between two tries of what fails, or of what isn't decided yet, in milliseconds: longer each time. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [250, 30_000];

/** One deal that is paid on account, as one side sees to it. */
export class AccountDeal {
  readonly #session: Session;
  readonly #account: Account;
  readonly #link: AccountLink;
  readonly #means: AccountMeans;
  readonly #id: Bytes32;
  readonly #order: Order;
  #isReserved: boolean | null = null;
  #finding: Finding | null = null;
  /** Whether DELIVER or RECEIPT was said, or could not be: then the entry alone has to tell. */
  #isSaid = false;
  #wake: () => void = () => undefined;
  #tries = 0;

  constructor(
    session: Session,
    { deal, transcript }: BoundDeal,
    [account, link, id]: readonly [Account, AccountLink, Bytes32],
    means: AccountMeans,
  ) {
    const { terms } = session.state.proposal;
    this.#session = session;
    this.#account = account;
    this.#link = link;
    this.#means = means;
    this.#id = id;
    this.#order = { id: streamOf({ deal, transcript }), deal, dealHash: hashDeal(deal), transcript, terms };
  }

  /** Something happened to the negotiation. */
  wake(): void {
    this.#wake();
  }

  /** Sees to it until it is paid, or nothing will come of it. Resolves with null where it is the chain's from now on. */
  async run(wasAgreed: boolean, told: AccountTelling): Promise<AccountOutcome | null> {
    const { deal, dealHash } = this.#order;
    if (this.#account.tab(this.#id) === undefined) return null;
    const isOwed = this.#situation()?.isOwed ?? false;
    if (!isOwed && this.#account.reserve(dealHash, deal.buyer, deal.price, wasAgreed) !== null) return null;
    try {
      return await this.#carry(told);
    } finally {
      this.#account.release(dealHash);
    }
  }

  async #carry({ signal, onTrouble }: AccountTelling): Promise<AccountOutcome | null> {
    await this.#resume(onTrouble, signal);
    for (;;) {
      signal.throwIfAborted();
      const situation = this.#situation();
      const plan: AccountPlan | null = situation === null ? null : planOnAccount(situation);
      if (plan !== null && "chain" in plan) return null;
      if (plan !== null && "end" in plan) return await this.#end(plan.end, onTrouble);
      if (plan === null || "wait" in plan) {
        this.#tries = 0;
        await this.#rest(POLL_MS, plan?.until ?? null, signal);
        continue;
      }
      const { do: task } = plan;
      if (await this.#attempt(() => this.#perform(task, onTrouble), onTrouble, signal)) this.#tries = 0;
      else await this.#pause(signal);
    }
  }

  async #resume(onTrouble: AccountTelling["onTrouble"], signal: AbortSignal): Promise<void> {
    if (this.#session.state.brief.role !== "seller" || !this.#isDelivered) return;
    const resumed = async () => {
      await this.#means.resume(this.#order);
      return true;
    };
    while (!(await this.#attempt(resumed, onTrouble, signal))) await this.#pause(signal);
    this.#tries = 0;
  }

  /** Null before anything is known of the chain. */
  #situation(): AccountSituation | null {
    const { history, finalDepth } = this.#means;
    const { deal, dealHash } = this.#order;
    const { state } = this.#session;
    const [now, final] = [history.time(0), history.time(finalDepth)];
    const tab = this.#account.tab(this.#id);
    if (now === null || final === null || tab === undefined) return null;
    const line = tab.state.ours.agent === deal.buyer ? tab.state.ours : tab.state.theirs;
    const place = line.entries.findLastIndex(({ signed }) => signed.entry.memo === dealHash);
    const receipted = state.phase === "agreed" ? state.fulfilment.receipted : 0n;
    return {
      ...{ role: state.brief.role, account: this.#id, deal, now, final },
      isRecorded: history.recorded(deal) !== null,
      obstacle: this.#account.obstacle(this.#id),
      isOwed: place >= 0 && owedFor(line, dealHash) >= deal.price,
      // Where both have closed it, each has named the other's newest entry, or will never need it.
      isHeard: this.#account.newest !== tab || this.#link.heard(tab) > place,
      isReceipted: this.#isSaid || receipted >= deal.price,
      ...{ isReserved: this.#isReserved, isDelivered: this.#isDelivered, finding: this.#finding },
    };
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

  async #perform(task: AccountTask, onTrouble: AccountTelling["onTrouble"]): Promise<boolean> {
    const { supply, intake } = this.#means;
    const { deal, dealHash } = this.#order;
    switch (task) {
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
        this.#finding = await intake.inspect(this.#order);
        if (this.#finding?.good === false) onTrouble(rejected(this.#order, this.#finding.note));
        return this.#finding !== null;
      case "owe":
        await this.#owe();
        return true;
      case "acknowledge":
        await this.#say({ kind: "RECEIPT", deal: dealHash, total: deal.price }, onTrouble);
        return true;
    }
  }

  /** The chain is looked at once more, with nothing in between: what is signed here must not be paid there too. */
  async #owe(): Promise<void> {
    const situation = this.#situation();
    const plan = situation === null ? null : planOnAccount(situation);
    if (plan === null || !("do" in plan) || plan.do !== "owe") return;
    const { deal, dealHash } = this.#order;
    const tab = this.#account.newest;
    const owed = owedFor(tab.state.ours, dealHash);
    await tab.owe(deal.price - owed, dealHash);
    this.#account.release(dealHash);
    this.#link.push();
    this.#account.changed();
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

  async #end(outcome: AccountOutcome, onTrouble: AccountTelling["onTrouble"]): Promise<AccountOutcome> {
    const { role } = this.#session.state.brief;
    if (role !== "seller" || outcome.how !== "Unpaid") return outcome;
    onTrouble(unpaid(this.#order));
    await this.#means.supply.release(this.#order);
    // Nothing more is delivered on trust to who doesn't keep it.
    const { newest } = this.#account;
    if (newest.state.id === this.#id && this.#account.obstacle(this.#id) === null) {
      await this.#account.giveUp();
      this.#link.push();
    }
    return outcome;
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

function rejected({ dealHash, deal }: Order, note: string): ParleyError<"AccountRejected"> {
  return new ParleyError(
    "AccountRejected",
    `what agent ${deal.seller} delivered on account is not as agreed: ${note}`,
    {
      hint: "nothing is signed for it; talk to its operator, whom the end of this account costs more than the price",
      facts: { dealHash },
    },
  );
}

function unpaid({ dealHash, deal }: Order): ParleyError<"AccountUnpaid"> {
  return new ParleyError(
    "AccountUnpaid",
    `agent ${deal.buyer} has not signed for ${deal.price} that was delivered on account`,
    {
      hint: "the account is closed, and what was signed before is still owed; talk to its operator, or trust it with less",
      facts: { dealHash, price: deal.price.toString() },
    },
  );
}

function notCarried(cause: unknown): ParleyError<"AccountFailed"> {
  return new ParleyError("AccountFailed", `a deal on account can't go on: ${messageOf(cause)}`, {
    hint: "it is tried again; where the journal failed, only after the next start",
    retryable: true,
    cause,
  });
}
