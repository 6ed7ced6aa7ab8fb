import type { Amount } from "../../kernel/money.ts";
import { REFUSAL } from "../../ports/court.ts";
import { iso } from "../../transcript/evidence/examine.ts";
import { soldBy } from "../../transcript/evidence/sold.ts";
import type { Contradiction } from "./contradictions.ts";
import type { Exhibit } from "./exhibit.ts";
import type { Decision } from "./rules.ts";
import type { CaseSummary, Position } from "./summary.ts";

/**
 * A dispute told for people, a line for each thing. Much of it is quoted from the parties: whoever prints it has to take out what a
 * terminal would obey.
 */
export function tell(summary: CaseSummary, price: (amount: Amount) => string): string[] {
  const parts = [
    agreed(summary, price),
    sold(summary),
    delivered(summary, price),
    claims(summary),
    evidence(summary),
    measures(summary),
    doubts(summary),
    course(summary, price),
  ];
  return parts.filter((lines) => lines.length > 0).flatMap((lines, place) => (place === 0 ? lines : ["", ...lines]));
}

/** What the rules make of it. */
export function tellDecision(decision: Decision): string[] {
  if ("leave" in decision) return [`The rules leave it to people: ${decision.leave}.`];
  const because = decision.because.map(({ rule, because: why }) => `  by ${rule}: ${why}`);
  return [`The rules decide: ${percent(decision.decide)} to the seller`, ...because];
}

export function tellVote(vote: number): string {
  return vote === REFUSAL ? "a refusal to decide" : `${percent(vote)} to the seller`;
}

function agreed({ record }: CaseSummary, price: (amount: Amount) => string): string[] {
  const { deal, dealHash, committedAt, transcript } = record;
  return [
    `Deal ${dealHash}`,
    `  agent ${deal.buyer} buys of agent ${deal.seller} for ${price(deal.price)} (token ${deal.token})`,
    `  bonds ${price(deal.buyerBond)} of the buyer, ${price(deal.sellerBond)} of the seller`,
    `  committed at ${iso(committedAt)}, transcript ${transcript}`,
    `  to be delivered within ${deal.deliverWithin} s, reviewed within ${deal.reviewPeriod} s, ruled within ${deal.rulingWithin} s`,
    `  without a ruling the seller gets ${percent(deal.lapseShare)}; arbitrator ${deal.arbitrator}`,
  ];
}

/** Terms are shown by a bundle, or not at all: their hash says nothing of what they are. */
function sold({ terms, exhibits, record: { deal } }: CaseSummary): string[] {
  if (terms !== null) return soldBy({ terms, proposal: null });
  const isWithheld = exhibits.some(({ proven }) => proven !== null);
  return [
    `What is sold: ${isWithheld ? "the evidence withholds the terms" : "nobody has shown the terms yet"}`,
    "  ask either side for a bundle that shows them (parley evidence export, without --withhold), and give it: --bundle FILE;",
    `  they are the right ones if they have the hash ${deal.terms}`,
  ];
}

function delivered(summary: CaseSummary, price: (amount: Amount) => string): string[] {
  const { record, digest, isAsAgreed, delivered: said, receipted, deadlines } = summary;
  const { delivery } = record;
  if (delivery === null) return ["Delivered: nothing was recorded on the chain"];
  const comparison = {
    true: "which is the digest that the signed terms name",
    false: `which is NOT the digest that the signed terms name, ${digest}`,
    null: `which can't be compared: ${summary.terms === null ? "the terms aren't shown" : "the terms name no digest"}`,
  }[String(isAsAgreed) as "true" | "false" | "null"];
  const late = deadlines.flatMap(({ side, what, due, lateS }) =>
    lateS === 0 ? [] : [`  LATE: the ${side} was to ${what} by ${iso(due)}, and is ${lateS} s late`],
  );
  return [
    `Delivered at ${iso(delivery.at)}: the seller recorded ${delivery.evidence},`,
    `  ${comparison}`,
    ...said.filter((one) => one !== delivery.evidence).map((one) => `  besides, it signed a DELIVER of ${one}`),
    `  the buyer has signed receipts for ${price(receipted)} of ${price(record.deal.price)}`,
    ...(late.length === 0 ? ["  nobody is late by the chain's clock"] : late),
  ];
}

function claims({ buyer, seller, record: { claim, answer } }: CaseSummary): string[] {
  if (claim === null) return ["Claims: nothing is in dispute"];
  return [
    "Claims:",
    `  the buyer, at ${iso(claim.at)}: the seller has earned ${percent(buyer.share)}; names evidence ${claim.evidence}`,
    answer === null
      ? `  the seller has stated nothing, and counts as asking for ${percent(seller.share)}`
      : `  the seller, at ${iso(answer.at)}: ${percent(seller.share)}; names evidence ${answer.evidence}`,
    "  a ruling outside the two counts as the nearer; who is further off, by more than 5 %, loses its bond to the other",
  ];
}

function evidence({ exhibits, buyer, seller }: CaseSummary): string[] {
  if (exhibits.length === 0) return ["Evidence: none was filed"];
  return ["Evidence:", ...exhibits.map(exhibitLine), ...[silence("buyer", buyer), silence("seller", seller)].flat()];
}

function exhibitLine({ side, origin, filedAt, hash, isNamed, proven, trouble }: Exhibit): string {
  const whose = side === null ? "of neither side" : `of the ${side}`;
  const state =
    trouble !== null
      ? `NOT USED: ${trouble.says} [${trouble.code}]`
      : proven !== null
        ? `verified: ${proven.findings.signatures} signatures, all of this deal`
        : "a file that is what it is said to be; look at it yourself";
  const when = filedAt === null ? "" : `, filed at ${iso(filedAt)}`;
  return `  ${whose}${isNamed ? ", named on the chain" : ""}${when}: ${origin}${hash === null ? "" : ` (SHA-256 ${hash})`}: ${state}`;
}

/** What was measured, and whose word that is. */
function measures({ measured }: CaseSummary): string[] {
  if (measured.length === 0) return [];
  return [
    "Measured, by the word of whoever signed it, which binds nobody else:",
    ...measured.map(({ by, document, calls, failures, judgement: { says, share, unjudged } }) => {
      const left = unjudged.length === 0 ? "" : `; not told by calls: ${unjudged.join(", ")}`;
      return `  the ${by}: ${calls} calls, ${failures} failures; ${says} (${percent(share)} to the seller)${left} (readings ${document})`;
    }),
  ];
}

function silence(side: string, { exhibits, isProven }: Position): string[] {
  if (exhibits.length === 0) return [`  the ${side} has brought nothing`];
  return isProven ? [] : [`  nothing that the ${side} has brought is a bundle that verifies`];
}

function doubts({ faults, contradictions, record: { deal } }: CaseSummary): string[] {
  const name = (agent: bigint) =>
    agent === deal.buyer ? "the buyer" : agent === deal.seller ? "the seller" : "a third";
  const lines = [
    ...faults.map(({ agent, code, says }) => `  ${name(agent)}: ${code}. ${says}`),
    ...contradictions.map((one) => `  ${contradictionLine(one, name)}`),
  ];
  return lines.length === 0 ? [] : ["What speaks against a side:", ...lines];
}

function contradictionLine(one: Contradiction, name: (agent: bigint) => string): string {
  if (one.kind === "shorter") {
    return `${one.origin} lacks ${one.lacks} messages of ${name(one.agent)} that another bundle shows: it is older, or hides them`;
  }
  const [first, second] = one.kinds;
  return `${name(one.agent)} signed two messages under its number ${one.seq} (${first}, ${second}): see ${one.origins.join(" and ")}`;
}

function course({ clock, court, record: { payout } }: CaseSummary, price: (amount: Amount) => string): string[] {
  const { stage, actor, act, until, otherwise } = clock;
  const by = until === null ? "" : ` by ${iso(until)}`;
  const round = court === null ? [] : [`  the Court's dispute ${court.dispute}, round ${court.round + 1n}`];
  const paid =
    payout &&
    `  ended ${payout.outcome}: ${price(payout.toBuyer)} to the buyer, ${price(payout.toSeller)} to the seller`;
  if (actor === "nobody") return [`Now (${stage}): ${act}; ${otherwise}`, ...(paid ? [paid] : []), ...round];
  return [`Now (${stage}): ${actor} to ${act}${by}`, `  otherwise ${otherwise}`, ...round];
}

function percent(share: number): string {
  return `${share / 100} %`;
}
