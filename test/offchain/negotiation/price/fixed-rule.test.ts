import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkRule, decideByRule, type FixedRule } from "../../../../offchain/negotiation/price/fixed-rule.ts";
import { play } from "./play.ts";

const UNIT = 1_000_000n;

const RULE: FixedRule = {
  kind: "fixed-rule",
  list: 1_000n * UNIT,
  discount: 0.15,
  counters: 3,
  step: 0.05,
  shrink: 0.05,
  limit: 1_000n * UNIT,
};

describe("the fixed rule, about a price", () => {
  it("opens 15 % below the list price, and makes three counter-offers, each giving 5 % less than the last", () => {
    const prices = (offers: readonly bigint[]) => decideByRule(RULE, { role: "buyer", rounds: 10, offers, seed: 0 });
    const dear = 1_200n * UNIT;
    const said = [0, 1, 2, 3, 4].map((made) => prices(new Array<bigint>(2 * made).fill(dear)));
    // 850, + 50, + 47.5, + 45.125
    assert.deepEqual(
      said.map((move) => (move.say === "offer" ? move.price : move.say)),
      [850n * UNIT, 900n * UNIT, 947_500_000n, 992_625_000n, "end"],
    );
    assert.equal(said[2]?.reason, "counter-offer 2 of 3: 947500000");
  });

  it("gives way as a seller from the list price to no further than the discount, and never past its limit", () => {
    const seller = { ...RULE, step: 0.1, limit: 0n };
    const at = (made: number, limit: bigint) => {
      const offers = new Array<bigint>(2 * made).fill(1n);
      const move = decideByRule({ ...seller, limit }, { role: "seller", rounds: 10, offers, seed: 0 });
      return move.say === "offer" ? move.price : move.say;
    };
    assert.deepEqual([at(0, 0n), at(1, 0n), at(2, 0n)], [1_000n * UNIT, 900n * UNIT, 850n * UNIT]);
    assert.equal(at(2, 880n * UNIT), 880n * UNIT);
  });

  it("takes what is as good as its own next offer, and agrees with its like", () => {
    const seller = { ...RULE, limit: 800n * UNIT };
    const { say, price, offers } = play({ role: "buyer", strategy: RULE }, { role: "seller", strategy: seller }, 8);
    assert.deepEqual([say, price, offers.length], ["accept", 947_500_000n, 5]);
  });

  it("is judged for the role that it is to play", () => {
    checkRule(RULE, "buyer");
    const refused = (changes: Partial<FixedRule>, field: string, role: "buyer" | "seller" = "buyer") =>
      assert.throws(() => checkRule({ ...RULE, ...changes }, role), { code: "BadStrategy", facts: { field } });
    refused({ list: 0n }, "list");
    refused({ discount: 0 }, "discount");
    refused({ discount: Number.NaN }, "discount");
    refused({ counters: 1.5 }, "counters");
    refused({ step: 1.1 }, "step");
    refused({ shrink: -0.1 }, "shrink");
    refused({ limit: 800n * UNIT }, "limit");
    refused({ limit: 1_001n * UNIT }, "limit", "seller");
  });
});
