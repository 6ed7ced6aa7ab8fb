import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkStrategy } from "../../../../offchain/negotiation/price/strategy.ts";
import { alternation } from "../../../../offchain/negotiation/price/turns.ts";
import { play } from "./play.ts";

const price = fc.bigInt({ min: 0n, max: 1_000_000n });
const pace = fc.double({ min: 0.01, max: 100, noNaN: true });

describe("alternating offers", () => {
  it("let the opener begin, and each side speak once a round", () => {
    const turns = [0, 1, 2, 3].map((offers) => [alternation.speaker(offers), alternation.round(offers)]);
    const expected = [
      ["opener", 0],
      ["responder", 0],
      ["opener", 1],
      ["responder", 1],
    ];
    assert.deepEqual(turns, expected);
  });

  it("keep the last turn for an answer", () => {
    assert.deepEqual(
      [0, 1].map((offers) => alternation.mayOffer(offers, 1)),
      [true, false],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((offers) => alternation.mayOffer(offers, 2)),
      [true, true, true, false],
    );
  });

  it("end, with a deal exactly where the limits leave room for one, and within both", () => {
    const drawn = fc.record({
      a: price,
      b: price,
      c: price,
      d: price,
      pace,
      otherPace: pace,
      openerBuys: fc.boolean(),
    });
    const property = fc.property(drawn, fc.integer({ min: 1, max: 40 }), (values, rounds) => {
      const { a, b, c, d, openerBuys } = values;
      const [buyFrom, buyLimit] = a <= b ? [a, b] : [b, a];
      const [sellLimit, sellFrom] = c <= d ? [c, d] : [d, c];
      const kind = "time-dependent";
      const buyer = { role: "buyer", strategy: { kind, from: buyFrom, limit: buyLimit, pace: values.pace } } as const;
      const seller = {
        role: "seller",
        strategy: { kind, from: sellFrom, limit: sellLimit, pace: values.otherPace },
      } as const;
      for (const side of [buyer, seller]) checkStrategy(side.strategy, side.role);
      const result = openerBuys ? play(buyer, seller, rounds) : play(seller, buyer, rounds);
      assert.equal(result.say, buyLimit >= sellLimit ? "accept" : "end");
      if (result.say !== "accept") return;
      assert.ok(result.price !== null && result.price <= buyLimit && result.price >= sellLimit);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
