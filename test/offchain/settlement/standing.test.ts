import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import { RECEIPT_GRACE_S, STATEMENT_S } from "../../../offchain/settlement/saga/plan.ts";
import {
  actsOf,
  cancellationShare,
  checkAct,
  checkSplit,
  type DealAct,
  type Standing,
  turnOf,
} from "../../../offchain/settlement/standing.ts";
import type { Deal } from "../../../offchain/terms/deal.ts";

const [BUYER, SELLER] = [1n, 2n];
const SINCE = 1_000_000;
const [DELIVER, REVIEW] = [1_000, 2_000];

const DEAL: Deal = {
  ...{ buyer: BUYER, seller: SELLER, token: ZERO_ADDRESS, price: 100n, buyerBond: 10n, sellerBond: 20n },
  ...{ commitBy: SINCE, deliverWithin: DELIVER, reviewPeriod: REVIEW, arbitrator: `0x${"a7".repeat(20)}` },
  ...{ maxFee: 0n, rulingWithin: 600, lapseShare: 0, category: ZERO_32, terms: ZERO_32, negotiation: ZERO_32 },
};
const METERED = { ...DEAL, reviewPeriod: 0 };

function at(status: Standing["status"], after: number, more: Partial<Standing> = {}): Standing {
  const nothing = { received: 0n, dispute: null, declaration: null };
  return { status, since: SINCE, now: SINCE + after, ours: true, ...nothing, ...more };
}

function disputed(after: number, more: Partial<NonNullable<Standing["dispute"]>> = {}): Standing {
  const rulingUntil = SINCE + STATEMENT_S + DEAL.rulingWithin;
  const none = { buyerShare: 0, sellerShare: 10_000, answered: false, referred: false, ruled: false };
  return at("Disputed", after, { dispute: { ...none, rulingUntil, ...more } });
}

describe("where a deal stands", () => {
  it("says whose turn it is, up to the last second of each time", () => {
    const late = DELIVER + RECEIPT_GRACE_S;
    const declaration = { declarer: SELLER, cureUntil: SINCE + 50 };
    const ruling = STATEMENT_S + DEAL.rulingWithin;
    const cases: readonly (readonly [Standing, who: string, does: RegExp, until: number | null, deal?: Deal])[] = [
      [at("None", 0), "anybody", /commit/, 0],
      [at("None", 1), "nobody", /lapsed/, null],
      [at("Delivered", 0, { ours: false }), "nobody", /another agreement/, null],
      [at("Committed", DELIVER), "seller", /deliver/, DELIVER],
      [at("Committed", DELIVER + 1), "seller", /receipts/, late],
      [at("Committed", late), "seller", /receipts/, late],
      [at("Committed", late + 1), "anybody", /refund/, null],
      [at("Committed", 0), "buyer", /receipts/, DELIVER, METERED],
      [at("Delivered", REVIEW), "buyer", /accept or dispute/, REVIEW],
      [at("Delivered", REVIEW + 1), "anybody", /claim/, null],
      [disputed(STATEMENT_S), "seller", /answer/, STATEMENT_S],
      [disputed(STATEMENT_S + 1), "anybody", /refer/, ruling],
      [disputed(0, { answered: true }), "anybody", /refer/, ruling],
      [disputed(0, { answered: true, referred: true }), "arbitrator", /rule/, ruling],
      [disputed(ruling, { referred: true }), "arbitrator", /rule/, ruling],
      [disputed(ruling + 1, { referred: true }), "anybody", /lapse/, null],
      [disputed(ruling + 1, { ruled: true }), "anybody", /execute/, null],
      [at("Declared", 50, { declaration }), "buyer", /cure/, 50],
      [at("Declared", 51, { declaration }), "anybody", /penalise/, null],
      [at("Settled", 0), "nobody", /over/, null],
      [at("Defaulted", 0), "nobody", /over/, null],
    ];
    for (const [standing, who, does, until, deal = DEAL] of cases) {
      const turn = turnOf(deal, standing);
      const says = `${standing.status} after ${standing.now - SINCE} s`;
      assert.deepEqual([turn.who, turn.until], [who, until === null ? null : SINCE + until], says);
      assert.match(turn.does, does, says);
    }
  });

  it("offers each side what the contract would take from it, and nothing else", () => {
    const cases: readonly (readonly [Standing, buyer: readonly DealAct[], seller: readonly DealAct[], deal?: Deal])[] =
      [
        [at("None", 0), [], []],
        [at("Committed", DELIVER), ["accept", "split"], ["deliver", "split"]],
        [at("Committed", DELIVER + 1), ["accept", "split"], ["split"]],
        [at("Committed", DELIVER + RECEIPT_GRACE_S + 1), ["accept", "refund", "split"], ["refund", "split"]],
        [at("Committed", 0), ["accept", "split"], ["split"], METERED],
        [at("Delivered", REVIEW), ["accept", "split"], ["split"]],
        [at("Delivered", REVIEW + 1), ["accept", "claim", "split"], ["claim", "split"]],
        [disputed(0), ["split"], ["split"]],
        [at("Settled", 0), [], []],
        [at("Committed", 0, { ours: false }), [], []],
      ];
    for (const [standing, buyer, seller, deal = DEAL] of cases) {
      assert.deepEqual(
        [actsOf(BUYER, deal, standing), actsOf(SELLER, deal, standing)],
        [buyer, seller],
        standing.status,
      );
    }
  });

  it("refuses the rest by name, and says what to do", () => {
    const cases: readonly (readonly [string, DealAct, bigint, Standing, Deal?])[] = [
      ["NotCommitted", "accept", BUYER, at("None", 0)],
      ["AgreementExpired", "accept", BUYER, at("None", 1)],
      ["Superseded", "accept", BUYER, at("Committed", 0, { ours: false })],
      ["WrongRole", "accept", SELLER, at("Committed", 0)],
      ["WrongRole", "deliver", BUYER, at("Committed", 0)],
      ["DealMetered", "deliver", SELLER, at("Committed", 0), METERED],
      ["DeadlinePassed", "deliver", SELLER, at("Committed", DELIVER + 1)],
      ["DeadlineNotPassed", "claim", SELLER, at("Delivered", REVIEW)],
      ["DeadlineNotPassed", "refund", BUYER, at("Committed", DELIVER + RECEIPT_GRACE_S)],
      ["WrongStatus", "claim", SELLER, at("Committed", 0)],
      ["WrongStatus", "split", BUYER, at("Settled", 0)],
    ];
    for (const [code, act, agent, standing, deal = DEAL] of cases) {
      assert.throws(() => checkAct(act, agent, deal, standing), { code, hint: /./ }, `${code} of ${act}`);
    }
  });

  it("lets a split give the seller from what receipts have paid up to all there is, until its end", () => {
    const standing = at("Committed", 0, { received: 30n });
    for (const share of [30n, 130n]) checkSplit(DEAL, standing, share, standing.now);
    assert.throws(() => checkSplit(DEAL, standing, 29n, standing.now), { code: "SplitTooLow" });
    assert.throws(() => checkSplit(DEAL, standing, 131n, standing.now), { code: "SplitTooHigh" });
    const inTokens = () => checkSplit(DEAL, standing, 131n, standing.now, (amount) => `${amount} tUSD`);
    assert.throws(inTokens, /come to 130 tUSD, and the split gives the seller 131 tUSD$/);
    assert.throws(() => checkSplit(DEAL, standing, 30n, standing.now - 1), { code: "ConsentExpired" });
    assert.equal(cancellationShare(DEAL, standing), 50n);
  });
});
