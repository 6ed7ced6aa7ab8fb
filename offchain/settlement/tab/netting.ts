import { ParleyError } from "../../kernel/errors.ts";
import { type AgentId, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { canonicalJson, hashJson, type JsonObject } from "../../terms/canonical-json.ts";
import { digestIn } from "../../terms/delivery-terms.ts";
import type { DealTemplate, Proposal } from "../../terms/proposal.ts";
import { balanceOf, isEnded, type Line, type TabState, totalOf } from "./state.ts";
import type { TabTerms } from "./terms.ts";

/** What is left to pay once both sides have closed an account. */
export interface Netting {
  readonly debtor: AgentId;
  readonly creditor: AgentId;
  readonly amount: Amount;
  /** Names the account as it was closed: both sides' totals and newest entries. It is the evidence of the deal that pays it. */
  readonly statement: Bytes32;
}

const STATEMENT = "parley tab statement 1";

/** When the deal that pays an account has to be made, and done with. */
export interface NettingTimes {
  readonly commitBy: number;
  readonly deliverWithin: number;
  /** Not 0: a metered deal has no evidence. */
  readonly reviewPeriod: number;
}

/** What a closed account comes to; null where neither owes the other anything. Throws `TabOpen` while one side can still sign. */
export function nettingOf(state: TabState): Netting | null {
  const { ours, theirs, id } = state;
  for (const line of [ours, theirs]) {
    if (isEnded(line)) continue;
    throw new ParleyError("TabOpen", `agent ${line.agent} has not closed the account`, {
      hint: "close it on both sides, and hear the other's last entry",
    });
  }
  const balance = balanceOf(state);
  if (balance === 0n) return null;
  const [debtor, creditor] = balance > 0n ? [ours, theirs] : [theirs, ours];
  const lines = ours.agent < theirs.agent ? [ours, theirs] : [theirs, ours];
  const statement = hashJson({ kind: STATEMENT, tab: id, sides: lines.map(sideOf) });
  return {
    ...{ debtor: debtor.agent, creditor: creditor.agent, statement },
    amount: balance > 0n ? balance : -balance,
  };
}

/**
 * What to open a negotiation with that pays an account: the debtor buys, at the balance and not a unit more or less, what the creditor has
 * delivered already. So it asks for no bonds and no arbitrator; the delivery's evidence is the statement, and the buyer accepts that.
 */
export function nettingProposal(
  { statement, debtor }: Netting,
  { token }: Pick<TabTerms, "token">,
  opener: AgentId,
  { commitBy, deliverWithin, reviewPeriod }: NettingTimes,
  salt: Bytes32,
): Proposal {
  if (reviewPeriod === 0) throw new ParleyError("BadTab", "the deal that pays an account needs time to be accepted in");
  return {
    role: opener === debtor ? "buyer" : "seller",
    protocol: { name: "alternating-offers", rounds: 1 },
    deal: {
      ...{ token, buyerBond: 0n, sellerBond: 0n, commitBy, deliverWithin, reviewPeriod },
      ...{ arbitrator: ZERO_ADDRESS, maxFee: 0n, rulingWithin: 0, lapseShare: 0, category: ZERO_32 },
    },
    terms: { pays: STATEMENT, digest: statement, salt },
  };
}

/** The statement that terms pay; null where they pay none. */
export function statementIn(terms: JsonObject): Bytes32 | null {
  return terms["pays"] === STATEMENT ? digestIn(terms) : null;
}

/** Why a proposal is not the one that pays this account, as its debtor opens it; null where it is. */
export function nettingObjection(
  { role, deal, terms }: Proposal,
  netting: Netting,
  { token }: Pick<TabTerms, "token">,
) {
  const { statement, debtor } = netting;
  const { commitBy, deliverWithin, reviewPeriod } = deal;
  const times = { commitBy, deliverWithin, reviewPeriod };
  if (role !== "buyer") return "the debtor buys";
  if (reviewPeriod === 0) return "it has no time to be accepted in";
  const salt = terms["salt"] as Bytes32;
  const wanted = nettingProposal(netting, { token }, debtor, times, salt);
  if (canonicalJson(terms) !== canonicalJson(wanted.terms)) return `its terms aren't those that pay ${statement}`;
  const names = Object.keys(wanted.deal) as (keyof DealTemplate)[];
  const other = names.find((name) => deal[name] !== wanted.deal[name]);
  return other === undefined ? null : `its \`${other}\` is ${deal[other]}, and not ${wanted.deal[other]}`;
}

function sideOf(line: Line) {
  return { agent: line.agent.toString(), total: totalOf(line).toString(), last: line.entries.at(-1)?.hash ?? ZERO_32 };
}
