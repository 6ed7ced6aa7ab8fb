import { type Clock, wakeAt } from "../../kernel/clock.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import { balanceOf } from "../../settlement/tab/state.ts";
import type { AgentEvent } from "../agent-event.ts";
import type { Account } from "./account.ts";
import { type AccountLink, UNHEARD_MS } from "./link.ts";
import type { Paying } from "./paying.ts";

/** Most milliseconds between two looks whether an account is to be closed or paid. */
const TEND_MS = 2_000;

/** Least milliseconds between two accounts that came to nothing: one who closes each at once would fill the journal. */
const EMPTY_MS = 60_000;

export interface TendingOptions {
  readonly self: AgentId;
  readonly paying: Paying;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a negotiation may come to need the account that is in use. */
  readonly isNeeded: () => boolean;
  /** Whether what was delivered on any of their accounts may still turn out to be paid by nobody. */
  readonly isOnTrust: () => boolean;
  readonly tell: (event: AgentEvent) => void;
  readonly onTrouble: (error: ParleyError) => void;
}

/** Closes an account that has come to its balance, pays it if that is ours to do, and begins the next. */
export class AccountTending {
  readonly #account: Account;
  readonly #link: AccountLink;
  readonly #options: TendingOptions;
  #told: { readonly account: Bytes32 | null; readonly states: Set<string> } = { account: null, states: new Set() };
  #debt: PromiseWithResolvers<void> | null = null;
  /** Since when what we owe waits for the other side to say what it has of ours; null where it doesn't. */
  #unheardSince: number | null = null;
  /** When one was begun after one that came to nothing. */
  #emptied: number | null = null;

  constructor(account: Account, link: AccountLink, options: TendingOptions) {
    this.#account = account;
    this.#link = link;
    this.#options = options;
  }

  /** Resolves once what is due and ours to pay is paid, or nothing more is done about it; null where nothing is due. */
  get debt(): Promise<void> | null {
    if (this.#options.signal.aborted) return null;
    if (this.#account.isOurDebt && !this.#isUnheard) this.#debt ??= Promise.withResolvers();
    return this.#debt?.promise ?? null;
  }

  async run(): Promise<void> {
    try {
      await this.#tend();
    } finally {
      this.#settle();
    }
  }

  async #tend(): Promise<void> {
    const { clock, signal } = this.#options;
    while (!signal.aborted) {
      let hasChanged = false;
      const unwatch = this.#account.watch(() => {
        hasChanged = true;
      });
      await this.#step();
      unwatch();
      this.#listenForIt();
      if (!this.#account.isOurDebt || this.#isUnheard) this.#settle();
      if (hasChanged) continue;
      let end: (() => void) | undefined;
      await wakeAt(clock, clock.now() + TEND_MS, signal, (wake) => {
        end = this.#account.watch(wake);
      });
      end?.();
    }
  }

  async #step(): Promise<void> {
    const { self, paying, clock, isNeeded, isOnTrust, signal, onTrouble } = this.#options;
    const account = this.#account;
    try {
      this.#tell("open");
      const { newest } = account;
      const { halt } = newest.state;
      if (halt !== null) onTrouble(halted(account, halt));
      await account.signUnsigned();
      if (account.isToBeClosed && !isNeeded()) {
        await account.close();
        this.#link.push();
      }
      if (!account.isClosed) return;
      const { netting } = account;
      if (netting === null || paying.isPaid(netting)) {
        this.#tell("paid");
        // What is still looked after may turn out not to be paid.
        if (account.isGivenUp || isNeeded() || isOnTrust()) return;
        if (halt !== null || (netting === null && this.#isTooSoon)) return;
        await account.begin();
        if (netting === null) this.#emptied = clock.now();
        this.#link.push();
        return;
      }
      this.#tell("closed");
      if (netting.debtor === self) await paying.pay(account, netting);
    } catch (thrown) {
      if (!signal.aborted) onTrouble(thrown instanceof ParleyError ? thrown : notKept(thrown));
    }
  }

  /** Without that nothing is signed, so the account can't be closed, and not be paid. */
  #listenForIt(): void {
    const { clock, onTrouble } = this.#options;
    const { isOurDebt, isClosed, newest } = this.#account;
    this.#unheardSince = isOurDebt && !isClosed && !newest.isAssured ? (this.#unheardSince ?? clock.now()) : null;
    if (this.#isUnheard) onTrouble(unheard(this.#account));
  }

  get #isUnheard(): boolean {
    const { clock } = this.#options;
    return this.#unheardSince !== null && Math.abs(clock.now() - this.#unheardSince) >= UNHEARD_MS;
  }

  #settle(): void {
    this.#debt?.resolve();
    this.#debt = null;
  }

  get #isTooSoon(): boolean {
    // A clock that was set back must not keep it back until it is there again.
    return this.#emptied !== null && Math.abs(this.#options.clock.now() - this.#emptied) < EMPTY_MS;
  }

  /** Once each: what it has come to, from our side. */
  #tell(state: "open" | "closed" | "paid"): void {
    const { id, newest, config } = this.#account;
    if (this.#told.account !== id) this.#told = { account: id, states: new Set() };
    if (this.#told.states.has(state)) return;
    this.#told.states.add(state);
    const [peer, balance] = [config.agent.toString(), balanceOf(newest.state).toString()];
    this.#options.tell({ event: "account", account: id, peer, token: config.token, state, balance });
  }
}

function halted({ id }: Account, { code, says }: { readonly code: string; readonly says: string }): ParleyError {
  return new ParleyError(code, `nothing more is signed in the account ${id}: ${says}`, {
    hint: "settle with the other operator what was signed, and configure another `salt` on both sides",
    facts: { account: id },
  });
}

function unheard({ id, config: { agent } }: Account): ParleyError<"AccountUnheard"> {
  const says = `the account ${id} can't be closed and paid: agent ${agent} doesn't say how much it has of what we signed, or more than there is`;
  return new ParleyError("AccountUnheard", says, {
    hint: "see that the other side can be reached, or talk to its operator: it is paid as soon as that is heard, also after the next start",
    facts: { account: id },
  });
}

export function notKept(cause: unknown): ParleyError<"AccountFailed"> {
  return new ParleyError("AccountFailed", `a running account can't be kept: ${messageOf(cause)}`, {
    hint: "mend what the message says, and start the agent again; what was signed is in the journal",
    cause,
  });
}
