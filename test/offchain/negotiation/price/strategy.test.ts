import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_AMOUNT } from "../../../../offchain/kernel/money.ts";
import {
  checkStrategy,
  type PriceStrategy,
  strategyFromJson,
  strategyToJson,
} from "../../../../offchain/negotiation/price/strategy.ts";
import { canonicalJson, type JsonObject, parseCanonicalJson } from "../../../../offchain/terms/canonical-json.ts";
import { JsonReader } from "../../../../offchain/terms/json-reader.ts";
import { record } from "../../arbitraries.ts";

const amount = fc.bigInt({ min: 0n, max: MAX_AMOUNT });

const strategy: fc.Arbitrary<PriceStrategy> = record({
  kind: fc.constant("time-dependent" as const),
  from: amount,
  limit: amount,
  pace: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
});

const read = (json: JsonObject) => strategyFromJson(new JsonReader(json, "strategy"));

describe("a strategy as data", () => {
  it("comes back through the journal as the same, to the last digit of its pace", () => {
    const property = fc.property(strategy, (value) => {
      const text = canonicalJson(strategyToJson(value));
      assert.deepEqual(read(parseCanonicalJson(text) as JsonObject), value);
    });
    fc.assert(property);
  });

  const good = { kind: "time-dependent", from: "1", limit: "2", pace: "1" };

  it("is refused where a field is none", () => {
    assert.throws(() => read({ ...good, kind: "hopeful" }), { code: "Malformed", facts: { path: "strategy.kind" } });
    assert.throws(() => read({ ...good, mood: "bad" }), { code: "Malformed", facts: { path: "strategy.mood" } });
    assert.throws(() => read({ ...good, from: "1.5" }), { code: "Malformed", facts: { path: "strategy.from" } });
    assert.throws(() => read({ ...good, limit: 2 }), { code: "Malformed", facts: { path: "strategy.limit" } });
    for (const pace of ["", " ", "fast", "Infinity", "NaN", "1,5"]) {
      assert.throws(() => read({ ...good, pace }), { code: "BadStrategy", facts: { field: "pace" } });
    }
  });

  it("is judged for the role that it is to play", () => {
    const rising = read(good);
    checkStrategy(rising, "buyer");
    assert.throws(() => checkStrategy(rising, "seller"), { code: "BadStrategy" });
  });
});
