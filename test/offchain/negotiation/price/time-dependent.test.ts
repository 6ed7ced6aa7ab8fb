import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_AMOUNT } from "../../../../offchain/kernel/money.ts";
import { atLeastAsGood } from "../../../../offchain/negotiation/price/move.ts";
import {
  checkTimeDependent,
  conceded,
  decideByTime,
  standingPrice,
  type TimeDependent,
} from "../../../../offchain/negotiation/price/time-dependent.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";

const amount = fc.bigInt({ min: 0n, max: MAX_AMOUNT });
const pace = fc.oneof(fc.double({ min: 0.001, max: 1_000, noNaN: true }), fc.constantFrom(0.001, 0.5, 1, 2, 1_000));
const role = fc.constantFrom<Role>("buyer", "seller");
const rounds = fc.integer({ min: 1, max: 10_000 });

/** A strategy that makes sense for its role. */
const sensible = fc.record({ role, one: amount, other: amount, pace }).map((drawn) => {
  const [low, high] = drawn.one <= drawn.other ? [drawn.one, drawn.other] : [drawn.other, drawn.one];
  const [from, limit] = drawn.role === "buyer" ? [low, high] : [high, low];
  const strategy: TimeDependent = { kind: "time-dependent", from, limit, pace: drawn.pace };
  return { role: drawn.role, strategy };
});

describe("the price that concedes by time", () => {
  it("goes from the opening to the limit, never back and never beyond", () => {
    const property = fc.property(sensible, fc.integer({ min: 2, max: 200 }), ({ role: side, strategy }, length) => {
      const prices = Array.from({ length }, (_, round) => standingPrice(strategy, round, length));
      assert.equal(prices[0], strategy.from);
      assert.equal(prices.at(-1), strategy.limit);
      for (const [round, price] of prices.entries()) {
        const before = prices[round - 1] ?? strategy.from;
        assert.ok(atLeastAsGood(side, before, price), `round ${round} takes back what was conceded`);
        assert.ok(atLeastAsGood(side, price, strategy.limit), `round ${round} is beyond the limit`);
      }
    });
    fc.assert(property);
  });

  it("stays at the limit after the last round, and is there at once if there is but one", () => {
    const strategy: TimeDependent = { kind: "time-dependent", from: 10n, limit: 20n, pace: 1 };
    assert.equal(standingPrice(strategy, 9, 5), 20n);
    assert.equal(standingPrice(strategy, 0, 1), 20n);
  });

  it("is linear at pace 1, later below, earlier above", () => {
    const at = (value: number) => ({ kind: "time-dependent", from: 100n, limit: 200n, pace: value }) as const;
    const prices = (value: number) => [0, 1, 2, 3, 4].map((round) => standingPrice(at(value), round, 5));
    assert.deepEqual(prices(1), [100n, 125n, 150n, 175n, 200n]);
    // t ** 2 and t ** (1 / 2).
    assert.deepEqual(prices(0.5), [100n, 106n, 125n, 156n, 200n]);
    assert.deepEqual(prices(2), [100n, 150n, 170n, 186n, 200n]);
  });

  it("concedes nothing before the beginning, and no more than all", () => {
    assert.equal(conceded(-1, 1), 0);
    assert.equal(conceded(2, 1), 1);
  });
});

describe("decideByTime", () => {
  const turn = fc.record({
    sense: sensible,
    total: rounds,
    at: fc.nat(),
    theirs: fc.option(amount),
    mayOffer: fc.boolean(),
  });

  it("never accepts or offers beyond the limit", () => {
    const property = fc.property(turn, ({ sense, total, at, theirs, mayOffer }) => {
      const { role: side, strategy } = sense;
      const move = decideByTime(strategy, { role: side, round: at % total, rounds: total, theirs, mayOffer });
      assert.ok(move.reason.length > 0 && !move.reason.includes("\n"));
      if (move.say === "accept") assert.ok(theirs !== null && atLeastAsGood(side, theirs, strategy.limit));
      if (move.say === "offer") assert.ok(mayOffer && atLeastAsGood(side, move.price, strategy.limit));
      if (move.say === "end") assert.ok(!mayOffer);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("accepts whatever is at least as good as what it would ask for", () => {
    const property = fc.property(turn, ({ sense, total, at, theirs, mayOffer }) => {
      const { role: side, strategy } = sense;
      const round = at % total;
      const price = standingPrice(strategy, round, total);
      fc.pre(theirs !== null && atLeastAsGood(side, theirs, price));
      const move = decideByTime(strategy, { role: side, round, rounds: total, theirs, mayOffer });
      assert.equal(move.say, "accept");
    });
    fc.assert(property);
  });

  it("holds out before the end for more than the limit", () => {
    const strategy: TimeDependent = { kind: "time-dependent", from: 80n, limit: 120n, pace: 1 };
    const turnAt = (round: number, theirs: bigint | null, mayOffer = true) => {
      return decideByTime(strategy, { role: "buyer", round, rounds: 5, theirs, mayOffer });
    };
    assert.deepEqual(turnAt(0, null), { say: "offer", price: 80n, reason: "round 1 of 5: 0% of the way to 120" });
    assert.equal(turnAt(1, 119n).say, "offer");
    assert.equal(turnAt(4, 119n).say, "accept");
    assert.equal(turnAt(4, 121n, false).say, "end");
    assert.equal(turnAt(4, null, false).say, "end");
  });
});

describe("checkTimeDependent", () => {
  const good: TimeDependent = { kind: "time-dependent", from: 10n, limit: 20n, pace: 1 };

  it("lets a buyer rise and a seller fall, or both stand still", () => {
    checkTimeDependent(good, "buyer");
    checkTimeDependent({ ...good, from: 20n, limit: 10n }, "seller");
    for (const side of ["buyer", "seller"] as const) checkTimeDependent({ ...good, from: 20n }, side);
  });

  it("refuses an opening that is past the limit", () => {
    const from = { name: "ParleyError", code: "BadStrategy", facts: { field: "from" } };
    assert.throws(() => checkTimeDependent({ ...good, from: 21n }, "buyer"), from);
    assert.throws(() => checkTimeDependent(good, "seller"), from);
  });

  it("refuses a pace that is no ratio, or so small that its reciprocal is none", () => {
    for (const value of [0, -1, 0.0009, 5e-324, 1_000.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const check = () => checkTimeDependent({ ...good, pace: value }, "buyer");
      assert.throws(check, { code: "BadStrategy", facts: { field: "pace" } });
    }
  });
});
