import { utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { endOf, isClosed, isDue, roomWith } from "../../settlement/tab/carrying.ts";
import { nextSalt } from "../../settlement/tab/generation.ts";
import { type Netting, nettingOf } from "../../settlement/tab/netting.ts";
import { balanceOf } from "../../settlement/tab/state.ts";
import { Tab, type TabOptions } from "../../settlement/tab/tab.ts";
import { type TabTerms, tabId } from "../../settlement/tab/terms.ts";
import { canonicalJson, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import type { AccountConfig } from "../accounts-config.ts";
import { noteOpenings } from "./openings.ts";

/** What is agreed to be paid on account, and not signed for yet. */
interface Pending {
  readonly debtor: AgentId;
  readonly amount: Amount;
}

export type AccountOffice = Omit<TabOptions, "terms" | "doubt">;

/**
 * What an agent has with another in one token: one account after the other, of which the newest is in use. The next is begun once the one
 * before is closed by both and paid, and that it was begun is in the journal: nothing else has to remember that it was paid.
 */
export class Account {
  readonly config: AccountConfig;
  readonly #office: AccountOffice;
  readonly #first: TabTerms;
  readonly #tabs: Tab[];
  readonly #pending = new Map<Bytes32, Pending>();
  #isGivenUp = false;
  readonly #watching = new Set<() => void>();

  private constructor(config: AccountConfig, office: AccountOffice, first: TabTerms, tabs: Tab[]) {
    this.config = config;
    this.#office = office;
    this.#first = first;
    this.#tabs = tabs;
  }

  /** Opens those that are configured: together, so that one that the journal has lost doesn't pass for a new one. */
  static async openAll(configs: readonly AccountConfig[], office: AccountOffice): Promise<readonly Account[]> {
    const tabs = configs.map((config) => tabId(office.separator, firstOf(config, office)));
    const doubts = await noteOpenings(office.journal, tabs);
    const accounts: Account[] = [];
    for (const [at, config] of configs.entries()) {
      accounts.push(await Account.#open(config, office, doubts.get(tabs[at] as Bytes32) ?? null));
    }
    return accounts;
  }

  static async #open(config: AccountConfig, office: AccountOffice, doubt: string | null): Promise<Account> {
    const first = firstOf(config, office);
    const tabs = [await Tab.open({ ...office, terms: first, doubt })];
    const account = new Account(config, office, first, tabs);
    for (const record of await office.journal.read(account.#stream)) {
      const terms = account.#next();
      requireSame(record, tabId(office.separator, terms));
      // None is begun after one that is in doubt: so this one was there already when the journal lost what it lost.
      const isDoubted = account.newest.state.halt?.code === "TabDoubted";
      const doubt = isDoubted ? "the journal has lost records of the account before it" : null;
      tabs.push(await Tab.open({ ...office, terms, doubt }));
    }
    return account;
  }

  /** Every account of the two, the one that is in use last. */
  get tabs(): readonly Tab[] {
    return this.#tabs;
  }

  get newest(): Tab {
    return this.#tabs.at(-1) as Tab;
  }

  /** What it is known by in what is told: the account that is in use. */
  get id(): Bytes32 {
    return this.newest.state.id;
  }

  get token() {
    return this.config.token;
  }

  tab(id: Bytes32): Tab | undefined {
    return this.#tabs.find(({ state }) => state.id === id);
  }

  /** Why an account can't carry what it was meant to; null where it can. */
  obstacle(id: Bytes32): string | null {
    return id === this.id ? endOf(this.newest.state) : "another account has taken its place";
  }

  /** Why nothing new can be agreed on it; null where that can be. */
  get closing(): string | null {
    const { state } = this.newest;
    return endOf(state) ?? (isDue(state, this.config.settleAt) ? "the account is to be paid first" : null);
  }

  /** How much more a side can come to owe, what is agreed by now taken off. */
  room(debtor: AgentId): Amount {
    const { state } = this.newest;
    const ofDebtor = [...this.#pending.values()].filter((one) => one.debtor === debtor);
    const pending = ofDebtor.reduce((sum, { amount }) => sum + amount, 0n);
    return roomWith(state, state.ours.agent === debtor ? state.ours : state.theirs, pending);
  }

  /** Sets room aside for a deal. What was agreed before this process has its room: it was looked at then. */
  reserve(dealHash: Bytes32, debtor: AgentId, amount: Amount, wasAgreed: boolean): string | null {
    const room = this.room(debtor);
    const why =
      this.closing ?? (amount > room ? `${amount} is more than the ${room} that the account has room for` : null);
    if (why !== null && !wasAgreed) return why;
    this.#pending.set(dealHash, { debtor, amount });
    return null;
  }

  release(dealHash: Bytes32): void {
    if (this.#pending.delete(dealHash)) this.changed();
  }

  /** Whether it has come to its balance, or can take no more, with nothing under way. */
  get isToBeClosed(): boolean {
    const { state } = this.newest;
    if (endOf(state) !== null || !this.newest.isAssured) return false;
    return this.#isGivenUp || (this.#pending.size === 0 && isDue(state, this.config.settleAt));
  }

  /** Closes the newest account whatever is under way: at once, or when something can be signed in it. */
  async giveUp(): Promise<void> {
    if (this.newest.isAssured) await this.newest.close();
    else this.#isGivenUp = true;
  }

  /** Whether deals are agreed that are not signed for yet. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether it is ours to pay what it has come to, now that nothing new goes on it. */
  get isOurDebt(): boolean {
    const { state } = this.newest;
    return state.halt === null && this.closing !== null && balanceOf(state) > 0n;
  }

  /** Whether both sides have closed the newest account. */
  get isClosed(): boolean {
    return isClosed(this.newest.state);
  }

  /** What the newest account comes to; null while it isn't closed by both, and where nothing is left to pay. */
  get netting(): Netting | null {
    return this.isClosed ? nettingOf(this.newest.state) : null;
  }

  /**
   * Begins the next account. The one before has to be closed by both, and paid. Where that one is in doubt, the next may have been begun
   * before, and lost: what were signed in it now would be the second entries under their numbers.
   */
  async begin(): Promise<void> {
    const { halt } = this.newest.state;
    if (halt !== null) throw new ParleyError(halt.code, halt.says, { hint: "configure another `salt` on both sides" });
    const terms = this.#next();
    const tab = tabId(this.#office.separator, terms);
    const record = utf8.encode(canonicalJson({ version: 1, tab }));
    await this.#office.journal.append(this.#stream, this.#tabs.length - 1, record, "machine");
    this.#tabs.push(await Tab.open({ ...this.#office, terms }));
    this.#isGivenUp = false;
    this.changed();
  }

  /** Calls back whenever something was signed, heard or let go of, until the returned function is called. */
  watch(wake: () => void): () => void {
    this.#watching.add(wake);
    return () => this.#watching.delete(wake);
  }

  changed(): void {
    for (const wake of [...this.#watching]) wake();
  }

  get #stream(): string {
    return `account:${this.#tabs[0]?.state.id}`;
  }

  #next(): TabTerms {
    return { ...this.#first, salt: nextSalt(this.id) };
  }
}

function firstOf({ agent, token, salt, ours, theirs }: AccountConfig, office: AccountOffice): TabTerms {
  const [self, peer] = [
    { agent: office.agent, credit: ours },
    { agent, credit: theirs },
  ];
  return { parties: self.agent < agent ? [self, peer] : [peer, self], token, salt };
}

function requireSame(record: Uint8Array, expected: Bytes32): void {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(record)), "record");
  const isOurs = reader.raw("version") === 1 && reader.bytes32("tab") === expected;
  if (isOurs) return;
  throw new ParleyError(
    "JournalCorrupt",
    "the journal of running accounts names an account that doesn't follow the one before",
    {
      hint: "restore the journal from where it was whole, or configure another `salt` on both sides",
    },
  );
}
