import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { SettlementEvent } from "../../../offchain/ports/settlement-events.ts";
import { Ledger } from "../../../offchain/settlement/ledger/ledger.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import { recordKey } from "../../../offchain/terms/fingerprint.ts";
import { dealOf } from "./author.ts";
import { named, SETTLEMENT } from "./fake-chain.ts";

const MOMENT = { number: 5, timestamp: 1_000 };
const DEAL = { ...dealOf(0), token: SETTLEMENT };
const HASH = hashDeal(DEAL);
const { buyer, seller, token, price, buyerBond, sellerBond, negotiation } = DEAL;

/** A ledger in which both sides have money, and these things happened since. */
function ledgerOf(...events: readonly SettlementEvent[]): Ledger {
  const ledger = new Ledger();
  for (const agent of [buyer, seller]) {
    ledger.apply({ type: "Deposited", agent, token, from: SETTLEMENT, amount: 1_000n, toStake: false }, MOMENT);
  }
  for (const event of events) ledger.apply(event, MOMENT);
  return ledger;
}

const identity = { deal: HASH, buyer, seller, negotiation, transcript: named("said"), token } as const;
const committed = { type: "Committed", ...identity, price, buyerBond, sellerBond } as const;
const delivered = { type: "Delivered", deal: HASH, evidence: named("evidence") } as const;
const referred = { type: "Referred", deal: HASH, arbitrator: SETTLEMENT, disputeId: 1n, cost: 3n } as const;
const pot = price + buyerBond + sellerBond;
const split = { type: "Settled", deal: HASH, outcome: "Split", toBuyer: pot, toSeller: 0n } as const;

function disputed(isShown: boolean): SettlementEvent {
  const facts = { share: 1, evidence: named("why"), rulingUntil: 9, terms: isShown ? DEAL : null };
  return { type: "Disputed", deal: HASH, ...facts };
}

function declared(isShown: boolean): SettlementEvent {
  const facts = { declarer: seller, locked: sellerBond, cureUntil: 9, reason: "0x00000000" } as const;
  return { type: "Declared", ...identity, ...facts, terms: isShown ? DEAL : null };
}

describe("a ledger", () => {
  it("returns a dispute's deposit with whatever ends it before an arbitrator was paid", () => {
    const ledger = ledgerOf(committed, delivered, disputed(true));
    assert.deepEqual(ledger.token(ZERO_ADDRESS), { owed: 7n, escrow: 7n, burnt: 0n, exact: true });
    ledger.apply(split, MOMENT);
    assert.deepEqual(ledger.token(ZERO_ADDRESS), { owed: 7n, escrow: 0n, burnt: 0n, exact: true });
    assert.equal(ledger.treasury(buyer, ZERO_ADDRESS).free, 7n);
  });

  it("gives the arbitrator its fee although the dispute ended while it was being asked", () => {
    const orders = [[referred, split] as const, [split, referred] as const];
    for (const order of orders) {
      const ledger = ledgerOf(committed, delivered, disputed(true), ...order);
      assert.deepEqual(ledger.treasury(buyer, ZERO_ADDRESS), {
        free: 4n,
        bonded: 0n,
        leaving: 0n,
        leavesAt: 0,
        exact: true,
      });
      assert.deepEqual(ledger.token(ZERO_ADDRESS), { owed: 4n, escrow: 0n, burnt: 0n, exact: true });
      assert.equal(ledger.deal(HASH)?.status, "Settled");
    }
  });

  it("says which amounts it can't know where the chain did not show a deal's terms", () => {
    const disputing = ledgerOf(committed, delivered, disputed(false));
    assert.equal(disputing.token(ZERO_ADDRESS).exact, false);
    assert.equal(disputing.treasury(buyer, ZERO_ADDRESS).exact, true, "nothing came back yet");
    disputing.apply(referred, MOMENT);
    assert.equal(disputing.treasury(buyer, ZERO_ADDRESS).exact, false);
    assert.equal(disputing.treasury(buyer, token).exact, true);
  });

  it("finds out by the payout what the cure of a deal with unknown terms brought", () => {
    const [hidden, shown] = [false, true].map((isShown) => {
      const ledger = ledgerOf(declared(isShown), { type: "Cured", deal: HASH, agent: buyer });
      const undo = ledger.apply({ type: "ReceiptClaimed", deal: HASH, total: 5n }, MOMENT);
      undo();
      ledger.apply({ type: "ReceiptClaimed", deal: HASH, total: 6n }, MOMENT);
      return ledger;
    });
    assert.ok(hidden && shown);
    assert.equal(hidden.deal(HASH)?.escrow, null);
    assert.equal(hidden.treasury(buyer, token).exact, false);
    assert.equal(hidden.token(token).exact, false);
    assert.equal(shown.deal(HASH)?.escrow, pot - 6n);
    const end = { ...split, toBuyer: pot - 10n, toSeller: 4n } as const;
    for (const ledger of [hidden, shown]) ledger.apply(end, MOMENT);
    for (const agent of [buyer, seller]) {
      assert.deepEqual(hidden.treasury(agent, token), shown.treasury(agent, token));
    }
    assert.deepEqual(hidden.token(token), shown.token(token));
    assert.ok(hidden.treasury(buyer, token).exact);
  });

  it("gives a fault's reward to the other side, if anything tells who that is", () => {
    const staked = { type: "Deposited", agent: buyer, token, from: SETTLEMENT, amount: 100n, toStake: true } as const;
    const fault = { type: "Penalised", deal: HASH, agent: buyer, token, taken: 100n, reward: 10n } as const;
    const leaving = { type: "Unstaking", agent: buyer, token, amount: 60n, leavesAt: 77 } as const;
    const shown = ledgerOf(staked, leaving, { ...fault, terms: DEAL });
    assert.equal(shown.treasury(seller, token).free, 1_010n);
    assert.equal(shown.treasury(buyer, token).leaving, 0n);
    assert.deepEqual(shown.token(token), { owed: 2_100n, escrow: 0n, burnt: 90n, exact: true });
    const hidden = ledgerOf(staked, { ...fault, terms: null });
    assert.equal(hidden.treasury(seller, token).exact, false);
    assert.equal(hidden.token(token).exact, true, "the sum is known all the same");
  });

  it("refuses an event that can't follow what it knows, and is as before", () => {
    const ledger = ledgerOf(committed);
    const before = JSON.stringify([...ledger.rows()], (_, value) => (typeof value === "bigint" ? `${value}` : value));
    const strangers: readonly SettlementEvent[] = [
      committed,
      { ...delivered, deal: named("another deal") },
      { ...split, toBuyer: pot + 1n },
      referred,
      { type: "Withdrawn", agent: buyer, token, to: SETTLEMENT, amount: 1_000n },
      { type: "Released", agent: buyer, token, amount: 1n },
      { type: "Unstaking", agent: buyer, token, amount: 1n, leavesAt: 1 },
      { type: "Ruled", key: named("another record"), arbitrator: SETTLEMENT, disputeId: 1n, ruling: 1 },
      { type: "Cured", deal: HASH, agent: buyer },
    ];
    for (const event of strangers) {
      assert.throws(() => ledger.apply(event, MOMENT), { code: "EventsMissing" }, event.type);
      const now = JSON.stringify([...ledger.rows()], (_, value) => (typeof value === "bigint" ? `${value}` : value));
      assert.equal(now, before);
    }
  });

  it("keeps a deal under the key of its record, whoever buys", () => {
    const ledger = ledgerOf(committed);
    assert.equal(ledger.record(recordKey({ buyer: seller, seller: buyer, negotiation }))?.deal, HASH);
    assert.equal(ledger.record(named("no record")), null);
  });
});
