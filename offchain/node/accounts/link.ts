import type { AccountClient } from "../../adapters/connector/account/client.ts";
import { type Clock, wakeAt } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import { decodeTabMessage, encodeTabMessage, type TabMessage } from "../../settlement/tab/message.ts";
import type { Tab } from "../../settlement/tab/tab.ts";
import { Seldom } from "../seldom.ts";
import type { Account } from "./account.ts";

/** An answer with more messages is of an account that has more to tell. */
const MOST_SENT = 64;

/** Milliseconds between two greetings: while something is awaited, and otherwise. */
const [BUSY_MS, IDLE_MS] = [1_000, 15_000];

/** Between two tries of what fails, in milliseconds: longer each time. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [250, 30_000];

/** Least milliseconds between two times that an account that is long over is read again for the other side. */
const RECALL_MS = 10_000;

/** Milliseconds between two times that the same is told: the other side may find many words for it. */
const TELL_MS = 60_000;

/** Milliseconds for which it is waited that the other side says how much of ours it has, where nothing can be done without. */
export const UNHEARD_MS = 10 * 60_000;

/** Tries that take longer together than a side may wait with the next account. */
const MOST_AHEAD = 8;

export interface LinkOptions {
  /** Reaches the other side; null where it comes to us. */
  readonly client: Pick<AccountClient, "exchange"> | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether the other side is expected to say something soon. */
  readonly isBusy: () => boolean;
  readonly onTrouble: (error: ParleyError) => void;
}

/** Brings an account's entries to the other side, and takes in what comes from there. */
export class AccountLink {
  readonly #account: Account;
  readonly #options: LinkOptions;
  readonly #told: Seldom;
  /** How many of our entries of each account the other side has said that it has. */
  readonly #heard = new Map<Bytes32, number>();
  #wake: () => void = () => undefined;
  #hasNews = true;
  /** Whether the other side is asked before it is told anything: it may have lost what that builds upon. */
  #asksFirst = true;
  #recalledAt: number | null = null;
  #isFailing = false;

  constructor(account: Account, options: LinkOptions) {
    this.#account = account;
    this.#options = options;
    this.#told = new Seldom(options.clock, TELL_MS);
  }

  /** How many of our entries the other side has, as far as it has told; all of an account that both have closed. */
  heard({ state }: Tab): number {
    return this.#heard.get(state.id) ?? 0;
  }

  /** Whether the other side was not reached when it was tried last, or didn't know an account that it should. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** There is something to send. */
  push(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Takes what the other side says when it calls, and gives what is to be answered; null for an account that there isn't. */
  async answer(id: Bytes32, texts: readonly string[]): Promise<readonly string[] | null> {
    const tab = this.#account.held(id) ?? (await this.#recall(id));
    if (tab === null) return null;
    const messages = texts.map(decodeTabMessage);
    // Each question is answered with many entries: one is enough.
    if (messages.filter(({ type }) => type === "have").length > 1) {
      throw new ParleyError("Malformed", "an account is asked one question at a time");
    }
    const answers: TabMessage[] = [];
    try {
      for (const message of messages) answers.push(...(await this.#hear(tab, message)));
    } catch (thrown) {
      // Who calls learns its name only, and it is our money that doesn't come.
      if (thrown instanceof ParleyError && !thrown.retryable) this.#tell(thrown, id);
      throw thrown;
    } finally {
      this.#account.changed();
    }
    const entries = answers.filter(({ type }) => type === "entry");
    return [...entries, tab.greet()].map(encodeTabMessage);
  }

  /** To read a long one takes a second, in which nothing else is done: so that is done seldom, however often it is asked for. */
  async #recall(id: Bytes32): Promise<Tab | null> {
    if (!this.#account.names(id)) return null;
    const now = this.#options.clock.now();
    if (this.#recalledAt !== null && Math.abs(now - this.#recalledAt) < RECALL_MS) throw tooSoon(id);
    this.#recalledAt = now;
    return await this.#account.recall(id);
  }

  /** Keeps the other side up to date, where it can be reached, until the signal is given. */
  async run(): Promise<void> {
    const { client, clock, signal, isBusy } = this.#options;
    if (client === null) return;
    for (let failures = 0; !signal.aborted; ) {
      this.#hasNews = false;
      const failed = await this.#exchangeAll(client);
      if (signal.aborted) return;
      failures = failed.length === 0 ? 0 : failures + 1;
      this.#asksFirst = failures > 0 && (this.#asksFirst || failed.some(([{ code }]) => code === "AccountRefused"));
      const troubles = failed.filter(([error]) => !this.#mayBeAhead(error, failures));
      for (const [error, id] of troubles) this.#tell(error, id);
      this.#noteFailing(troubles.length > 0);
      const usual = isBusy() ? BUSY_MS : IDLE_MS;
      const ms = failures === 0 ? usual : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
      if (failures === 0 && this.#hasNews) continue;
      await wakeAt(clock, clock.now() + ms, signal, (wake) => {
        // What failed is not tried sooner because there is more of it.
        this.#wake = failures === 0 ? wake : () => undefined;
      });
    }
  }

  #noteFailing(isFailing: boolean): void {
    if (this.#isFailing === isFailing) return;
    this.#isFailing = isFailing;
    this.#account.changed();
  }

  /** What fails with one account doesn't keep another one back. */
  async #exchangeAll(client: Pick<AccountClient, "exchange">): Promise<readonly (readonly [ParleyError, Bytes32])[]> {
    const failed: [ParleyError, Bytes32][] = [];
    for (const tab of this.#current()) {
      if (this.#options.signal.aborted) break;
      await this.#exchange(client, tab).catch((thrown: unknown) => {
        if (!(thrown instanceof ParleyError)) throw thrown;
        failed.push([thrown, tab.state.id]);
      });
    }
    return failed;
  }

  /** The newest account, and after it those before it of which the other side may lack our last entry. */
  #current(): readonly Tab[] {
    const { tabs, newest } = this.#account;
    const lacking = tabs.filter((tab) => tab !== newest && this.heard(tab) < tab.state.ours.entries.length);
    return [newest, ...lacking.reverse()];
  }

  /** The other side may see later than we that the account before was paid, or wait a minute before it begins the next. */
  #mayBeAhead({ code }: ParleyError, failures: number): boolean {
    return code === "UnknownAccount" && !this.#account.isFirst && failures <= MOST_AHEAD;
  }

  #tell(error: ParleyError, id: Bytes32): void {
    if (this.#told.take(`${error.code} ${id}`)) this.#options.onTrouble(error);
  }

  async #exchange(client: Pick<AccountClient, "exchange">, tab: Tab): Promise<void> {
    const { signal } = this.#options;
    let shown: readonly TabMessage[] = [];
    for (let [isOver, isQuestion] = [false, this.#asksFirst]; !isOver; isQuestion = false) {
      const before = [this.heard(tab), tab.state.theirs.entries.length];
      const lacking = isQuestion ? [] : await tab.lacking(this.heard(tab));
      const texts = [...shown, ...lacking, tab.greet()].map(encodeTabMessage);
      const answers = await client.exchange(tab.state.id, texts, signal);
      const replies: TabMessage[] = [];
      try {
        for (const text of answers) replies.push(...(await this.#hear(tab, decodeTabMessage(text))));
      } finally {
        this.#account.changed();
      }
      // What it has lost of its own it is shown once.
      shown = shown.length > 0 ? [] : replies.filter((one) => isOf(tab.state.theirs.agent, one));
      const after = [this.heard(tab), tab.state.theirs.entries.length];
      const isBehind = this.heard(tab) < tab.state.ours.entries.length;
      const hasMore = answers.length > MOST_SENT;
      // Who takes back what it said that it has would else be asked for ever.
      const isFurther = isQuestion || after.some((count, index) => count > (before[index] ?? 0));
      isOver = shown.length === 0 && !(isFurther && (isBehind || hasMore));
    }
  }

  async #hear(tab: Tab, message: TabMessage): Promise<readonly TabMessage[]> {
    if (message.type === "have" && message.tab === tab.state.id) {
      this.#heard.set(tab.state.id, Math.min(message.entries, tab.state.ours.entries.length));
    }
    const answers = await tab.hear(message);
    if (tab === this.#account.newest) for (const past of this.#account.letGoOfPast()) this.#heard.delete(past);
    return answers;
  }
}

function isOf(agent: AgentId, message: TabMessage): boolean {
  return message.type === "entry" && message.signed.entry.agent === agent;
}

function tooSoon(id: Bytes32): ParleyError<"AccountBusy"> {
  return new ParleyError("AccountBusy", `the account ${id} is over, and another one that is was read a moment ago`, {
    hint: "wait: the other side asks again; it should have all of it, unless its journal has lost something",
    retryable: true,
    facts: { account: id },
  });
}
