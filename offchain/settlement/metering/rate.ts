import type { Amount } from "../../kernel/money.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import type { Deal } from "../../terms/deal.ts";
import { readStandardTerms } from "../../terms/standard-terms.ts";

/** What a metered deal agrees on, as far as counting goes. */
export interface Rate {
  readonly unitPrice: Amount;
  readonly everyCalls: number;
  readonly everySeconds: number;
  /** Of all calls together. */
  readonly price: Amount;
  /** So many calls may fail, and be made again, besides those that are paid for; without it any number. */
  readonly mostRepeats?: number;
}

/** The rate of a metered deal; null for a deal of another kind, or whose terms don't say how it is counted. */
export function rateOf(deal: Pick<Deal, "price" | "reviewPeriod">, terms: JsonObject | null): Rate | null {
  if (deal.reviewPeriod !== 0 || terms === null) return null;
  const delivery = readStandardTerms(terms)?.delivery ?? null;
  if (delivery?.by !== "meter") return null;
  const { unitPrice, everyCalls, everySeconds } = delivery;
  return { unitPrice, everyCalls, everySeconds, price: deal.price };
}

/** How many calls the price pays for. */
export function mostCalls({ price, unitPrice }: Rate): number {
  return Number(price / unitPrice);
}

/** How many calls are made in all, whatever comes of them. */
export function mostAttempts(rate: Rate): number {
  return mostCalls(rate) + (rate.mostRepeats ?? Number.POSITIVE_INFINITY);
}

/** How many calls an amount pays for. */
export function callsPaidBy(total: Amount, { unitPrice }: Rate): number {
  return Number(total / unitPrice);
}

/** What so many calls cost in all; never more than the price. */
export function totalFor(calls: number, { unitPrice, price }: Rate): Amount {
  const total = BigInt(calls) * unitPrice;
  return total < price ? total : price;
}
