import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  compareQuantities,
  compareUnitPrices,
  dimensionOf,
  type Quantity,
  UNITS,
} from "../../../offchain/terms/quantity.ts";

const TOKEN = `0x${"cc".repeat(20)}` as const;

describe("quantities", () => {
  for (const [one, other, sign] of [
    [{ amount: "1", unit: "hour" }, { amount: "60", unit: "minute" }, 0],
    [{ amount: "1.5", unit: "hour" }, { amount: "89.999999999", unit: "minute" }, 1],
    [{ amount: "1", unit: "gigabyte" }, { amount: "1", unit: "gibibyte" }, -1],
    [{ amount: "0.5", unit: "dozen" }, { amount: "6", unit: "each" }, 0],
    [{ amount: "1", unit: "terabyte-day" }, { amount: "24000", unit: "gigabyte-hour" }, 0],
    [{ amount: "999999999999999999", unit: "million-tokens" }, { amount: "1", unit: "token" }, 1],
  ] as readonly [Quantity, Quantity, number][]) {
    it(`compare: ${one.amount} ${one.unit} and ${other.amount} ${other.unit}`, () => {
      assert.equal(compareQuantities(one, other), sign);
      assert.equal(compareQuantities(other, one), sign === 0 ? 0 : -sign);
    });
  }

  it("of unlike units don't compare, whatever the amounts", () => {
    for (const one of UNITS) {
      for (const other of UNITS) {
        const compare = () => compareQuantities({ amount: "1", unit: one }, { amount: "1", unit: other });
        if (dimensionOf(one) === dimensionOf(other)) compare();
        else assert.throws(compare, { code: "UnlikeUnits" });
      }
    }
  });

  it("that are no decimals, or of no known unit, are refused", () => {
    for (const amount of ["", "1.", "1.0", "-1", "1e3", " 1", "1234567890123456789"]) {
      const bad = { amount, unit: "hour" } as const;
      assert.throws(() => compareQuantities(bad, bad), { code: "BadQuantity" });
    }
    const stones = { amount: "1", unit: "stone" as Quantity["unit"] };
    assert.throws(() => compareQuantities(stones, stones), { code: "UnknownUnit" });
  });
});

describe("prices by the unit", () => {
  const priced = (price: bigint, amount: string, unit: Quantity["unit"], token = TOKEN) => ({
    price,
    token,
    quantity: { amount, unit },
  });

  it("compare across amounts and units, to the last digit", () => {
    assert.equal(compareUnitPrices(priced(60n, "1", "gpu-hour"), priced(1n, "1", "gpu-minute")), 0);
    assert.equal(compareUnitPrices(priced(60n, "1", "gpu-hour"), priced(2n, "1", "gpu-minute")), -1);
    const much = 2n ** 128n - 1n;
    assert.equal(compareUnitPrices(priced(much, "3", "each"), priced(much - 1n, "3", "each")), 1);
  });

  it("order as the fractions do", () => {
    const some = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(some, some, some, some, (price, amount, other, otherAmount) => {
        const order = compareUnitPrices(
          priced(BigInt(price), `${amount}`, "kilogram"),
          priced(BigInt(other), `${otherAmount}`, "kilogram"),
        );
        assert.equal(order, Math.sign(price * otherAmount - other * amount));
      }),
    );
  });

  it("of unlike units, in unlike tokens, or of nothing don't compare", () => {
    const hour = priced(1n, "1", "hour");
    for (const other of [
      priced(1n, "1", "gpu-hour"),
      priced(1n, "1", "hour", `0x${"dd".repeat(20)}`),
      priced(1n, "0", "hour"),
    ]) {
      assert.throws(() => compareUnitPrices(hour, other), { code: "UnlikeUnits" });
    }
  });
});
