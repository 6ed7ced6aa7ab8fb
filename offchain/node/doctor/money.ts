import type { Holding, MandateStanding } from "../../adapters/chain/holdings.ts";
import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import { type Amount, formatAmount } from "../../kernel/money.ts";
import type { AgentConfig } from "../agent-config.ts";
import type { Desk } from "../desk/desk.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";

const DAY_S = 86_400;

/** What the configuration lets an agent commit in one deal, at most. */
export interface Appetite {
  readonly token: Address;
  readonly category: Bytes32;
  /** Price and bond of a buyer, the bond of a seller. */
  readonly exposure: Amount;
  readonly bond: Amount;
}

/** The dearest deal that a configuration may lead to in each token and category. */
export function appetitesOf({
  open,
  respond,
  accounts,
}: Pick<AgentConfig, "open" | "respond" | "accounts">): readonly Appetite[] {
  const appetites: Appetite[] = [];
  if (open !== null) {
    const { role, deal } = open.proposal;
    const bond = role === "buyer" ? deal.buyerBond : deal.sellerBond;
    const exposure = role === "buyer" ? open.strategy.limit + bond : bond;
    appetites.push({ token: deal.token, category: deal.category, exposure, bond });
  }
  if (respond !== null) {
    const { role, token, mostBond: bond, strategy } = respond;
    appetites.push({ token, category: ZERO_32, bond, exposure: role === "buyer" ? strategy.limit + bond : bond });
  }
  for (const { token, ours } of accounts?.with ?? []) {
    // One deal pays all that is owed on a running account.
    if (ours > 0n) appetites.push({ token, category: ZERO_32, bond: 0n, exposure: ours });
  }
  return dearest(appetites);
}

function dearest(appetites: readonly Appetite[]): readonly Appetite[] {
  const found = new Map<string, Appetite>();
  for (const one of appetites) {
    const key = `${one.token} ${one.category}`;
    const { exposure, bond } = found.get(key) ?? one;
    found.set(key, { ...one, exposure: most(exposure, one.exposure), bond: most(bond, one.bond) });
  }
  return [...found.values()];
}

function most(one: Amount, other: Amount): Amount {
  return one > other ? one : other;
}

/** Free balance, stake and mandate for what the configuration may lead to. */
export async function lookAtMoney(desk: Desk, appetite: Appetite): Promise<readonly Finding[]> {
  const { agent } = desk.config;
  const { token, category } = appetite;
  const name = token === ZERO_ADDRESS ? "native" : token.slice(0, 10);
  const facts = () => desk.tokens.facts(token);
  const holding = () => desk.holdings.of(agent, token);
  return await Promise.all([
    look(`free ${name}`, async () => free(await holding(), appetite, sayIn(await facts()))),
    look(`stake ${name}`, async () => staked(await holding(), appetite, sayIn(await facts()))),
    look(`mandate ${name}`, async () => {
      const { now } = await holding();
      return mandated(await mandateFor(desk, token, category), appetite, now, sayIn(await facts()));
    }),
  ]);
}

/** The mandate of the category itself, or of category 0 where none was ever set for it. */
async function mandateFor({ holdings, config }: Desk, token: Address, category: Bytes32): Promise<MandateStanding> {
  const own = await holdings.mandate(config.agent, token, category);
  return own.isSet || own.unlimited || category === ZERO_32
    ? own
    : await holdings.mandate(config.agent, token, ZERO_32);
}

type Say = (amount: Amount) => string;

function sayIn({ decimals, symbol }: TokenFacts): Say {
  return (amount) => `${formatAmount(amount, decimals)} ${symbol}`;
}

function free({ free, lockedUntil, now }: Holding, { exposure }: Appetite, say: Say) {
  if (now <= lockedUntil) {
    return bad(`the agent's money is locked until ${iso(lockedUntil)} [AgentLocked]`, "wait until the lock ends");
  }
  if (free >= exposure) return ok(`${say(free)} are free`);
  const says = `${say(free)} are free, and a deal may take ${say(exposure)}`;
  const hint = "deposit: parley treasury deposit";
  return free === 0n ? bad(says, hint) : warn(says, hint);
}

function staked({ bonded }: Holding, { bond }: Appetite, say: Say) {
  if (bonded >= bond) return ok(`${say(bonded)} are at stake`);
  return bad(
    `${say(bonded)} are at stake, and a deal may name a bond of ${say(bond)}: others refuse that [StakeTooSmall]`,
    "put it at stake: parley treasury deposit --stake, or parley treasury stake",
  );
}

function mandated({ isSet, unlimited, mandate }: MandateStanding, { exposure }: Appetite, now: number, say: Say) {
  if (unlimited) return warn("the agent may commit all it has (setUnlimited)", "set a mandate, if that isn't meant");
  if (!isSet) {
    return bad(
      "there is no mandate: its keys can commit nothing [MandateMissing]",
      "let the owner set one: parley treasury mandate",
    );
  }
  const { limit, threshold, expiry, approver } = mandate;
  if (limit === 0n)
    return bad(
      "the mandate was removed: its keys can commit nothing",
      "let the owner set one: parley treasury mandate",
    );
  if (now > expiry) return bad(`the mandate expired at ${iso(expiry)} [MandateExpired]`, "let the owner renew it");
  if (exposure > limit) {
    return warn(
      `a deal may come to ${say(exposure)}, and the mandate allows ${say(limit)} [DealLimitExceeded]`,
      "let the owner raise the limit per deal, or bargain for less: what is agreed and can't be committed costs stake",
    );
  }
  if (exposure > threshold) {
    const who = approver === ZERO_ADDRESS ? "nobody can agree" : `${approver} has to agree`;
    return warn(`above ${say(threshold)} ${who}`, "get approvals recorded before offers bind, or bargain for less");
  }
  if (expiry - now < DAY_S) return warn(`the mandate ends at ${iso(expiry)}`, "let the owner renew it");
  return ok(`up to ${say(limit)} a deal, until ${iso(expiry)}`);
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
