import type { AgentAuthority, CommittedDeal, Payout } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import type { Message } from "../../terms/message.ts";
import { agreementCommitted, type VerifiedAgreement, type WithheldOpen } from "../verify.ts";
import type { ChainAccount } from "./bundle.ts";

/** Where what a file says of the chain doesn't fit the messages, or the chain. */
export interface Discrepancy {
  /** Which member of the file it is about. */
  readonly at: string;
  /**
   * `contradicted`: it can't be so, and never was. `missing`: it can be so, but the messages that belong to it aren't in the file.
   * `changed`: it can have been so then, and isn't now.
   */
  readonly kind: "contradicted" | "missing" | "changed";
  readonly says: string;
}

/** What of a negotiation was verified. */
export interface Proven {
  readonly agreements: readonly VerifiedAgreement[];
  readonly course: readonly (Message | WithheldOpen)[];
}

/** How far a node's newest block may be behind another's, in seconds. */
const LAG_S = 300;

/** Holds what a file says of the chain against what is signed in it. Nobody has to be asked for that. */
export function againstMessages(account: ChainAccount, { agreements, course }: Proven): Discrepancy[] {
  const { committed, position, payout } = account;
  const agreement = agreementCommitted(agreements, committed);
  const offers = course.flatMap(({ body }) => (body.kind === "OFFER" ? [body.deal] : []));
  const found = committed === null ? [] : judgeCommitted(committed, account, agreements, offers);
  if (committed === null && position !== null && position.ours && agreement === null) {
    found.push(contradicted("chain.position", "a deal stands by it, and the messages agree to none"));
  }
  if (payout === null) return found;
  if (position?.status !== "Settled") {
    found.push(contradicted("chain.payout", "it tells of a payout, and `chain.position` of no settled deal"));
  }
  const paid = committed === null ? agreement?.deal : offers.find((deal) => hashDeal(deal) === committed.dealHash);
  return paid === undefined ? found : [...found, ...judgePayout(paid, payout, course)];
}

function judgeCommitted(
  { dealHash, transcript, price }: CommittedDeal,
  { position }: ChainAccount,
  agreements: readonly VerifiedAgreement[],
  offers: readonly Deal[],
): Discrepancy[] {
  const found: Discrepancy[] = [];
  const agreed = agreements.find((one) => one.transcript === transcript);
  const deal = agreed?.deal ?? offers.find((one) => hashDeal(one) === dealHash);
  if (agreed === undefined) {
    // Where it is said that another deal than any that was agreed here is on the chain, its ACCEPT may have been kept from who made the file.
    const kind = position !== null && !position.ours ? "missing" : "contradicted";
    const says = `the chain account names a deal that the messages don't contain: no ACCEPT among them is transcript ${transcript}`;
    found.push({ at: "chain.committed.transcript", kind, says });
  } else {
    const known = hashDeal(agreed.deal);
    if (known !== dealHash) found.push(differs("chain.committed.dealHash", dealHash, known, "the agreed deal"));
    if (position !== null && !position.ours) {
      found.push(contradicted("chain.position.ours", "it says that another deal was committed than `chain.committed`"));
    }
  }
  if (deal !== undefined && deal.price !== price) {
    found.push(differs("chain.committed.price", price, deal.price, "the deal that was signed"));
  }
  if (position?.status === "None") {
    found.push(
      contradicted("chain.position.status", "it says that nothing was committed, and `chain.committed` what was"),
    );
  }
  return found;
}

/** Both sides get what was put in, less what receipts had paid the seller before: see `Payouts.sol`. */
function judgePayout(deal: Deal, { outcome, toBuyer, toSeller }: Payout, course: Proven["course"]): Discrepancy[] {
  const at = "chain.payout";
  const pot = deal.price + deal.buyerBond + deal.sellerBond;
  const before = pot - toBuyer - toSeller;
  const hash = hashDeal(deal);
  const isReceipted = course.some(
    ({ envelope, body }) =>
      body.kind === "RECEIPT" && body.deal === hash && envelope.agent === deal.buyer && body.total === before,
  );
  if (before < 0n) return [contradicted(at, `it pays out ${-before} more than price and bonds, which are ${pot}`)];
  if (before > 0n && !isReceipted) {
    return [
      contradicted(
        at,
        `of price and bonds, which are ${pot}, ${before} are paid to nobody, and no RECEIPT is for that`,
      ),
    ];
  }
  const expected = shareOfBuyer(deal, outcome, pot, before);
  if (expected === null || expected === toBuyer) return [];
  return [differs(`${at}.toBuyer`, toBuyer, expected, `a deal that is ${outcome.toLowerCase()}`)];
}

/** Null where it isn't fixed by the deal. */
function shareOfBuyer(deal: Deal, outcome: Payout["outcome"], pot: bigint, before: bigint): bigint | null {
  if (outcome === "Accepted" || outcome === "Claimed") return deal.buyerBond;
  if (outcome !== "Refunded") return null;
  if (deal.reviewPeriod === 0) return pot - before - deal.sellerBond;
  return deal.price === 0n ? pot : pot - before - (deal.sellerBond * before) / deal.price;
}

/** Holds what a file says of the chain against what the chain says when it is asked. */
export function againstChain(told: ChainAccount, asked: ChainAccount): Discrepancy[] {
  const found = [
    ...compareAuthority("chain.opener", told.opener, asked.opener),
    ...compareAuthority("chain.responder", told.responder, asked.responder),
    ...comparePositions(told, asked),
    ...compareFixed("chain.committed", told.committed, asked.committed, ["dealHash", "transcript", "price"]),
    ...compareFixed("chain.payout", told.payout, asked.payout, ["outcome", "toBuyer", "toSeller"]),
  ];
  if (told.asOf > asked.asOf + LAG_S)
    found.push(differs("chain.asOf", told.asOf, asked.asOf, "the chain's newest block"));
  return found;
}

/** An epoch never falls, and a wallet changes with its epoch only. */
function compareAuthority(at: string, told: AgentAuthority, asked: AgentAuthority): Discrepancy[] {
  if (told.epoch < asked.epoch) return [{ ...differs(`${at}.epoch`, told.epoch, asked.epoch, CHAIN), kind: "changed" }];
  if (told.epoch > asked.epoch) return [differs(`${at}.epoch`, told.epoch, asked.epoch, CHAIN)];
  return told.wallet === asked.wallet ? [] : [differs(`${at}.wallet`, told.wallet, asked.wallet, CHAIN)];
}

function comparePositions({ position: told, asOf }: ChainAccount, { position: asked }: ChainAccount): Discrepancy[] {
  const at = "chain.position";
  if (told === null) return [];
  if (asked === null) return [contradicted(at, "the chain knows of no deal of this negotiation")];
  if (told.status !== asked.status) {
    const says = differs(`${at}.status`, told.status, asked.status, CHAIN);
    return [asked.since > asOf ? { ...says, kind: "changed" } : says];
  }
  const found = told.since === asked.since ? [] : [differs(`${at}.since`, told.since, asked.since, CHAIN)];
  if (told.ours !== asked.ours) found.push(differs(`${at}.ours`, told.ours, asked.ours, CHAIN));
  return found;
}

/** What never changes once it is there. */
function compareFixed<T extends object>(
  at: string,
  told: T | null,
  asked: T | null,
  fields: readonly (keyof T & string)[],
): Discrepancy[] {
  if (told === null)
    return asked === null ? [] : [{ at, kind: "changed", says: `the file has none, ${CHAIN} has one now` }];
  if (asked === null) return [contradicted(at, "the chain has none")];
  return fields
    .filter((field) => told[field] !== asked[field])
    .map((field) => differs(`${at}.${field}`, told[field], asked[field], CHAIN));
}

const CHAIN = "the chain";

function contradicted(at: string, says: string): Discrepancy {
  return { at, kind: "contradicted", says };
}

function differs(at: string, told: unknown, known: unknown, by: string): Discrepancy {
  return contradicted(at, `the file says ${String(told)}, ${by} says ${String(known)}`);
}
