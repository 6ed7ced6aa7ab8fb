import type { AgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Message } from "../../terms/message.ts";
import type { WithheldOpen } from "../verify.ts";
import { type Findings, iso, type Speaker } from "./examine.ts";
import { soldBy } from "./sold.ts";

/**
 * What a bundle proves, told for people, a line for each thing. `price` writes an amount of the deal's token; notes are quoted as they
 * came, so whoever prints the lines has to take out what a terminal would obey.
 */
export function accountOf(findings: Findings, price: (amount: Amount) => string): string[] {
  const parts = [
    who(findings),
    soldBy(findings),
    course(findings, price),
    chain(findings, price),
    doubts(findings),
    faults(findings),
  ];
  return parts.filter((lines) => lines.length > 0).flatMap((lines, place) => (place === 0 ? lines : ["", ...lines]));
}

function who({ negotiation, opener, responder, signatures, terms, proposal }: Findings): string[] {
  return [
    `Negotiation ${negotiation}`,
    `  opened by ${introduce(opener)}`,
    `  joined by ${introduce(responder)}`,
    `  ${signatures} signatures, all of them good for the keys that these certificates name`,
    `  proposal ${proposal === null ? "withheld" : "shown"}, terms ${terms === null && proposal === null ? "withheld" : "shown"}`,
  ];
}

function introduce({ agent, wallet, certificate: { key }, standing }: Speaker): string {
  const by = wallet === null ? "certified by no signature" : `certified by wallet ${wallet}`;
  const judged = {
    confirmed: "which is its wallet, by the chain",
    claimed: "which is its wallet, as the file claims: not checked (use --rpc)",
    refuted: "which is NOT its wallet in its present epoch",
    unknown: "which nobody has compared with the registry",
  }[standing];
  return `agent ${agent}, ${by} in epoch ${key.epoch}, ${judged}`;
}

function course({ course: said, opener }: Findings, price: (amount: Amount) => string): string[] {
  const begin = said[0]?.envelope.sentAt ?? 0;
  return said.map((message) => {
    const { agent, sentAt } = message.envelope;
    const at = `${(sentAt - begin).toLocaleString("en")} ms`.padStart(12);
    return `${at}  ${agent === opener.agent ? "opener   " : "responder"}  ${words(message, price)}`;
  });
}

function words({ body }: Message | WithheldOpen, price: (amount: Amount) => string): string {
  switch (body.kind) {
    case "OPEN":
      return `OPEN     to agent ${body.responder}`;
    case "JOIN":
      return "JOIN";
    case "OFFER":
      return `OFFER    ${price(body.deal.price)}`;
    case "ACCEPT":
      return `ACCEPT   deal ${body.deal}`;
    case "END":
      return `END      ${body.code}${body.note === "" ? "" : `: ${body.note}`}`;
    case "DELIVER":
      return `DELIVER  evidence ${body.evidence}`;
    case "RECEIPT":
      return `RECEIPT  ${price(body.total)} owed in all`;
    case "CANCEL":
      return `CANCEL   ${price(body.toSeller)} to the seller, if both sign`;
    case "DISPUTE":
      return `DISPUTE  owns to ${body.share / 100} % for the seller`;
  }
}

function chain({ agreement, chain: account, source }: Findings, price: (amount: Amount) => string): string[] {
  if (agreement === null) return ["Nothing was agreed: no ACCEPT names an offer of the other side."];
  const { deal, transcript } = agreement;
  const agreed = [
    `Agreed: agent ${deal.buyer} buys of agent ${deal.seller} for ${price(deal.price)}; transcript ${transcript}`,
    `  bonds ${price(deal.buyerBond)} of the buyer, ${price(deal.sellerBond)} of the seller; to be committed by ${iso(deal.commitBy)}`,
  ];
  if (account === null)
    return [...agreed, "  The chain was not asked: an agreement is a claim, a deal exists once it is committed."];
  return [...agreed, ...standing(account, source, price)];
}

/** Where the file's account doesn't fit. */
export function doubts({ discrepancies }: Findings): string[] {
  const words = { contradicted: "NOT TRUE", missing: "MISSING", changed: "changed since" };
  return discrepancies.map(({ at, kind, says }) => `${words[kind]}: ${at}: ${says}`);
}

function standing(
  { asOf, position, committed, payout }: NonNullable<Findings["chain"]>,
  source: Findings["source"],
  price: (amount: Amount) => string,
): string[] {
  const by = source === "chain" ? "The chain" : "The chain, as the file claims (not checked; use --rpc)";
  const lines = [`${by}, as of ${iso(asOf)}:`];
  if (position === null || position.status === "None") return [...lines, "  never committed"];
  if (!position.ours) lines.push("  another deal of this negotiation was committed instead");
  if (committed !== null) lines.push(`  committed at ${price(committed.price)}, transcript ${committed.transcript}`);
  lines.push(`  ${position.status.toLowerCase()} since ${iso(position.since)}`);
  if (payout !== null) {
    const { outcome, toBuyer, toSeller } = payout;
    lines.push(`  ${outcome.toLowerCase()}: ${price(toBuyer)} to the buyer, ${price(toSeller)} to the seller`);
  }
  return lines;
}

function faults({ faults: found, unproven }: Findings): string[] {
  const beside =
    unproven === 0 ? [] : [`${unproven} frames beside the transcript are signed by neither side and prove nothing.`];
  if (found.length === 0) return ["No fault is proven against either side.", ...beside];
  const lines = found.map(({ agent, code, says, onChain }) => {
    return `  ${nameOf(agent)}: ${code}. ${says}${onChain ? " (Settlement judges this)" : ""}`;
  });
  return ["At fault:", ...lines, ...beside];
}

function nameOf(agent: AgentId): string {
  return `agent ${agent}`;
}
