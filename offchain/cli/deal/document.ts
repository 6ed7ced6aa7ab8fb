import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import { formatCoin } from "../../kernel/money.ts";
import { visible } from "../../kernel/visible.ts";
import { RECEIPT_GRACE_S, STATEMENT_S } from "../../settlement/saga/plan.ts";
import { hashJson, type JsonObject } from "../../terms/canonical-json.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { accountIn } from "../../terms/payment-terms.ts";
import { standardTermsToShow } from "../../terms/standard-terms.ts";
import { quantity } from "../../transcript/evidence/sold.ts";
import { exactSpan, iso, money } from "./words.ts";

/** One side, as the registry knows it. */
export interface Party {
  readonly agent: AgentId;
  readonly wallet: Address;
  readonly owner: Address;
}

/** All that the document is made of. */
export interface Contents {
  readonly deal: Deal;
  /** The hash under which the chain or a bundle knows the deal. */
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  readonly terms: JsonObject;
  readonly buyer: Party;
  readonly seller: Party;
  readonly token: TokenFacts;
  readonly chainId: number;
  readonly settlement: Address;
}

/**
 * A deal as a document in Markdown that people can read and sign. Both hashes are computed anew: a document never says what the parties
 * have not agreed to.
 */
export function contractDocument(contents: Contents): string {
  checkHashes(contents);
  const parts = [
    heading(contents),
    parties(contents),
    subject(contents.terms),
    payment(contents),
    times(contents.deal),
  ];
  return `${[...parts, remedies(contents), identity(contents), signatures(contents)].map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function checkHashes({ deal, dealHash, terms }: Contents): void {
  const [ours, termsHash] = [hashDeal(deal), hashJson(terms)];
  if (ours !== dealHash) throw mismatch("the deal", dealHash, ours);
  if (termsHash !== deal.terms) throw mismatch("the terms", deal.terms, termsHash);
}

function heading({ dealHash, buyer, seller }: Contents): string[] {
  return [`# Contract between agent ${seller.agent} and agent ${buyer.agent}`, "", `Deal \`${dealHash}\``];
}

function parties({ buyer, seller }: Contents): string[] {
  return [
    "## 1. Parties",
    "",
    "| | agent | wallet | owner |",
    "|---|---|---|---|",
    `| Seller | ${seller.agent} | \`${seller.wallet}\` | \`${seller.owner}\` |`,
    `| Buyer | ${buyer.agent} | \`${buyer.wallet}\` | \`${buyer.owner}\` |`,
  ];
}

function subject(terms: JsonObject): string[] {
  const standard = standardTermsToShow(terms);
  if (standard === null) return ["## 2. Subject", "", "In the parties' own form:", "", ...asGiven(terms)];
  const { category, lines, levels, digest, note, personal } = standard;
  return [
    "## 2. Subject",
    "",
    `The seller supplies (category ${category}):`,
    "",
    ...lines.flatMap(({ amount, unit, what, details }) => [
      `- ${quantity(amount, unit)} ${plain(what)}`,
      ...Object.entries(details).map(([name, value]) => `  - ${name}: ${plain(value)}`),
    ]),
    ...levels.map(({ measure, bound, amount, unit }) => `- ${plain(measure)}: at ${bound} ${amount} ${unit}`),
    ...(digest === null ? [] : ["", `What is handed over has the SHA-256 \`${digest}\`.`]),
    ...(note === "" ? [] : ["", "Note:", "", ...note.split("\n").map((line) => `> ${plain(line)}`)]),
    ...(personal.length === 0 ? [] : ["", "Personal data:", ""]),
    ...personal.map(
      ({ name, purpose, consent }) =>
        `- ${plain(name)}, for ${plain(purpose)}; consent by ${plain(consent.by)} until ${iso(consent.until)}`,
    ),
  ];
}

function payment({ deal, token, terms }: Contents): string[] {
  const { price, buyerBond, sellerBond } = deal;
  return [
    "## 3. Price and bonds",
    "",
    `- The buyer pays ${sum(price, token)}.`,
    `- The buyer's bond is ${sum(buyerBond, token)}, the seller's ${sum(sellerBond, token)}.`,
    `- All of it is held in escrow from the commitment on, in ${tokenWords(token)}.`,
    ...onAccount(terms),
  ];
}

function onAccount(terms: JsonObject): string[] {
  const account = accountIn(terms);
  if (account === null) return [];
  return [
    `- Unless it is committed, the buyer pays what was delivered by an entry in the parties' running account \`${account}\`, without escrow and bonds.`,
  ];
}

function tokenWords({ token, decimals }: TokenFacts): string {
  return token === ZERO_ADDRESS ? "the chain's native coin" : `the token \`${token}\` (${decimals} decimals)`;
}

/** With the amount in smallest units, which is what counts. */
function sum(amount: bigint, token: TokenFacts): string {
  return `${plain(money(amount, token))} (${amount} in smallest units)`;
}

function times({ commitBy, deliverWithin, reviewPeriod }: Deal): string[] {
  return [
    "## 4. Times",
    "",
    `- The deal is committed to the chain by ${iso(commitBy)}, or lapses.`,
    ...(reviewPeriod === 0
      ? [
          `- The seller serves for ${exactSpan(deliverWithin)} from the commitment on, and is paid by the buyer's receipts.`,
        ]
      : [
          `- The seller delivers within ${exactSpan(deliverWithin)} of the commitment.`,
          `- The buyer accepts or disputes within ${exactSpan(reviewPeriod)} of the delivery.`,
        ]),
    "- Times go by the chain's clock; the last second of each belongs to it.",
  ];
}

function remedies({ deal }: Contents): string[] {
  const grace = exactSpan(RECEIPT_GRACE_S);
  const late =
    deal.reviewPeriod === 0
      ? `- When the time is over, the seller has ${grace} to claim receipts; then the rest of the price and both bonds return.`
      : `- Not delivered in time: ${grace} later the buyer gets back the price without receipts, and of the seller's bond the part of the price that has no receipt (all of it where the price is 0).`;
  return [
    "## 5. Remedies",
    "",
    "- Agreed and not committed by one side's fault: that side loses its bond out of its stake, a tenth of it to the other.",
    late,
    ...(deal.reviewPeriod === 0
      ? []
      : ["- Neither accepted nor disputed in time: the seller may claim the whole price.", ...disputes(deal)]),
    "- Both sides may end the deal, as long as it runs, by a split that both sign.",
  ];
}

function disputes({ arbitrator, maxFee, rulingWithin, lapseShare }: Deal): string[] {
  if (arbitrator === ZERO_ADDRESS) {
    return [
      `- Disputed: no arbitrator is named. Unless the parties agree, the seller gets ${percent(lapseShare)} of the price once the time for a ruling is over, and both bonds return.`,
    ];
  }
  return [
    `- Disputed: the buyer deposits ${formatCoin(maxFee)} (${maxFee} wei) for the arbitrator \`${arbitrator}\`; the seller answers within ${exactSpan(STATEMENT_S)}.`,
    "- The arbitrator's share counts, between what both sides have stated; who was farther from it by more than 5 % of the price loses its bond.",
    `- No ruling within ${exactSpan(STATEMENT_S + rulingWithin)} of the dispute: the seller gets ${percent(lapseShare)} of the price, and both bonds return.`,
  ];
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}

function identity({ deal, dealHash, transcript, chainId, settlement }: Contents): string[] {
  return [
    "## 6. What identifies this contract",
    "",
    `- Deal: \`${dealHash}\``,
    `- Terms: \`${deal.terms}\``,
    `- Transcript: \`${transcript}\``,
    `- Negotiation: \`${deal.negotiation}\``,
    `- Category: \`${deal.category}\``,
    `- Settlement \`${settlement}\` on chain ${chainId}`,
    "",
    "What counts is the deal of that hash. This document puts it into words.",
  ];
}

function signatures({ buyer, seller }: Contents): string[] {
  const line = (who: string) => [`${who}: ______________________________  Date: ______________`];
  return ["## 7. Signatures", "", ...line(`Seller, agent ${seller.agent}`), "", ...line(`Buyer, agent ${buyer.agent}`)];
}

/** Every member as it came, as a block that nothing in it can end: each line is indented. */
function asGiven(terms: JsonObject): string[] {
  return JSON.stringify(terms, null, 2)
    .split("\n")
    .map((line) => `    ${visible(line)}`);
}

/** What Markdown would take for more than words: marks anywhere, those of lists and headings in front, and addresses that become links. */
const MARKS = /[\\`*_{}[\]<>()#!|~&@]|^\s*[-+=]|:(?=\/\/)|(?<=www)\./gi;

/** A text of the other side's as words only: nothing in it is a heading, a link, a picture or a table's end. */
function plain(text: string): string {
  return visible(text).replace(MARKS, (mark) => mark.replace(/.$/, "\\$&"));
}

function mismatch(what: string, wanted: Bytes32, found: Bytes32): ParleyError<"TermsMismatch"> {
  return new ParleyError("TermsMismatch", `${what} that are here have the hash ${found}, and ${wanted} was agreed`, {
    hint: "do not sign: these aren't the words that were agreed; take the bundle from whoever was there",
    facts: { wanted, found },
  });
}
