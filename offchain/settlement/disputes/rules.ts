import type { AgentId } from "../../kernel/ids.ts";
import type { Role } from "../../terms/proposal.ts";
import type { CaseSummary } from "./summary.ts";

/** What a rule finds: the seller's share in basis points, and why. */
export interface Finding {
  readonly rule: string;
  readonly share: number;
  readonly because: string;
}

/** What the rules come to: a share, or that people have to look at it. */
export type Decision =
  | { readonly decide: number; readonly because: readonly Finding[] }
  | { readonly leave: string; readonly findings: readonly Finding[] };

const [NOTHING, WHOLE] = [0, 10_000];

/** Statements that are so near to each other cost nobody its bond, whatever is ruled between them. */
const TOLERANCE = 500;

/**
 * Decides the clear cases, by the chain and by what was verified against it, and leaves the rest to people. Nothing is held against a side
 * of which something that it named or filed is still missing. Rules that come to different shares decide nothing.
 */
export function decide(summary: CaseSummary): Decision {
  const findings = RULES.flatMap((rule) => {
    const found = rule(summary);
    return found === null ? [] : [found];
  });
  const [first] = findings;
  if (first === undefined) return { leave: whyUnclear(summary), findings };
  if (findings.some(({ share }) => share !== first.share)) {
    const sides = findings.map(({ rule, share }) => `${rule}: ${share / 100} %`).join("; ");
    return { leave: `the rules come to different shares (${sides})`, findings };
  }
  return { decide: first.share, because: findings };
}

type Rule = (summary: CaseSummary) => Finding | null;

/** Both own to nearly the same: the middle is within reach of both. */
const statementsMeet: Rule = ({ buyer, seller }) => {
  const distance = seller.share - buyer.share;
  if (distance < 0 || distance > TOLERANCE) return null;
  const share = Math.floor((buyer.share + seller.share) / 2);
  return found("statements-meet", share, `the two statements are ${distance / 100} % of the price apart`);
};

/** What the seller itself recorded on the chain is not what both signed for. */
const deliveredOtherThanAgreed: Rule = ({ isAsAgreed, digest, delivered, record, seller }) => {
  if (isAsAgreed !== false || digest === null || !seller.isHeard) return null;
  const recorded = record.delivery?.evidence;
  // A signed DELIVER of the agreed thing may have come before or after, and a file that the record names may explain it: for people.
  const isExplained = delivered.includes(digest) || seller.exhibits.some(({ hash }) => hash === recorded);
  if (isExplained) return null;
  return found("delivered-other-than-agreed", NOTHING, `${recorded} was recorded, and the signed terms name ${digest}`);
};

/** The buyer has signed that it owes all of it. */
const receiptedInFull: Rule = ({ receipted, record, buyer }) => {
  const { price } = record.deal;
  if (price === 0n || receipted < price || !buyer.isHeard) return null;
  return found("receipted-in-full", WHOLE, "the buyer has signed a RECEIPT for the whole price");
};

/** The record is as agreed, the seller proves its part, and all that the buyer brings is forged or of another deal. */
const onlySellerProves: Rule = ({ isAsAgreed, seller, buyer }) => {
  if (isAsAgreed !== true || !seller.isProven || buyer.isProven || !buyer.isHeard) return null;
  if (buyer.exhibits.length === 0) return null;
  const troubles = buyer.exhibits.map(({ trouble }) => trouble);
  // A file that is what it is said to be, and no bundle, such as a report or pictures: what it shows is for people.
  if (troubles.some((trouble) => trouble === null || !trouble.isFinal)) return null;
  const wrong = troubles.map((trouble) => trouble?.code).join(", ");
  return found("only-seller-proves", WHOLE, `delivered as agreed, and what the buyer brings is not good (${wrong})`);
};

/** A side that signed two different deliveries, or two different receipts, as one and the same, has forged one of them. */
const contradictsItself: Rule = (summary) => {
  const { buyer, seller } = summary.record.deal;
  const sides = new Set(forkers(summary).map((agent): Role | null => sideOf(agent, buyer, seller)));
  // Both, or none: nobody is better for it.
  if (sides.size !== 1) return null;
  const [side] = sides;
  if (side === "seller" && summary.seller.isHeard) {
    return found("contradicts-itself", NOTHING, "the seller signed two different DELIVERs under one number");
  }
  if (side === "buyer" && summary.buyer.isHeard) {
    return found("contradicts-itself", WHOLE, "the buyer signed two different RECEIPTs under one number");
  }
  return null;
};

/** What each side has measured and signed binds it: where the two come to nearly the same, the middle is within reach of both. */
const readingsMeet: Rule = (summary) => {
  const { seller, buyer } = summary;
  const [least, most] = measuredShares(summary);
  if (least === null || most === null || !seller.isHeard || !buyer.isHeard) return null;
  if (summary.measured.some(({ judgement }) => judgement.unjudged.length > 0)) return null;
  // What they state comes first: it is about all of the deal.
  if (statementsMeet(summary) !== null || Math.abs(least - most) > TOLERANCE) return null;
  const share = Math.floor((least + most) / 2);
  return found("readings-meet", share, `both have signed what they measured, which is ${share / 100} % by the middle`);
};

const RULES: readonly Rule[] = [
  statementsMeet,
  readingsMeet,
  deliveredOtherThanAgreed,
  receiptedInFull,
  onlySellerProves,
  contradictsItself,
];

/** Two offers under one number are punished by Settlement, out of the stake; they say nothing of what was delivered. */
function forkers({ contradictions, record }: CaseSummary): AgentId[] {
  return contradictions.flatMap((one) => {
    if (one.kind !== "forked") return [];
    const expected = one.agent === record.deal.seller ? "DELIVER" : "RECEIPT";
    return one.kinds.every((kind) => kind === expected) ? [one.agent] : [];
  });
}

function sideOf(agent: AgentId, buyer: AgentId, seller: AgentId): Role | null {
  if (agent === buyer) return "buyer";
  return agent === seller ? "seller" : null;
}

function whyUnclear(summary: CaseSummary): string {
  const { exhibits, buyer, seller, terms, digest, isAsAgreed } = summary;
  if (!exhibits.some(({ proven }) => proven !== null)) return "nobody has brought evidence that verifies";
  if (!buyer.isHeard) return "evidence that the buyer names or filed can't be had";
  if (!seller.isHeard) return "evidence that the seller names or filed can't be had";
  if (terms === null) return "nobody shows the terms that both signed";
  if (digest === null)
    return "the terms don't name what was to be handed over by its digest, so it has to be looked at";
  const readings = whatReadingsLeave(summary);
  if (readings !== null) return readings;
  const goods = filedGoods(summary);
  if (isAsAgreed === true && goods !== null) return goods;
  if (isAsAgreed === true) {
    return "the seller recorded what was agreed, the buyer disputes it: whether it came can't be told from signed words";
  }
  return "what was delivered has to be looked at";
}

/**
 * Nothing can be filed before the buyer has disputed, so goods in evidence show what the seller has, and never that it handed them over in
 * time: to pay for that would pay whoever withholds them until then.
 */
function filedGoods({ seller, digest, record: { claim } }: CaseSummary): string | null {
  const goods = seller.exhibits.find(({ hash, trouble }) => hash === digest && trouble === null);
  if (claim === null || goods === undefined || goods.filedAt === null) return null;
  const late = goods.filedAt - claim.at;
  return `the seller has filed the goods, ${late} s after the buyer disputed: whether they came before can't be told from that`;
}

/** What each side is bound by at most, of all that it has measured: the seller by its least, the buyer by its most. */
function measuredShares({ measured }: CaseSummary): readonly [seller: number | null, buyer: number | null] {
  const of = (side: Role) => measured.filter(({ by }) => by === side).map(({ judgement }) => judgement.share);
  const [own, others] = [of("seller"), of("buyer")];
  return [own.length === 0 ? null : Math.min(...own), others.length === 0 ? null : Math.max(...others)];
}

function whatReadingsLeave(summary: CaseSummary): string | null {
  const [seller, buyer] = measuredShares(summary);
  if (seller !== null && buyer !== null) {
    return `what the two have measured differs: ${buyer / 100} % by the buyer's readings, ${seller / 100} % by the seller's`;
  }
  const [by, share] = seller === null ? (["buyer", buyer] as const) : (["seller", seller] as const);
  if (share === null) return null;
  return `only the ${by} has measured, which comes to ${share / 100} %: that proves nothing against the other`;
}

function found(rule: string, share: number, because: string): Finding {
  return { rule, share, because };
}
