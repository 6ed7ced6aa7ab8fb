import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { claimFrom, KEY_LIABILITY_S, type RunningOut } from "../../../offchain/settlement/claiming.ts";
import { gasCost, MEASURED_GAS, WEI_PER_COIN } from "../../../offchain/settlement/gas-cost.ts";

const UNTIL = 1_800_000_000;

const running: fc.Arbitrary<RunningOut & { readonly cost: bigint }> = fc.record({
  adds: fc.bigInt(0n, 10n ** 24n),
  until: fc.constant(UNTIL),
  cost: fc.bigInt(0n, 10n ** 24n),
  lossShare: fc.integer({ min: 0, max: 10_000 }),
  courtesyS: fc.integer({ min: 60, max: 86_400 }),
});

describe("when a receipt that runs out is claimed", () => {
  it("is never, where the claim costs more than is expected to be lost", () => {
    fc.assert(
      fc.property(running, (one) => {
        const isWorthIt =
          one.adds * BigInt(one.lossShare) >= one.cost * 10_000n && one.adds * BigInt(one.lossShare) > 0n;
        assert.equal(claimFrom(one) !== null, isWorthIt);
      }),
    );
  });

  it("is with time to spare, and not while its key can still sign for more", () => {
    fc.assert(
      fc.property(running, (one) => {
        const from = claimFrom(one);
        if (from === null) return;
        assert.ok(from <= UNTIL - one.courtesyS);
        assert.ok(from >= UNTIL - Math.max(one.courtesyS, KEY_LIABILITY_S));
      }),
    );
  });

  it("is no later where more is at risk, and no earlier where gas costs more", () => {
    const never = (from: number | null) => from ?? Number.POSITIVE_INFINITY;
    fc.assert(
      fc.property(running, fc.bigInt(0n, 10n ** 24n), (one, more) => {
        assert.ok(never(claimFrom({ ...one, adds: one.adds + more })) <= never(claimFrom(one)));
        assert.ok(never(claimFrom({ ...one, cost: one.cost + more })) >= never(claimFrom(one)));
      }),
    );
  });

  it("is at the last, where nobody knows what gas costs", () => {
    const one = { adds: 1n, until: UNTIL, cost: null, lossShare: 10_000, courtesyS: 3_600 };
    assert.equal(claimFrom(one), UNTIL - 3_600);
    assert.equal(claimFrom({ ...one, adds: 0n }), null);
  });
});

describe("what gas costs in a token", () => {
  it("is what the coin for it is worth, rounded up", () => {
    // 87,000 gas at 2 gwei are 0.000174 coins; at 3,000 of six decimals a coin that is 0.522.
    assert.equal(gasCost(87_000n, { perGas: 2n * 10n ** 9n, perCoin: 3_000n * 10n ** 6n }), 522_000n);
    assert.equal(gasCost(1n, { perGas: 1n, perCoin: 1n }), 1n);
    assert.equal(gasCost(21_000n, { perGas: 7n, perCoin: WEI_PER_COIN }), 147_000n);
  });

  it("is reckoned with what acts were measured to take, within a twentieth", () => {
    const url = new URL("../../contracts/gas.json", import.meta.url);
    const snapshot = JSON.parse(readFileSync(url, "utf8")) as Readonly<Record<string, number>>;
    const names = { commit: "commitSession", deliver: "deliver", accept: "accept", claimReceipt: "claimReceipt" };
    for (const [act, name] of Object.entries(names) as [keyof typeof MEASURED_GAS, string][]) {
      const measured = snapshot[name] ?? Number.NaN;
      assert.ok(Math.abs(Number(MEASURED_GAS[act]) - measured) <= measured / 20, `${act}: ${measured} by now`);
    }
  });
});
