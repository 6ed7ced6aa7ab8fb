import type { Amount } from "../kernel/money.ts";
import { type ActGas, type GasPrice, gasCost } from "./gas-cost.ts";

/**
 * How a payment can go.
 * - `escrow`: a deal for each part, delivered, reviewed and accepted; nobody has to trust anybody.
 * - `metered`: one deal for all parts, the money in escrow, a receipt for each part and one claim; one part is always on trust.
 * - `ledger`: no deal, but an entry in a running account that is settled later; all of it is on trust.
 */
export type Rail = "escrow" | "metered" | "ledger";

/** From the safest to the cheapest. */
export const RAILS: readonly Rail[] = ["escrow", "metered", "ledger"];

export interface Payment {
  /** All of it, in the token's smallest unit. */
  readonly value: Amount;
  /** In how many parts it can be delivered and paid: milestones, calls, intervals. */
  readonly parts: number;
  /** By which rails it can go besides escrow; by all where it isn't said. */
  readonly rails?: readonly Rail[];
}

/** What either side lets the other owe without security. */
export interface Trust {
  readonly limit: Amount;
  /** How much of it is used up already. */
  readonly used: Amount;
}

export interface Market {
  readonly gas: ActGas;
  readonly price: GasPrice;
  /** Most that gas may cost of a value, in basis points, before a cheaper rail is looked for. */
  readonly mostShare: number;
}

export interface Choice {
  readonly rail: Rail;
  /** What gas costs on it, in the deal's token. */
  readonly cost: Amount;
  /** The same as part of the value, in basis points, rounded up; infinite where that is nothing. */
  readonly costShare: number;
  /** Why this one, in a sentence. */
  readonly because: string;
}

/**
 * The safest rail whose gas is worth its while. Where none is, the cheapest of those that trust allows: escrow always is. So a larger
 * value never goes by a less safe rail, and nothing above the limit is ever on trust.
 */
export function chooseRail(payment: Payment, trust: Trust, market: Market): Choice {
  const { rails = RAILS } = payment;
  const isAllowed = (rail: Rail) => rails.includes(rail) && onTrust(rail, payment) + trust.used <= trust.limit;
  const allowed = RAILS.filter((rail) => rail === "escrow" || isAllowed(rail));
  const choices = allowed.map((rail) => ({ rail, cost: costOf(rail, payment, trust, market) }));
  const [escrow] = choices as [(typeof choices)[0]];
  const worthwhile = choices.find(({ cost }) => cost * 10_000n <= payment.value * BigInt(market.mostShare));
  const chosen = worthwhile ?? choices.reduce((best, one) => (one.cost < best.cost ? one : best));
  const because = explain(chosen.rail, worthwhile !== undefined, escrow.cost, allowed.length);
  return { ...chosen, costShare: shareOf(chosen.cost, payment.value), because };
}

/** What one side has given, and the other not yet signed for, at the most. */
export function onTrust(rail: Rail, { value, parts }: Payment): Amount {
  if (rail === "escrow") return 0n;
  return rail === "ledger" ? value : ceilOf(value, BigInt(Math.max(1, parts)));
}

/** What the gas of a payment costs on a rail, in its token. */
export function costOf(rail: Rail, { value, parts }: Payment, trust: Trust, { gas, price }: Market): Amount {
  const deal = gas.commit + gas.deliver + gas.accept;
  if (rail === "escrow") return gasCost(BigInt(Math.max(1, parts)) * deal, price);
  if (rail === "metered") return gasCost(gas.commit + gas.claimReceipt, price);
  // The account is settled by one deal each time the limit is reached, so a payment bears its part of that.
  return trust.limit === 0n ? 0n : ceilOf(gasCost(deal, price) * value, trust.limit);
}

function explain(rail: Rail, isWorthwhile: boolean, escrow: Amount, allowed: number): string {
  const than = `gas of ${escrow} for escrow would be too much of it`;
  if (rail === "escrow") {
    if (isWorthwhile) return "its value bears the gas of escrow, where nobody has to trust anybody";
    const none =
      allowed === 1 ? "none other is within the trust between the two, or can be had" : "no other rail costs less";
    return `${than}, but ${none}`;
  }
  const on =
    rail === "metered" ? "one part of it can be on trust, and its money is in escrow" : "all of it can be on trust";
  return isWorthwhile ? `${than}; ${on}` : `no rail is worth its gas, and this is the cheapest: ${on}`;
}

function shareOf(cost: Amount, value: Amount): number {
  return value === 0n ? Number.POSITIVE_INFINITY : Number(ceilOf(cost * 10_000n, value));
}

function ceilOf(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
