import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type AccountSituation,
  planOnAccount,
  UNPAID_S,
  unpaidAt,
} from "../../../../offchain/settlement/on-account/plan.ts";

const ACCOUNT = `0x${"ac".repeat(32)}` as const;
const DEAL = { price: 5_000n, commitBy: 1_000, deliverWithin: 100 };
const LAST = DEAL.commitBy + DEAL.deliverWithin;

const BUYER: AccountSituation = {
  ...{ role: "buyer", account: ACCOUNT, deal: DEAL, now: 500, final: 490, isRecorded: false, obstacle: null },
  ...{ isOwed: false, isHeard: false, isReceipted: false, isCleared: true, isReserved: null },
  ...{ isDelivered: false, finding: null, isTriedLong: false },
};
const SELLER: AccountSituation = { ...BUYER, role: "seller" };
const GOOD = { isDelivered: true, finding: { good: true } } as const;
const BAD = {
  isDelivered: true,
  finding: { good: false, share: 0, evidence: ACCOUNT, note: "other bytes" },
} as const;

const plan = (base: AccountSituation, more: Partial<AccountSituation> = {}) => planOnAccount({ ...base, ...more });
const end = (how: string) => ({ end: { kind: "onAccount", account: ACCOUNT, how } });

describe("a deal on account, as its buyer sees it", () => {
  it("is signed for once a final block is later than the last second in which it can be committed", () => {
    assert.deepEqual(plan(BUYER, { isDelivered: true }), { do: "inspect" });
    const late = { ...GOOD, now: DEAL.commitBy + 50 };
    for (const final of [490, DEAL.commitBy]) assert.ok("wait" in plan(BUYER, { ...late, final }));
    assert.deepEqual(plan(BUYER, { ...late, final: DEAL.commitBy + 1 }), { do: "owe" });
  });

  it("is the chain's as soon as it is recorded there, or the account can't carry it", () => {
    for (const more of [{}, GOOD, BAD, { ...GOOD, final: 2_000 }, { isOwed: true }]) {
      assert.ok("chain" in plan(BUYER, { ...more, isRecorded: true }));
    }
    assert.deepEqual(plan(BUYER, { ...GOOD, obstacle: "closed" }), { chain: "closed" });
  });

  it("is acknowledged, and over once the seller has the entry, or has had its time", () => {
    const owed = { ...GOOD, isOwed: true, now: 2_000, final: 2_000 };
    assert.deepEqual(plan(BUYER, owed), { do: "acknowledge" });
    assert.ok("wait" in plan(BUYER, { ...owed, isReceipted: true }));
    assert.deepEqual(plan(BUYER, { ...owed, isReceipted: true, isHeard: true }), end("Owed"));
    assert.deepEqual(plan(BUYER, { ...owed, isReceipted: true, now: unpaidAt(DEAL) }), end("Owed"));
    // What is signed stays signed, whatever becomes of the account.
    assert.deepEqual(plan(BUYER, { ...owed, obstacle: "closed" }), { do: "acknowledge" });
  });

  it("is not signed for where it was not delivered, or is not as agreed", () => {
    assert.ok("wait" in plan(BUYER, { now: LAST, final: LAST }));
    // A buyer that was away may hear of it long after: the seller waits as long.
    assert.ok("wait" in plan(BUYER, { now: unpaidAt(DEAL) - 1, final: LAST }));
    assert.deepEqual(plan(BUYER, { ...GOOD, now: LAST + 1, final: LAST + 1 }), { do: "owe" });
    assert.ok("chain" in plan(BUYER, { now: unpaidAt(DEAL), final: LAST }));
    // Who comes back later signs for it, but doesn't try for ever.
    const late = { ...GOOD, now: unpaidAt(DEAL), final: LAST };
    assert.deepEqual(plan(BUYER, late), { do: "owe" });
    assert.deepEqual(plan(BUYER, { ...late, isTriedLong: true, now: late.now - 1 }), { do: "owe" });
    assert.deepEqual(plan(BUYER, { ...late, isTriedLong: true }), end("Unpaid"));
    assert.ok("chain" in plan(BUYER, { ...late, isTriedLong: true, isRecorded: true }));
    assert.deepEqual(plan(BUYER, { ...late, isTriedLong: true, isOwed: true }), { do: "acknowledge" });
    assert.ok("wait" in plan(BUYER, { ...BAD, final: DEAL.commitBy }));
    assert.deepEqual(plan(BUYER, { ...BAD, final: DEAL.commitBy + 1 }), end("Rejected"));
    const undecided = { isDelivered: true, now: unpaidAt(DEAL), final: unpaidAt(DEAL) };
    assert.deepEqual(plan(BUYER, undecided), { do: "inspect" });
    assert.deepEqual(plan(BUYER, { ...undecided, isTriedLong: true }), end("Rejected"));
  });
});

describe("a deal on account, as its seller sees it", () => {
  it("is set aside, delivered, and waited for", () => {
    assert.deepEqual(plan(SELLER), { do: "reserve" });
    assert.deepEqual(plan(SELLER, { isReserved: true }), { do: "deliver" });
    assert.ok("chain" in plan(SELLER, { isReserved: false }));
    assert.ok("chain" in plan(SELLER, { isReserved: false, now: LAST + 1 }));
    assert.ok("wait" in plan(SELLER, { isDelivered: true, now: LAST + UNPAID_S }));
    assert.deepEqual(plan(SELLER, { isDelivered: true, now: LAST + UNPAID_S + 1 }), end("Unpaid"));
  });

  it("is carried to the chain where the account can't carry it, as long as that can be done", () => {
    const obstacle = "closed";
    assert.deepEqual(plan(SELLER, { obstacle }), { chain: obstacle });
    assert.deepEqual(plan(SELLER, { obstacle, isDelivered: true, now: DEAL.commitBy }), { chain: obstacle });
    assert.ok("wait" in plan(SELLER, { obstacle, isDelivered: true, now: DEAL.commitBy + 1 }));
  });

  it("is given back what was set aside for it, where nobody can commit it any more", () => {
    const over = { now: LAST + 1 };
    // An earlier process may have set it aside.
    for (const isReserved of [true, null]) assert.deepEqual(plan(SELLER, { ...over, isReserved }), { do: "release" });
    const closed = { obstacle: "closed", isReserved: true };
    assert.deepEqual(plan(SELLER, { ...closed, now: DEAL.commitBy + 1 }), { do: "release" });
    // As long as it can be committed, or is, the chain's settlement asks for it.
    assert.ok("chain" in plan(SELLER, { ...closed, now: DEAL.commitBy }));
    assert.ok("chain" in plan(SELLER, { ...over, isReserved: true, isRecorded: true }));
  });

  it("is watched on the chain until it can't be committed, though it was signed for", () => {
    const owed = { isOwed: true, isDelivered: true };
    assert.ok("wait" in plan(SELLER, { ...owed, final: DEAL.commitBy }));
    assert.ok("chain" in plan(SELLER, { ...owed, isRecorded: true }));
    assert.deepEqual(plan(SELLER, { ...owed, final: DEAL.commitBy + 1 }), end("Owed"));
  });
});

describe("a deal on account that somebody has a say in", () => {
  it("is neither delivered nor looked at before it has passed, and is the chain's where it doesn't", () => {
    for (const one of [SELLER, BUYER, { ...BUYER, ...GOOD, now: LAST, final: LAST }]) {
      assert.deepEqual(plan(one, { isCleared: null }), { do: "clear" });
      assert.ok("chain" in plan(one, { isCleared: false }));
    }
    assert.ok("chain" in plan(BUYER, { ...GOOD, isCleared: null, isTriedLong: true, now: unpaidAt(DEAL) }));
  });

  it("is done where it was delivered or signed for: it had passed by then", () => {
    assert.ok("wait" in plan(SELLER, { isCleared: null, isDelivered: true }));
    assert.deepEqual(plan(BUYER, { ...GOOD, isCleared: null, isOwed: true }), { do: "acknowledge" });
  });
});

describe("whatever happens to a deal on account", () => {
  it("nothing is signed for that is on the chain, can still come there, or wasn't found good", () => {
    const at = fc.integer({ min: 0, max: 3_000 });
    const any = fc.record({
      ...{ role: fc.constantFrom("buyer", "seller"), now: at, final: at, isRecorded: fc.boolean() },
      ...{ obstacle: fc.constantFrom(null, "closed"), isOwed: fc.boolean(), isHeard: fc.boolean() },
      ...{ isReceipted: fc.boolean(), isReserved: fc.constantFrom(null, true, false), isDelivered: fc.boolean() },
      ...{ finding: fc.constantFrom(null, GOOD.finding, BAD.finding), isCleared: fc.constantFrom(null, true, false) },
    });
    let signed = 0;
    const check = fc.property(any, (drawn) => {
      const situation: AccountSituation = { ...BUYER, ...(drawn as Partial<AccountSituation>) };
      const next = planOnAccount(situation);
      if (!("do" in next) || next.do !== "owe") return;
      signed++;
      const { role, final, isRecorded, isOwed, finding, obstacle, isCleared } = situation;
      assert.equal(isCleared, true);
      assert.ok(role === "buyer" && final > DEAL.commitBy && !isRecorded && !isOwed && obstacle === null);
      assert.equal(finding?.good, true);
    });
    fc.assert(check, { numRuns: 5_000 });
    assert.ok(signed > 0);
  });
});
