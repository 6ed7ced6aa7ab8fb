import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAmount, MAX_AMOUNT, parseAmount, toAmount } from "../../../offchain/kernel/money.ts";

const amount = fc.bigInt({ min: 0n, max: MAX_AMOUNT });

describe("amounts in JSON", () => {
  it("come back as the same", () => {
    fc.assert(fc.property(amount, (value) => assert.equal(toAmount(value.toString()), value)));
  });

  it("go up to 2^128 - 1", () => {
    assert.equal(toAmount("340282366920938463463374607431768211455"), MAX_AMOUNT);
    assert.throws(() => toAmount("340282366920938463463374607431768211456"), { code: "BadAmount" });
  });

  it("are decimal strings in their one spelling", () => {
    const others = ["", "00", "01", "+1", "-1", "1.0", "1e3", "0x1", " 1", "1\n", "\u0661", "1".repeat(100_000)];
    for (const value of [...others, 1, 1n, null, undefined, ["1"], { toString: () => "1" }]) {
      assert.throws(() => toAmount(value), { name: "ParleyError", code: "BadAmount" });
    }
  });
});

describe("amounts for people", () => {
  const cases: [bigint, number, string][] = [
    [0n, 0, "0"],
    [0n, 6, "0"],
    [1n, 6, "0.000001"],
    [105_000_000n, 6, "105"],
    [105_500_000n, 6, "105.5"],
    [1_234_567n, 0, "1,234,567"],
    [1_234_567_890_123n, 6, "1,234,567.890123"],
    [999n, 0, "999"],
    [1_000n, 0, "1,000"],
    [-1_234_500n, 3, "-1,234.5"],
    [123_456n, 4, "12.3456"],
  ];
  for (const [value, decimals, text] of cases) {
    it(`show ${value} with ${decimals} decimals as ${text}`, () => assert.equal(formatAmount(value, decimals), text));
  }

  it("are read as they are shown, but for the commas", () => {
    const property = fc.property(amount, fc.integer({ min: 0, max: 36 }), (value, decimals) => {
      const shown = formatAmount(value, decimals).replaceAll(",", "");
      assert.equal(parseAmount(shown, decimals), value);
    });
    fc.assert(property);
  });

  it("are read with as many decimal places as the token has, or fewer", () => {
    assert.equal(parseAmount("12.5", 6), 12_500_000n);
    assert.equal(parseAmount("12", 6), 12_000_000n);
    assert.equal(parseAmount("0.000001", 6), 1n);
    assert.equal(parseAmount("7", 0), 7n);
  });

  it("are not read otherwise", () => {
    const others = ["", ".5", "1.", "1,000", "-1", "1e3", "0.0000001", " 1", "1 ", "1.2.3", "0x10", "Infinity", "1\n"];
    for (const text of others) assert.throws(() => parseAmount(text, 6), { name: "ParleyError", code: "BadAmount" });
    assert.throws(() => parseAmount("1.0", 0), { code: "BadAmount" });
    assert.throws(() => parseAmount("340282366920938463463374607431768211456", 0), { code: "BadAmount" });
    assert.throws(() => parseAmount("340282366920938463463374607431769", 6), { code: "BadAmount" });
  });
});
