import type { MandateStanding } from "../../adapters/chain/holdings.ts";
import { AccountClient } from "../../adapters/connector/account/client.ts";
import { serveAccounts } from "../../adapters/connector/account/server.ts";
import type { Introduce } from "../../adapters/connector/http/outward.ts";
import type { HttpListening } from "../../adapters/connector/http/server.ts";
import type { Respond } from "../../dealing/invitation.ts";
import type { Session } from "../../dealing/session.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Supply } from "../../ports/connector.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { Journal } from "../../ports/journal.ts";
import type { BoundDeal } from "../../settlement/lookout.ts";
import type { AccountOutcome, Outcome } from "../../settlement/saga/outcome.ts";
import { streamOf } from "../../settlement/saga/saga.ts";
import { statementIn } from "../../settlement/tab/netting.ts";
import { isEnded } from "../../settlement/tab/state.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import { accountIn } from "../../terms/payment-terms.ts";
import type { DealTemplate } from "../../terms/proposal.ts";
import { Refusal } from "../../terms/refusal.ts";
import type { AccountConfig, AccountsConfig } from "../accounts-config.ts";
import { loadTls } from "../admission.ts";
import { admitAgents } from "../agent-admission.ts";
import type { OpenConfig } from "../agent-config.ts";
import type { AgentEvent } from "../agent-event.ts";
import type { GasPrices } from "../claim-cost.ts";
import { Account, type AccountOffice } from "./account.ts";
import { accountObjection, chooseFor, onAccount } from "./choice.ts";
import { AccountDeal, type AccountMeans, type AccountTelling } from "./deal.ts";
import { unpaid } from "./deal-errors.ts";
import { Expected, isBetween } from "./expected.ts";
import { untilKnown } from "./known.ts";
import { leftBehind } from "./left-behind.ts";
import { AccountLink } from "./link.ts";
import { mandateObjection } from "./mandate.ts";
import { Paying, type PayingOffice, statementSupply } from "./paying.ts";
import { AccountTending, notKept } from "./tending.ts";

export interface AccountsContext extends AccountOffice, Omit<PayingOffice, "self" | "now"> {
  readonly crypto: Crypto;
  readonly certificates: Parameters<typeof admitAgents>[0]["certificates"];
  readonly deployment: Deployment;
  readonly introduce: Introduce;
  /** Where settlements on the chain are noted: one that was begun there goes on there. */
  readonly settlements: Pick<Journal, "read">;
  readonly gasPrice: GasPrices;
  /** Our mandate for the deals that pay accounts in a token: they are under no category. */
  readonly mandate: (token: Address) => Promise<MandateStanding>;
  readonly tell: (event: AgentEvent) => void;
  readonly onTrouble: (error: ParleyError, retried: boolean) => void;
}

interface Kept {
  readonly account: Account;
  readonly link: AccountLink;
  readonly tending: AccountTending;
}

/** An agent's running accounts: kept with the other sides, used for deals, closed and paid. */
export class Accounts {
  readonly #config: AccountsConfig;
  readonly #context: AccountsContext;
  readonly #paying: Paying;
  readonly #stopping = new AbortController();
  readonly #kept: Kept[] = [];
  readonly #deals = new Map<Session, AccountDeal>();
  readonly #expected = new Expected();
  readonly #running: Promise<void>[] = [];
  #listening: HttpListening | null = null;

  private constructor(config: AccountsConfig, context: AccountsContext) {
    this.#config = config;
    this.#context = context;
    const { agent: self, entropy, sessions, open, clock, chainTime } = context;
    this.#paying = new Paying({ self, entropy, sessions, open, now: () => clock.now(), chainTime });
  }

  /** Opens what the journal holds, and listens. Nothing is said before `begin`. */
  static async open(config: AccountsConfig, context: AccountsContext): Promise<Accounts> {
    const accounts = new Accounts(config, context);
    for (const account of await Account.openAll(config.with, context)) {
      const link = accounts.#linkOf(account);
      accounts.#kept.push({ account, link, tending: accounts.#tendingOf(account, link) });
    }
    const ids = accounts.#kept.flatMap(({ account }) => account.ids);
    for (const left of await leftBehind(context.journal, ids)) context.onTrouble(left, false);
    await accounts.#listen();
    if (accounts.url !== null) context.tell({ event: "accounts", url: accounts.url });
    return accounts;
  }

  /** Where others reach our side; null where only we call. */
  get url(): string | null {
    return this.#listening === null ? null : (this.#config.serving?.url ?? this.#listening.url);
  }

  /** Keeps all accounts up to date from now on. What was taken up from the journal has to be known by then. */
  begin(): void {
    for (const { account, link, tending } of this.#kept) {
      void this.#lookAtMandate(account.config);
      this.#run(link.run());
      this.#run(tending.run());
    }
  }

  /** Leaves off where it is. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Lets go of the port and the journal: once no deal signs anything any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#listening?.close();
    await Promise.all(this.#running);
    await this.#context.journal.close();
  }

  /** One for each account that is due and ours to pay, until it is paid. */
  get debts(): readonly Promise<void>[] {
    return this.#kept.flatMap(({ tending }) => tending.debt ?? []);
  }

  /** Puts what is to be opened on account, where that is worth it and trusted so far, and tells so. */
  async route(open: OpenConfig): Promise<OpenConfig> {
    const { agent: self, gasPrice, tell, clock } = this.#context;
    const { proposal, peer } = open;
    const kept = this.#with(peer, proposal.deal.token);
    if (kept === undefined) return open;
    const { account, link } = kept;
    await untilKnown(account, link, clock, this.#stopping.signal);
    const choice = await chooseFor(open, { account, self, gasPrice, mostShare: this.#config.mostShare });
    if (choice === null) return open;
    const isOnAccount = choice.rail === "ledger";
    const { rail, cost, because } = choice;
    const named = isOnAccount ? account.id : null;
    tell({ event: "rail", peer: peer.toString(), rail, cost: cost.toString(), because, account: named });
    return isOnAccount ? { ...open, proposal: onAccount(proposal, account) } : open;
  }

  /** Answers who pays an account, and refuses what names one that isn't so here; anything else is for the usual answer. */
  respondBefore(usual: Respond | null): Respond {
    return (proposal, role, peer) => {
      const account = this.#with(peer, proposal.deal.token)?.account;
      if (statementIn(proposal.terms) !== null) return this.#paying.answer(proposal, role, account);
      const objection = accountObjection(proposal, account);
      if (objection !== null) throw new Refusal("ProposalRefused", objection);
      if (usual === null) throw new Refusal("ProposalRefused", "nothing but paying accounts is negotiated here");
      return usual(proposal, role, peer);
    };
  }

  /** How the creditor of a closed account delivers the deal that pays it; null for any other deal. */
  supplyFor(terms: JsonObject): Supply | null {
    const accounts = this.#kept.map(({ account }) => account);
    return statementSupply(terms, accounts);
  }

  /** Takes note of a negotiation at once: as long as it may come to need its account, that isn't closed. */
  expect(session: Session): void {
    const id = accountIn(session.state.proposal.terms);
    if (id === null) return;
    const kept = this.#kept.find(({ account }) => account.id === id);
    this.#expected.add(session, id, kept?.account);
  }

  /** Whether a negotiation is about the deal that pays an account. */
  isPayment({ state }: Session): boolean {
    return statementIn(state.proposal.terms) !== null;
  }

  /** Sees to a deal that was agreed to go on account. Resolves with null where it is the chain's. */
  async carry(
    session: Session,
    bound: BoundDeal,
    means: AccountMeans,
    told: AccountTelling,
  ): Promise<AccountOutcome | null> {
    const id = this.#expected.idOf(session);
    try {
      const outcome = id === null ? null : await this.#carry(session, bound, id, means, told);
      if (outcome === null) this.#expected.leave(session);
      return outcome;
    } finally {
      this.#expected.forget(session);
      this.#changed();
    }
  }

  async #carry(
    session: Session,
    bound: BoundDeal,
    id: Bytes32,
    means: AccountMeans,
    told: AccountTelling,
  ): Promise<AccountOutcome | null> {
    const kept = this.#kept.find(({ account }) => account.names(id));
    if (kept === undefined || bound.proofs === null || !isBetween(kept.account, bound.deal)) return null;
    // What was begun on the chain before a restart goes on there.
    if ((await this.#context.settlements.read(streamOf(bound))).length > 0) return null;
    const tab = await kept.account.recall(id);
    if (tab === null) return null;
    const deal = new AccountDeal(session, bound, [kept.account, kept.link, tab], means);
    this.#deals.set(session, deal);
    try {
      return await deal.run(told);
    } finally {
      this.#deals.delete(session);
    }
  }

  /** Something happened to a negotiation. */
  notice(session: Session): void {
    this.#deals.get(session)?.wake();
  }

  noticeOutcome(session: Session, outcome: Outcome): void {
    this.#paying.noticeOutcome(session, outcome);
    const account = this.#expected.unpaidOn(session, outcome);
    if (account !== null) this.#giveUp(account, session);
    this.#changed();
  }

  noticeOver(session: Session, bound: boolean): void {
    this.#expected.end(session);
    if (!bound) this.#paying.noticeVoid(session);
    this.#changed();
  }

  /** What was delivered on trust is lost, as where it isn't signed for. */
  #giveUp(id: Bytes32, { state }: Session): void {
    const kept = this.#kept.find(({ account }) => account.names(id));
    if (kept === undefined || state.phase !== "agreed" || !isBetween(kept.account, state.agreement.deal)) return;
    this.#context.onTrouble(unpaid(state.agreement), false);
    this.#run(kept.account.giveUp().then(() => kept.link.push()));
  }

  #changed(): void {
    for (const { account } of this.#kept) account.changed();
  }

  #with(peer: AgentId, token: DealTemplate["token"]): Kept | undefined {
    return this.#kept.find(({ account }) => account.config.agent === peer && account.token === token);
  }

  #named(id: Bytes32, agent: AgentId): Kept | undefined {
    return this.#kept.find(({ account }) => account.config.agent === agent && account.names(id));
  }

  #linkOf(account: Account): AccountLink {
    const { clock, introduce, onTrouble } = this.#context;
    const { url } = account.config;
    const link: AccountLink = new AccountLink(account, {
      client: url === null ? null : new AccountClient({ url, introduce }),
      ...{ clock, signal: this.#stopping.signal, onTrouble: (error) => onTrouble(error, true) },
      isBusy: () => {
        const { newest } = account;
        const { ours } = newest.state;
        return account.hasPending || isEnded(ours) || link.heard(newest) < ours.entries.length;
      },
    });
    return link;
  }

  #tendingOf(account: Account, link: AccountLink): AccountTending {
    const { agent, clock, tell, onTrouble } = this.#context;
    return new AccountTending(account, link, {
      ...{ self: agent, paying: this.#paying, clock, signal: this.#stopping.signal, tell },
      isNeeded: () => this.#expected.need(account.id),
      isOnTrust: () => account.ids.some((id) => this.#expected.isOnTrust(id)),
      onTrouble: (error) => onTrouble(error, true),
    });
  }

  async #listen(): Promise<void> {
    const { serving } = this.#config;
    if (serving === null) return;
    const { onTrouble } = this.#context;
    this.#listening = await serveAccounts(serving.listen, {
      authenticator: admitAgents(this.#context, () => this.url ?? ""),
      tls: serving.tls === null ? null : ((await loadTls(serving.tls)) as { key?: string; cert?: string }),
      perHost: serving.perHost,
      onTrouble: (error) => onTrouble(error, true),
      hear: async (id, agent, messages) => {
        return (await this.#named(id, agent)?.link.answer(id, messages)) ?? null;
      },
      knows: (id, agent) => this.#named(id, agent) !== undefined,
    });
  }

  /** A balance that our mandate doesn't bear would never be paid: said before anything is owed. */
  async #lookAtMandate({ agent: peer, token, ours }: AccountConfig): Promise<void> {
    const { mandate, clock, onTrouble } = this.#context;
    if (ours === 0n) return;
    try {
      const standing = await mandate(token);
      const error = mandateObjection(standing, { peer, token, ours }, Math.floor(clock.now() / 1_000));
      if (error !== null && !this.#stopping.signal.aborted) onTrouble(error, false);
    } catch (thrown) {
      if (!this.#stopping.signal.aborted) this.#trouble(thrown);
    }
  }

  #run(running: Promise<void>): void {
    this.#running.push(running.catch((thrown: unknown) => this.#trouble(thrown)));
  }

  #trouble(thrown: unknown): void {
    this.#context.onTrouble(thrown instanceof ParleyError ? thrown : notKept(thrown), false);
  }
}
