import type { Holding } from "../../adapters/chain/holdings.ts";
import { type Address, ZERO_32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { type Desk, type Hand, requireOwner, speakersOf } from "../../node/desk/desk.ts";
import type { Inclusion } from "../../ports/chain.ts";
import { iso } from "../deal/words.ts";
import * as check from "./checks.ts";

const DAY_S = 86_400;

/** One change of a treasury, all of it known. */
export interface Order {
  readonly desk: Desk;
  readonly hand: Hand;
  readonly token: Address;
  readonly amount: Amount;
  readonly to: Address;
  readonly toStake: boolean;
  /** Goes by the allowance that is there, and gives none. */
  readonly approved: boolean;
  /** What a mandate lets the keys commit within a day, and for how many days it counts. */
  readonly daily: Amount;
  readonly days: number;
  readonly say: (amount: Amount) => string;
}

/** How it is done: what is looked at, what it means, and the transaction. */
export interface TreasuryAction {
  readonly takesAmount: boolean;
  /** Throws where it would be refused. */
  readonly check: (order: Order, holding: Holding) => Promise<void>;
  readonly effect: (order: Order, holding: Holding) => string;
  readonly send: (order: Order, holding: Holding) => Promise<Inclusion>;
}

export const ACTIONS: Readonly<Record<string, TreasuryAction>> = {
  deposit: {
    takesAmount: true,
    check: checkDeposit,
    effect: ({ amount, say, toStake }) =>
      toStake
        ? `${say(amount)} are put at stake, which the agent's keys can lose`
        : `${say(amount)} become free balance`,
    send: deposit,
  },
  withdraw: {
    takesAmount: true,
    check: async (order, holding) => {
      await ownersOnly(order);
      check.requireRecipient(order.to, order.desk.config.deployment.settlement);
      check.requireUnlocked(holding);
      check.requireFree(holding, order.amount, order.say);
    },
    effect: ({ amount, to, say }, { free }) => `${say(amount)} go to ${to}; ${say(free - amount)} stay free`,
    send: ({ desk, hand, token, to, amount }) =>
      hand.operator.withdraw(desk.config.deployment, desk.config.agent, token, to, amount),
  },
  stake: {
    takesAmount: true,
    check: async (order, holding) => {
      await ownersOnly(order);
      check.requireUnlocked(holding);
      check.requireFree(holding, order.amount, order.say);
    },
    effect: ({ amount, say }, { bonded }) =>
      `${say(bonded + amount)} are at stake then, which the agent's keys can lose; it comes back a week after unstake`,
    send: ({ desk, hand, token, amount }) =>
      hand.operator.stake(desk.config.deployment, desk.config.agent, token, amount),
  },
  unstake: {
    takesAmount: true,
    check: async (order, holding) => {
      await ownersOnly(order);
      check.requireBonded(holding, order.amount, order.say);
    },
    effect: ({ amount, say }, { leaving }) =>
      `${say(amount)} can be released in a week, and be lost until then${
        leaving === 0n ? "" : `; for the ${say(leaving)} that are leaving already the week begins anew`
      }`,
    send: ({ desk, hand, token, amount }) =>
      hand.operator.unstake(desk.config.deployment, desk.config.agent, token, amount),
  },
  release: {
    takesAmount: false,
    check: async (order, holding) => {
      await ownersOnly(order);
      check.requireReleasable(holding, order.say);
    },
    effect: ({ say }, { leaving }) => `${say(leaving)} become free balance`,
    send: ({ desk, hand, token }) => hand.operator.release(desk.config.deployment, desk.config.agent, token),
  },
  mandate: {
    takesAmount: true,
    check: async (order) => {
      await ownersOnly(order);
      const { holdings, config } = order.desk;
      check.requireLimited(await holdings.mandate(config.agent, order.token, ZERO_32));
    },
    effect: (order, holding) =>
      `the agent's keys may commit ${order.say(order.amount)} in a deal and ${order.say(order.daily)} within a day, until ${iso(
        expiryOf(order, holding),
      )}, in place of what they may now`,
    send: (order, holding) => {
      const { desk, hand, token, amount, daily } = order;
      const expiry = expiryOf(order, holding);
      const mandate = { limit: amount, budget: daily, threshold: amount, expiry, approver: ZERO_ADDRESS };
      return hand.operator.setMandate(desk.config.deployment, desk.config.agent, token, mandate);
    },
  },
};

/** By the chain's clock, which is the one that the mandate is judged by. */
function expiryOf({ days }: Order, { now }: Holding): number {
  return now + days * DAY_S;
}

async function ownersOnly({ desk, hand }: Order): Promise<void> {
  const { agent } = desk.config;
  requireOwner(agent, await speakersOf(desk, agent), hand.address);
}

async function checkDeposit({ desk, hand, token, amount, approved, say }: Order): Promise<void> {
  const { agent, deployment } = desk.config;
  const [held] = await Promise.all([desk.tokens.balance(token, hand.address), speakersOf(desk, agent)]);
  check.requireHeld(held, amount, hand.address, say);
  if (!approved || token === ZERO_ADDRESS) return;
  const { settlement } = deployment;
  check.requireAllowance(await desk.tokens.allowance(token, hand.address, settlement), amount, settlement, say);
}

/** Approves no more than what is missing, so that nothing is left that Settlement could take. */
async function deposit({ desk, hand, token, amount, toStake, say }: Order): Promise<Inclusion> {
  const { agent, deployment } = desk.config;
  const { settlement } = deployment;
  const { operator, address } = hand;
  if (token !== ZERO_ADDRESS) {
    const allowance = await desk.tokens.allowance(token, address, settlement);
    if (allowance < amount) {
      // Some tokens take no new allowance in the place of another, such as one that an earlier attempt has left.
      if (allowance > 0n) await operator.approve(settlement, token, 0n);
      await operator.approve(settlement, token, amount);
      check.requireAllowance(await desk.tokens.allowance(token, address, settlement), amount, settlement, say);
    }
  }
  return await operator.depositApproved(settlement, agent, token, amount, toStake);
}
