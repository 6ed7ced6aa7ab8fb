import type { AgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { PriceStrategy } from "../../negotiation/price/strategy.ts";
import { MEASURED_GAS } from "../../settlement/gas-cost.ts";
import { type Choice, chooseRail } from "../../settlement/rails.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import { digestIn } from "../../terms/delivery-terms.ts";
import { accountIn } from "../../terms/payment-terms.ts";
import type { DealTemplate, Proposal, Role } from "../../terms/proposal.ts";
import { readStandardTerms } from "../../terms/standard-terms.ts";
import type { OpenConfig } from "../agent-config.ts";
import type { GasPrices } from "../claim-cost.ts";
import type { Account } from "./account.ts";

/** As long as a deal is under way its account isn't paid: who owes must not have the other side wait for years. */
const MOST_DELIVER_S = 7 * 24 * 60 * 60;

/** Why deals of such terms go by the chain, whatever accounts there are; null where they needn't. */
function chainOnly(
  { reviewPeriod, deliverWithin }: Pick<DealTemplate, "reviewPeriod" | "deliverWithin">,
  terms: JsonObject,
): string | null {
  if (reviewPeriod === 0) return "metered deals go by the chain";
  if (deliverWithin > MOST_DELIVER_S)
    return `deals that leave more than ${MOST_DELIVER_S} s to deliver go by the chain`;
  const standard = readStandardTerms(terms);
  // Its time begins with the delivery that the chain records.
  if (standard?.delivery?.by === "access") return "access goes by the chain";
  // It is disclosed once the deal is on the chain, where nobody can say that there was none.
  if ((standard?.personal.length ?? 0) > 0) return "deals that take personal data go by the chain";
  // Nobody else could say whether what was delivered is to be signed for.
  return digestIn(terms) === null ? "deals that name no digest of what is delivered go by the chain" : null;
}

/** Why a deal can't be agreed to be paid on an account; null where it can. */
export function accountObjection(
  { deal, terms }: Pick<Proposal, "deal" | "terms">,
  account: Account | undefined,
): string | null {
  const named = accountIn(terms);
  if (named === null) return null;
  if (account === undefined || account.token !== deal.token)
    return "there is no account with this agent in this token here";
  if (account.id !== named) return `the account with this agent is ${account.id} here`;
  return account.closing ?? chainOnly(deal, terms);
}

export interface Opening {
  readonly account: Account;
  readonly self: AgentId;
  readonly gasPrice: GasPrices;
  readonly mostShare: number;
}

/**
 * Whether what is to be opened goes on account: null where that is no question. What it may cost at most has to have room, so no price
 * that is bargained for comes to be too large for it.
 */
export async function chooseFor(
  { proposal, strategy }: Pick<OpenConfig, "proposal" | "strategy">,
  { account, self, gasPrice, mostShare }: Opening,
): Promise<Choice | null> {
  const { deal, terms, role } = proposal;
  if (terms["payment"] !== undefined || chainOnly(deal, terms) !== null) return null;
  const price = await gasPrice(deal.token);
  if (price === null) return null;
  const debtor = role === "buyer" ? self : account.config.agent;
  const limit = role === "buyer" ? account.config.ours : account.config.theirs;
  // Of an account that the other side hasn't named it isn't known whether it keeps it.
  const isUsable = account.closing === null && account.newest.isAssured;
  const room = isUsable ? account.room(debtor) : 0n;
  const value = mostOf(strategy, role);
  const trust = { limit, used: limit - (room > limit ? limit : room) };
  return chooseRail({ value, parts: 1, rails: ["ledger"] }, trust, { gas: MEASURED_GAS, price, mostShare });
}

/** The same proposal, to be paid on an account. */
export function onAccount(proposal: Proposal, { id }: Account): Proposal {
  return { ...proposal, terms: { ...proposal.terms, payment: { by: "account", account: id } } };
}

/** The highest price that may come of a strategy: a buyer's limit; of a seller what it asks for first. */
function mostOf(strategy: PriceStrategy, role: Role): Amount {
  if (role === "buyer") return strategy.limit;
  return "from" in strategy ? strategy.from : "list" in strategy ? strategy.list : strategy.limit;
}
