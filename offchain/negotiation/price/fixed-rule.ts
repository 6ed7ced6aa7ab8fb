import type { Amount } from "../../kernel/money.ts";
import type { Role } from "../../terms/proposal.ts";
import { bad } from "../strategies/parameters.ts";
import { sumOfConcessions } from "../strategies/steps.ts";
import { atLeastAsGood, type PriceMove, type PriceTurn } from "./move.ts";
import { situationOf } from "./turns.ts";

/**
 * What a company would write down: a buyer opens at a discount off the list price and climbs towards it, a seller opens at the list price
 * and gives way towards the discount; so many counter-offers, each conceding a little less than the one before, and then no more.
 */
export interface FixedRule {
  readonly kind: "fixed-rule";
  readonly list: Amount;
  /** How far below the list price, from 0 exclusive to 1. */
  readonly discount: number;
  /** How many counter-offers follow the opening. */
  readonly counters: number;
  /** The first concession, as a share of the list price. */
  readonly step: number;
  /** How much smaller each concession is than the one before. */
  readonly shrink: number;
  /** The worst price that it takes, and never crosses. */
  readonly limit: Amount;
}

/** Shares of the list price are kept in billionths, so that prices stay integers throughout. */
const SCALE = 1_000_000_000;
const MOST_COUNTERS = 1_000;

/** The price of the opening, 0, or of a counter-offer, from 1. */
function rulePrice({ list, discount, step, shrink, limit }: FixedRule, role: Role, counter: number): Amount {
  const given = step * sumOfConcessions(counter, shrink);
  const share = role === "buyer" ? Math.min(1, 1 - discount + given) : Math.max(1 - discount, 1 - given);
  const price = (list * BigInt(Math.round(share * SCALE))) / BigInt(SCALE);
  return atLeastAsGood(role, price, limit) ? price : limit;
}

export function decideByRule(rule: FixedRule, turn: PriceTurn): PriceMove {
  const { role, offers } = turn;
  const { theirs, mayOffer } = situationOf(turn);
  const made = Math.floor(offers.length / 2);
  const price = rulePrice(rule, role, Math.min(made, rule.counters));
  if (theirs !== null && atLeastAsGood(role, theirs, price)) {
    return { say: "accept", reason: `${theirs} is as good as its own ${price}` };
  }
  if (made > rule.counters)
    return { say: "end", reason: `${rule.counters} counter-offers are made, and no more follow` };
  if (!mayOffer) return { say: "end", reason: `no offer may be made any more, and it would ask for ${price}` };
  const place = made === 0 ? "opens" : `counter-offer ${made} of ${rule.counters}`;
  return { say: "offer", price, reason: `${place}: ${price}` };
}

/** Throws `BadStrategy` where a rule contradicts itself or the role. */
export function checkRule(rule: FixedRule, role: Role): void {
  const { list, discount, counters, step, shrink, limit } = rule;
  if (list <= 0n) throw bad("list", `a list price of ${list} is none`);
  if (!(discount > 0 && discount <= 1)) throw bad("discount", `a discount of ${discount} is not above 0 and up to 1`);
  if (!(Number.isInteger(counters) && counters >= 0 && counters <= MOST_COUNTERS)) {
    throw bad("counters", `${counters} is no number of counter-offers from 0 to ${MOST_COUNTERS}`);
  }
  if (!(step >= 0 && step <= 1)) throw bad("step", `a step of ${step} is not from 0 to 1`);
  if (!(shrink >= 0 && shrink <= 1)) throw bad("shrink", `concessions can't shrink by ${shrink}, only by 0 to 1`);
  const opening = rulePrice({ ...rule, limit: role === "buyer" ? list : 0n }, role, 0);
  if (!atLeastAsGood(role, opening, limit)) {
    throw bad("limit", `a ${role} that opens at ${opening} is past its limit of ${limit}`);
  }
}
