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
import { alternation, situationOf } from "../../../../offchain/negotiation/price/turns.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";

const amount = fc.bigInt({ min: 0n, max: MAX_AMOUNT });
const pace = fc.oneof(fc.double({ min: 0.001, max: 1_000, noNaN: true }), fc.constantFrom(0.001, 0.5, 1, 2, 1_000));
const role = fc.constantFrom<Role>("buyer", "seller");

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
  /** Any turn that may come: so many offers, and more rounds than are over. */
  const turn = fc.record({
    sense: sensible,
    offers: fc.array(amount, { maxLength: 40 }),
    left: fc.nat({ max: 1_000 }),
  });
  const turnOf = (role: Role, offers: readonly bigint[], left: number) => {
    return { role, offers, rounds: alternation.round(offers.length) + 1 + left, seed: 0 };
  };

  it("never accepts or offers beyond the limit", () => {
    const property = fc.property(turn, ({ sense, offers, left }) => {
      const { role: side, strategy } = sense;
      const move = decideByTime(strategy, turnOf(side, offers, left));
      const { theirs, mayOffer } = situationOf(turnOf(side, offers, left));
      assert.ok(move.reason.length > 0 && !move.reason.includes("\n"));
      if (move.say === "accept") assert.ok(theirs !== null && atLeastAsGood(side, theirs, strategy.limit));
      if (move.say === "offer") assert.ok(mayOffer && atLeastAsGood(side, move.price, strategy.limit));
      if (move.say === "end") assert.ok(!mayOffer);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("accepts whatever is at least as good as what it would ask for", () => {
    const property = fc.property(turn, ({ sense, offers, left }) => {
      const { role: side, strategy } = sense;
      const { rounds } = turnOf(side, offers, left);
      const price = standingPrice(strategy, alternation.round(offers.length), rounds);
      const theirs = offers.at(-1);
      fc.pre(theirs !== undefined && atLeastAsGood(side, theirs, price));
      assert.equal(decideByTime(strategy, turnOf(side, offers, left)).say, "accept");
    });
    fc.assert(property);
  });

  it("holds out before the end for more than the limit", () => {
    const strategy: TimeDependent = { kind: "time-dependent", from: 80n, limit: 120n, pace: 1 };
    const having = (...offers: readonly bigint[]) => {
      return decideByTime(strategy, { role: "buyer", rounds: 5, offers, seed: 0 });
    };
    const until = (turns: number, last: bigint) => having(...new Array<bigint>(turns - 1).fill(200n), last);
    assert.deepEqual(having(), { say: "offer", price: 80n, reason: "round 1 of 5: 0% of the way to 120" });
    assert.equal(until(2, 119n).say, "offer");
    assert.equal(until(8, 119n).say, "accept");
    assert.equal(until(9, 121n).say, "end");
    assert.equal(decideByTime(strategy, { role: "buyer", rounds: 1, offers: [121n], seed: 0 }).say, "end");
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
