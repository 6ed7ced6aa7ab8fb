import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type GasPrice, MEASURED_GAS } from "../../../offchain/settlement/gas-cost.ts";
import {
  chooseRail,
  costOf,
  type Market,
  onTrust,
  type Payment,
  RAILS,
  type Trust,
} from "../../../offchain/settlement/rails.ts";

const amount = (most: bigint) => fc.bigInt(0n, most);

const payment: fc.Arbitrary<Payment> = fc.record({
  value: amount(10n ** 15n),
  parts: fc.integer({ min: 1, max: 100_000 }),
});

const trust: fc.Arbitrary<Trust> = fc
  .record({ limit: amount(10n ** 15n), used: amount(10n ** 15n) })
  .map(({ limit, used }) => ({ limit, used: used % (limit + 1n) }));

const price: fc.Arbitrary<GasPrice> = fc.record({ perGas: amount(10n ** 12n), perCoin: amount(10n ** 13n) });

const market: fc.Arbitrary<Market> = fc.record({
  gas: fc.constant(MEASURED_GAS),
  price,
  mostShare: fc.integer({ min: 0, max: 10_000 }),
});

/** 20 gwei, a coin at 3,000 of six decimals, one percent. */
const USUAL: Market = {
  gas: MEASURED_GAS,
  price: { perGas: 20n * 10n ** 9n, perCoin: 3_000n * 10n ** 6n },
  mostShare: 100,
};

const ONE = 10n ** 6n;

describe("which rail a payment goes by", () => {
  it("never puts more on trust than the two allow each other", () => {
    fc.assert(
      fc.property(payment, trust, market, (one, between, at) => {
        const { rail } = chooseRail(one, between, at);
        if (rail !== "escrow") assert.ok(onTrust(rail, one) + between.used <= between.limit);
      }),
    );
  });

  it("is never a less safe one for a larger value", () => {
    fc.assert(
      fc.property(payment, amount(10n ** 15n), trust, market, (one, more, between, at) => {
        const smaller = RAILS.indexOf(chooseRail(one, between, at).rail);
        const larger = RAILS.indexOf(chooseRail({ ...one, value: one.value + more }, between, at).rail);
        assert.ok(larger <= smaller);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is the cheapest that trust allows, or one that is safer and worth its gas", () => {
    fc.assert(
      fc.property(payment, trust, market, (one, between, at) => {
        const chosen = chooseRail(one, between, at);
        const isWorthIt = chosen.cost * 10_000n <= one.value * BigInt(at.mostShare);
        for (const rail of RAILS) {
          const isAllowed = rail === "escrow" || onTrust(rail, one) + between.used <= between.limit;
          const cost = costOf(rail, one, between, at);
          if (isAllowed && cost < chosen.cost) assert.ok(isWorthIt && RAILS.indexOf(rail) > RAILS.indexOf(chosen.rail));
          // No safer one is passed over that would have been worth it.
          const isSafer = RAILS.indexOf(rail) < RAILS.indexOf(chosen.rail);
          if (isSafer) assert.ok(cost * 10_000n > one.value * BigInt(at.mostShare));
        }
      }),
    );
  });

  it("is one of those that the payment can have, or escrow", () => {
    fc.assert(
      fc.property(payment, trust, market, fc.subarray([...RAILS]), (one, between, at, rails) => {
        const { rail } = chooseRail({ ...one, rails }, between, at);
        assert.ok(rail === "escrow" || rails.includes(rail));
      }),
    );
    const small = { value: 1n, parts: 1 };
    const trusted = { limit: ONE, used: 0n };
    assert.equal(chooseRail({ ...small, rails: ["ledger"] }, trusted, USUAL).rail, "ledger");
    assert.equal(chooseRail({ ...small, rails: [] }, trusted, USUAL).rail, "escrow");
  });

  it("is escrow between strangers, whatever it costs", () => {
    fc.assert(
      fc.property(payment, market, (one, at) => {
        // Of nothing, nothing is on trust.
        if (one.value > 0n) assert.equal(chooseRail(one, { limit: 0n, used: 0n }, at).rail, "escrow");
      }),
    );
  });

  it("goes over from the ledger to metering to escrow as the value grows", () => {
    const trusting = { limit: 100n * ONE, used: 0n };
    const railOf = (value: bigint) => chooseRail({ value: value * ONE, parts: 1_000 }, trusting, USUAL).rail;
    assert.deepEqual([1n, 90n, 101n, 2_000n, 100_000n, 2_000_000n].map(railOf), [
      ...["ledger", "ledger", "metered", "metered"],
      ...["metered", "escrow"],
    ]);
  });

  it("says why, and what it costs", () => {
    const choice = chooseRail({ value: 5_000n * ONE, parts: 1 }, { limit: 0n, used: 0n }, USUAL);
    // 212,000 gas at 20 gwei are 0.00424 coins, which are 12.72.
    assert.deepEqual([choice.rail, choice.cost, choice.costShare], ["escrow", 12_720_000n, 26]);
    assert.match(choice.because, /bears the gas of escrow/);
    const stuck = chooseRail({ value: ONE, parts: 1 }, { limit: 0n, used: 0n }, USUAL);
    assert.match(stuck.because, /none other is within the trust/);
    assert.match(
      chooseRail({ value: ONE, parts: 1 }, { limit: 10n * ONE, used: 0n }, USUAL).because,
      /all of it can be/,
    );
  });
});
