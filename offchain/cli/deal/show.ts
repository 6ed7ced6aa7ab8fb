import { ZERO_ADDRESS } from "../../kernel/ids.ts";
import { formatCoin } from "../../kernel/money.ts";
import { visible } from "../../kernel/visible.ts";
import type { DealView } from "../../node/desk/deal-view.ts";
import type { Deal } from "../../terms/deal.ts";
import { parseFlags } from "../args.ts";
import { EXIT } from "../command.ts";
import { jsonOf } from "../json-of.ts";
import { print } from "../screen.ts";
import { PICK, pickDeal } from "./pick.ts";
import { iso, money, span } from "./words.ts";

export async function showDeal(args: readonly string[]): Promise<number> {
  const flags = parseFlags("deal", args, PICK);
  const { view } = await pickDeal(flags);
  if (flags.json) print(jsonOf({ ...view, found: undefined, ...history(view) }));
  else for (const line of linesOf(view)) print(visible(line));
  return EXIT.ok;
}

function history({ found }: DealView) {
  if (found === null) return { history: [], evidence: null, payout: null, defaulted: null };
  const { history, evidence, payout, defaulted } = found;
  return { history, evidence, payout, defaulted };
}

function linesOf(view: DealView): string[] {
  const { dealHash, transcript, role, counterparty, status, since, deal } = view;
  return [
    `deal        ${dealHash}`,
    `transcript  ${transcript}`,
    `parties     you are the ${role}, with agent ${counterparty}`,
    `status      ${status === "None" ? "not committed" : status}${since === 0 ? "" : ` since ${iso(since)}`}`,
    ...(deal === null ? ["            no transaction has shown all of it (--bundle does)"] : dealLines(view, deal)),
    ...disputeLines(view),
    ...endLines(view),
    ...turnLines(view),
    ...historyLines(view),
  ];
}

function dealLines({ token, position, found }: DealView, deal: Deal): string[] {
  const escrow = deal.price + deal.buyerBond + deal.sellerBond - (position?.received ?? 0n);
  const isHeld = ["Committed", "Delivered", "Disputed"].includes(position?.status ?? "");
  return [
    `price       ${money(deal.price, token)}   (token ${token.token})`,
    `bonds       buyer ${money(deal.buyerBond, token)}, seller ${money(deal.sellerBond, token)}`,
    ...(isHeld ? [`escrow      ${money(escrow, token)}`] : []),
    ...(position === null ? [] : [`receipts    ${money(position.received, token)} paid so far`]),
    `times       commit by ${iso(deal.commitBy)}, deliver within ${span(deal.deliverWithin)}, ${review(deal)}`,
    `arbitrator  ${arbitrator(deal)}`,
    `terms       ${deal.terms} (in words: parley deal contract)`,
    ...(found === null || found.evidence === null ? [] : [`evidence    ${found.evidence}`]),
  ];
}

function review({ reviewPeriod }: Deal): string {
  return reviewPeriod === 0 ? "metered (paid by receipts)" : `review ${span(reviewPeriod)}`;
}

function arbitrator({ arbitrator, maxFee, rulingWithin, lapseShare }: Deal): string {
  if (arbitrator === ZERO_ADDRESS) return "nobody";
  return `${arbitrator}, fee at most ${formatCoin(maxFee)}, rules within ${span(rulingWithin)}, else ${lapseShare / 100} % to the seller`;
}

function disputeLines({ position }: DealView): string[] {
  if (position?.declaration) {
    const { declarer, cureUntil } = position.declaration;
    return [`declared    by agent ${declarer}; it can be made good until ${iso(cureUntil)}`];
  }
  if (!position?.dispute) return [];
  const { buyerShare, sellerShare, answered, referred, ruled, rulingUntil } = position.dispute;
  const states = `buyer owns to ${buyerShare / 100} %, seller asks for ${sellerShare / 100} %${answered ? "" : " (no answer yet)"}`;
  const stage = ruled ? "ruled" : referred ? "with the arbitrator" : "not referred";
  return [`dispute     ${states}; ${stage}, a ruling counts until ${iso(rulingUntil)} (more: parley dispute show)`];
}

function endLines({ found, token }: DealView): string[] {
  if (found === null) return [];
  if (found.defaulted !== null) return [`ended       agent ${found.defaulted} defaulted`];
  if (found.payout === null) return [];
  const { outcome, toBuyer, toSeller } = found.payout;
  return [`ended       ${outcome}: ${money(toBuyer, token)} to the buyer, ${money(toSeller, token)} to the seller`];
}

function turnLines({ turn, position, acts, role }: DealView): string[] {
  if (turn === null || position === null) return [];
  const by = turn.until === null ? "" : `, until ${iso(turn.until)} (${span(turn.until - position.now)})`;
  const who = turn.who === role ? "you" : turn.who;
  return [
    `next        ${who}: ${turn.does}${by}`,
    `you can     ${acts.length === 0 ? "do nothing now" : acts.map((act) => `parley deal ${act}`).join(", ")}`,
  ];
}

function historyLines({ found }: DealView): string[] {
  if (found === null) return [];
  return found.history.map(
    ({ what, at, transaction }, place) =>
      `${place === 0 ? "history   " : "          "}  ${iso(at)}  ${what.padEnd(14)} ${transaction}`,
  );
}
