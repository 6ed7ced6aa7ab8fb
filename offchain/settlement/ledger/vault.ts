import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { Book, type Undo } from "./book.ts";
import type { TokenState, TreasuryState } from "./deal-state.ts";

/** The token of arbitrators' fees. */
export const NATIVE: Address = ZERO_ADDRESS;

/** An agent's money in one token, with how many amounts nobody showed that are part of it. */
export interface Account extends Omit<TreasuryState, "exact"> {
  readonly unknown: number;
}

/** All money in one token. */
export interface Totals extends Omit<TokenState, "exact"> {
  readonly unknown: number;
  /** Rewards that went to an agent nobody named, so that any account in the token may be off by them. */
  readonly strayed: number;
}

const NOTHING: Account = { free: 0n, bonded: 0n, leaving: 0n, leavesAt: 0, unknown: 0 };
const NO_TOTALS: Totals = { owed: 0n, escrow: 0n, burnt: 0n, unknown: 0, strayed: 0 };

/** Whose the money is. Every change is a delta, so that one that is not known yet can be made up for later. */
export class Vault {
  readonly #accounts: Book<Account>;
  readonly #totals: Book<Totals>;

  constructor(note: (undo: Undo) => void) {
    this.#accounts = new Book(note);
    this.#totals = new Book(note);
  }

  treasury(agent: AgentId, token: Address): TreasuryState {
    const { unknown, ...account } = this.#account(agent, token);
    return { ...account, exact: unknown === 0 && this.#total(token).strayed === 0 };
  }

  token(token: Address): TokenState {
    const { owed, escrow, burnt, unknown } = this.#total(token);
    return { owed, escrow, burnt, exact: unknown === 0 };
  }

  free(agent: AgentId, token: Address, change: Amount): void {
    const { free, unknown } = this.#account(agent, token);
    const exact = unknown === 0 && this.#total(token).strayed === 0;
    if (free + change < 0n && exact) throw missing(`agent ${agent} would have less than nothing of ${token}`);
    this.#change(agent, token, { free: free + change });
  }

  bond(agent: AgentId, token: Address, change: Amount): void {
    const bonded = this.#account(agent, token).bonded + change;
    if (bonded < 0n) throw missing(`agent ${agent} would have staked less than nothing of ${token}`);
    this.#change(agent, token, { bonded });
  }

  /** Stake that was asked back, until `leavesAt` at least; without it that time stays. */
  leave(agent: AgentId, token: Address, change: Amount, leavesAt?: number): void {
    const account = this.#account(agent, token);
    const leaving = account.leaving + change;
    if (leaving < 0n) throw missing(`less than nothing of agent ${agent}'s stake in ${token} would be leaving`);
    this.#change(agent, token, { leaving, leavesAt: leavesAt ?? account.leavesAt });
  }

  /** Takes stake, first what is not leaving yet. */
  forfeit(agent: AgentId, token: Address, amount: Amount): void {
    const { bonded } = this.#account(agent, token);
    const fromBonded = amount < bonded ? amount : bonded;
    this.bond(agent, token, -fromBonded);
    this.leave(agent, token, fromBonded - amount);
  }

  /** Something of an unknown amount happened to an account's free balance; -1 where it became known. */
  blur(agent: AgentId, token: Address, count: 1 | -1): void {
    this.#change(agent, token, { unknown: this.#account(agent, token).unknown + count });
  }

  /** Changes a token's totals by these amounts. */
  total(token: Address, changes: Partial<Totals>): void {
    const { owed, escrow, burnt, unknown, strayed } = this.#total(token);
    this.#totals.set(token, {
      owed: owed + (changes.owed ?? 0n),
      escrow: escrow + (changes.escrow ?? 0n),
      burnt: burnt + (changes.burnt ?? 0n),
      unknown: unknown + (changes.unknown ?? 0),
      strayed: strayed + (changes.strayed ?? 0),
    });
  }

  accounts(): Iterable<[key: string, row: Account]> {
    return this.#accounts.entries();
  }

  totals(): Iterable<[token: string, row: Totals]> {
    return this.#totals.entries();
  }

  restoreAccount(key: string, row: Account): void {
    this.#accounts.set(key, row);
  }

  restoreTotals(token: string, row: Totals): void {
    this.#totals.set(token, row);
  }

  #account(agent: AgentId, token: Address): Account {
    return this.#accounts.get(`${agent}/${token}`) ?? NOTHING;
  }

  #total(token: Address): Totals {
    return this.#totals.get(token) ?? NO_TOTALS;
  }

  #change(agent: AgentId, token: Address, changes: Partial<Account>): void {
    this.#accounts.set(`${agent}/${token}`, { ...this.#account(agent, token), ...changes });
  }
}

/** What can only be where events before it were not seen. */
export function missing(says: string): ParleyError<"EventsMissing"> {
  return new ParleyError("EventsMissing", `events are missing before this one: ${says}`, {
    hint: "follow from the block that Settlement was deployed in, through a node that has all of its logs",
    retryable: true,
  });
}
