import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { endOf, isClosed, isDue, roomWith } from "../../settlement/tab/carrying.ts";
import { type Netting, nettingOf } from "../../settlement/tab/netting.ts";
import { balanceOf, isEnded } from "../../settlement/tab/state.ts";
import { Tab, type TabOptions } from "../../settlement/tab/tab.ts";
import { type TabTerms, tabId } from "../../settlement/tab/terms.ts";
import type { AccountConfig } from "../accounts-config.ts";
import { noteOpenings } from "./openings.ts";
import { encodeFollower, firstTerms, followingTerms, successionOf, successionStream } from "./succession.ts";

/** What is agreed to be paid on account, and not signed for yet. */
interface Pending {
  readonly debtor: AgentId;
  readonly amount: Amount;
}

export type AccountOffice = Omit<TabOptions, "terms" | "doubt">;

/**
 * What an agent has with another in one token: one account after the other, of which the newest is in use. The next is begun once the one
 * before is closed by both and paid, and that it was begun is in the journal: nothing else has to remember that it was paid. Those before it
 * are held in memory only until the other side is known to have begun it too; their entries stay in the journal.
 */
export class Account {
  readonly config: AccountConfig;
  readonly #office: AccountOffice;
  readonly #first: TabTerms;
  /** Every account of the two, the one that is in use last. */
  readonly #ids: Bytes32[];
  /** Of those the last ones. */
  readonly #tabs: Tab[] = [];
  readonly #pending = new Map<Bytes32, Pending>();
  /** Whether the other side hasn't paid a deal. A deal of before a restart tells so again. */
  #isGivenUp = false;
  /** What is owed and could not be signed for, by deal: signs for it, where that can still be done. */
  readonly #unsigned = new Map<Bytes32, () => Promise<void>>();
  readonly #watching = new Set<() => void>();

  private constructor(config: AccountConfig, office: AccountOffice, first: TabTerms, ids: readonly Bytes32[]) {
    this.config = config;
    this.#office = office;
    this.#first = first;
    this.#ids = [...ids];
  }

  /** Opens those that are configured: together, so that one that the journal has lost doesn't pass for a new one. */
  static async openAll(configs: readonly AccountConfig[], office: AccountOffice): Promise<readonly Account[]> {
    const tabs = configs.map((config) => tabId(office.separator, firstTerms(config, office.agent)));
    const doubts = await noteOpenings(office.journal, tabs);
    const accounts: Account[] = [];
    for (const [at, config] of configs.entries()) {
      accounts.push(await Account.#open(config, office, doubts.get(tabs[at] as Bytes32) ?? null));
    }
    return accounts;
  }

  static async #open(config: AccountConfig, office: AccountOffice, doubt: string | null): Promise<Account> {
    const first = firstTerms(config, office.agent);
    const begun = await successionOf(first, office.separator, office.journal);
    const ids = begun.map(([id]) => id);
    const account = new Account(config, office, first, ids);
    await account.#takeUp(doubt);
    return account;
  }

  /** Opens the newest, and those before it that the other side may not know yet to be over. */
  async #takeUp(doubt: string | null): Promise<void> {
    for (let place = this.#ids.length - 1; place >= 0; place--) {
      const tab = await this.#openAt(place, doubt);
      this.#tabs.unshift(tab);
      if (tab.state.theirs.entries.length > 0) break;
    }
    const from = this.#ids.length - this.#tabs.length;
    for (let place = 1; place < this.#tabs.length; place++) {
      if (this.#tabs[place - 1]?.state.halt?.code !== "TabDoubted") continue;
      // None is begun after one that is in doubt: so this one was there already when the journal lost what it lost.
      const doubt = "the journal has lost records of the account before it";
      this.#tabs[place] = await this.#openAt(from + place, doubt);
    }
  }

  /** The account that is in use, last, and those before it of which the other side may still ask. */
  get tabs(): readonly Tab[] {
    return this.#tabs;
  }

  get newest(): Tab {
    return this.#tabs.at(-1) as Tab;
  }

  /** Whether no other account was there before the one that is in use. */
  get isFirst(): boolean {
    return this.#ids.length === 1;
  }

  /** What it is known by in what is told: the account that is in use. */
  get id(): Bytes32 {
    return this.#ids.at(-1) as Bytes32;
  }

  get token() {
    return this.config.token;
  }

  /** Whether that is an account of the two, of whatever time. */
  names(id: Bytes32): boolean {
    return this.#ids.includes(id);
  }

  /** Every account of the two, the one that is in use last. */
  get ids(): readonly Bytes32[] {
    return this.#ids;
  }

  /** An account of the two that is in memory; null for any other. */
  held(id: Bytes32): Tab | null {
    return this.#tabs.find(({ state }) => state.id === id) ?? null;
  }

  /** An account of the two; one that is long over is read again, and not held. Null where there is none. */
  async recall(id: Bytes32): Promise<Tab | null> {
    const held = this.held(id);
    if (held !== null) return held;
    const place = this.#ids.indexOf(id);
    if (place < 0) return null;
    const tab = await this.#openAt(place);
    // What is over was closed by both. In one that the journal has lost nothing may be signed again.
    return isClosed(tab.state) ? tab : null;
  }

  /** The other side has begun the newest account: so it has all of those before. */
  letGoOfPast(): readonly Bytes32[] {
    return this.#tabs.splice(0, this.#tabs.length - 1).map(({ state }) => state.id);
  }

  /** Why an account can't carry what it was meant to; null where it can. */
  obstacle(id: Bytes32): string | null {
    return id === this.id ? endOf(this.newest.state) : "another account has taken its place";
  }

  /** Why nothing new can be agreed on it; null where that can be. */
  get closing(): string | null {
    const { state } = this.newest;
    if (this.#isGivenUp) return endOf(state) ?? "a deal on it was not paid";
    return endOf(state) ?? (isDue(state, this.config.settleAt) ? "the account is to be paid first" : null);
  }

  /** How much more a side can come to owe, what is agreed by now taken off. */
  room(debtor: AgentId): Amount {
    const { state } = this.newest;
    // What we could not sign for either would be owed on top of that.
    if (this.#unsigned.size > 0 && !this.newest.isAssured && state.ours.agent === debtor) return 0n;
    const ofDebtor = [...this.#pending.values()].filter((one) => one.debtor === debtor);
    const pending = ofDebtor.reduce((sum, { amount }) => sum + amount, 0n);
    return roomWith(state, state.ours.agent === debtor ? state.ours : state.theirs, pending);
  }

  /** Sets room aside for a deal. What was delivered is owed, whether or not there is room: it was looked at before. */
  reserve(dealHash: Bytes32, debtor: AgentId, amount: Amount, isDelivered: boolean): string | null {
    const room = this.room(debtor);
    const why =
      this.closing ?? (amount > room ? `${amount} is more than the ${room} that the account has room for` : null);
    if (why !== null && !isDelivered) return why;
    this.#pending.set(dealHash, { debtor, amount });
    return null;
  }

  release(dealHash: Bytes32): void {
    if (this.#unsigned.has(dealHash)) return;
    if (this.#pending.delete(dealHash)) this.changed();
  }

  /** A deal of ours was delivered, and could not be signed for: its room stays set aside, and nothing of ours goes on account before it is. */
  keepUnsigned(dealHash: Bytes32, sign: () => Promise<void>): void {
    this.#unsigned.set(dealHash, sign);
    this.changed();
  }

  /** Signs for what could not be signed for before, once the other side has said what it has. */
  async signUnsigned(): Promise<void> {
    if (!this.newest.isAssured) return;
    for (const [dealHash, sign] of [...this.#unsigned]) {
      await sign();
      this.#unsigned.delete(dealHash);
      this.release(dealHash);
    }
  }

  /** Whether it has come to its balance, or can take no more, with nothing under way. */
  get isToBeClosed(): boolean {
    const { state } = this.newest;
    if (endOf(state) !== null || !this.newest.isAssured) return false;
    return this.#isGivenUp || (this.#pending.size === 0 && isDue(state, this.config.settleAt));
  }

  /** Whether nothing is trusted to the other side any more: what is owed is paid, and no account begun after that. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Closes the newest account for good, whatever is under way: at once, or when something can be signed in it. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true;
    if (endOf(this.newest.state) === null && this.newest.isAssured) await this.close();
  }

  /** Signs nothing more in the newest account; also where the other side has it closed in the same moment, which is answered by itself. */
  async close(): Promise<void> {
    const { newest } = this;
    await newest.close().catch((thrown: unknown) => {
      if (!isEnded(newest.state.ours)) throw thrown;
    });
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
    const tab = tabId(this.#office.separator, this.#termsAt(this.#ids.length));
    await this.#office.journal.append(this.#stream, this.#ids.length - 1, encodeFollower(tab), "machine");
    const opened = await this.#openAt(this.#ids.length);
    this.#ids.push(tab);
    this.#tabs.push(opened);
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
    return successionStream(this.#ids[0] as Bytes32);
  }

  #termsAt(place: number): TabTerms {
    const before = this.#ids[place - 1];
    return before === undefined ? this.#first : followingTerms(this.#first, before);
  }

  async #openAt(place: number, doubt: string | null = null): Promise<Tab> {
    return await Tab.open({ ...this.#office, terms: this.#termsAt(place), doubt });
  }
}
