// Whose the money is.
import { ownerOnly, requireAgent } from "./registry.ts";
import { type Account, MOST, min, NATIVE, NOBODY, type Purse, refuse, type State, type Token } from "./state.ts";
import { UNBONDING } from "./time.ts";

/** The same to look at only. */
export function look(state: State, agent: bigint, token: string): Readonly<Account> {
  return state.accounts.get(`${agent} ${token}`) ?? { free: 0n, bonded: 0n, leaving: 0n, leavesAt: 0n, meter: 0n };
}

export function account(state: State, agent: bigint, token: string): Account {
  const key = `${agent} ${token}`;
  const known = state.accounts.get(key);
  if (known) return known;
  const fresh = { free: 0n, bonded: 0n, leaving: 0n, leavesAt: 0n, meter: 0n };
  state.accounts.set(key, fresh);
  return fresh;
}

export function purse(state: State, token: string): Purse {
  const known = state.purses.get(token);
  if (known) return known;
  const fresh = { held: 0n, owed: 0n, burnt: 0n };
  state.purses.set(token, fresh);
  return fresh;
}

function fitting(agent: bigint, token: string, balance: bigint): bigint {
  if (balance > MOST) refuse("BalanceTooLarge", agent, token, balance, MOST);
  return balance;
}

export function credit(state: State, agent: bigint, token: string, amount: bigint): void {
  const own = account(state, agent, token);
  own.free = fitting(agent, token, own.free + amount);
}

function debit(state: State, agent: bigint, token: string, amount: bigint): void {
  const own = account(state, agent, token);
  if (amount > own.free) refuse("FreeBalanceTooLow", agent, token, amount, own.free);
  own.free -= amount;
}

/** What a token does when it is moved, besides moving. */
function moved(state: State, token: Token): void {
  if (token.broken) refuse("NotInTheMood");
  if (token.calls?.kind === "deposit") refuse("Reentered");
  if (token.calls) release(state, token.calls.by, token.calls.agent, token.calls.token);
}

export interface Deposit {
  agent: bigint;
  token: string;
  amount: bigint;
  toStake: boolean;
}

/** Anybody adds to what an agent has: what arrives counts. */
export function deposit(state: State, { agent, token, amount, toStake }: Deposit): void {
  requireAgent(state, agent);
  let arrived = amount;
  if (token !== NATIVE) {
    const odd = state.tokens.get(token);
    if (!odd) refuse("TokenWithoutCode", token);
    moved(state, odd);
    if (odd.takesFee) arrived -= amount / 100n;
  }
  const own = account(state, agent, token);
  if (toStake) own.bonded = fitting(agent, token, own.bonded + arrived);
  else credit(state, agent, token, arrived);
  purse(state, token).held += arrived;
  purse(state, token).owed += arrived;
}

/** Somebody sends tokens to Settlement as such: they are nobody's. */
export function donate(state: State, token: string, amount: bigint): void {
  const odd = state.tokens.get(token);
  if (odd) moved(state, odd);
  purse(state, token).held += odd?.takesFee ? amount - amount / 100n : amount;
}

export function withdraw(
  state: State,
  by: string,
  { agent, token, to, amount }: { agent: bigint; token: string; to: string; amount: bigint },
): void {
  unlockedOwnerOnly(state, by, agent);
  if (to === NOBODY || to === state.settlement) refuse("RecipientInvalid", to);
  debit(state, agent, token, amount);
  purse(state, token).held -= amount;
  purse(state, token).owed -= amount;
  const odd = state.tokens.get(token);
  if (odd) moved(state, odd);
}

function unlockedOwnerOnly(state: State, by: string, agent: bigint): void {
  const { lockedUntil } = ownerOnly(state, by, agent);
  if (state.now <= lockedUntil) refuse("AgentLocked", state.now, lockedUntil);
}

export function stake(state: State, by: string, agent: bigint, token: string, amount: bigint): void {
  unlockedOwnerOnly(state, by, agent);
  debit(state, agent, token, amount);
  const own = account(state, agent, token);
  own.bonded = fitting(agent, token, own.bonded + amount);
}

export function unstake(state: State, by: string, agent: bigint, token: string, amount: bigint): void {
  ownerOnly(state, by, agent);
  const own = account(state, agent, token);
  if (amount > own.bonded) refuse("StakeTooLow", agent, token, amount, own.bonded);
  own.bonded -= amount;
  own.leaving += amount;
  own.leavesAt = state.now + UNBONDING;
}

export function release(state: State, by: string, agent: bigint, token: string): void {
  ownerOnly(state, by, agent);
  const own = account(state, agent, token);
  if (state.now <= own.leavesAt) refuse("StakeNotReleasable", agent, token, state.now, own.leavesAt);
  if (own.leaving === 0n) refuse("NothingLeaving", agent, token);
  credit(state, agent, token, own.leaving);
  own.leaving = 0n;
}

/** Takes stake, as far as there is any; what isn't leaving first. */
export function forfeit(state: State, agent: bigint, token: string, amount: bigint): bigint {
  const own = account(state, agent, token);
  const fromBonded = min(amount, own.bonded);
  const fromLeaving = min(amount - fromBonded, own.leaving);
  own.bonded -= fromBonded;
  own.leaving -= fromLeaving;
  return fromBonded + fromLeaving;
}
