import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { orderBids } from "../../../../offchain/negotiation/bids/order.ts";
import { SampledBids } from "../../../../offchain/negotiation/bids/sampled.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import type { Utility } from "../../../../offchain/negotiation/utility.ts";

const random = new SeededEntropy(7);
const names = Array.from({ length: 9 }, (_, index) => `issue ${index}`);
const values = [..."0123456789"];
const price = { name: "price", kind: "continuous", from: 10, to: 20 };

function party(name: string, hasPrice: boolean) {
  const count = names.length + (hasPrice ? 1 : 0);
  return {
    name,
    weights: new Array<number>(count).fill(1 / count),
    values: [
      ...names.map(() => values.map(() => random.fraction())),
      ...(hasPrice
        ? [
            {
              points: [
                [10, 1],
                [20, 0],
              ],
            },
          ]
        : []),
    ],
    rules: [
      { when: { "issue 0": ["0"], "issue 1": ["0"] }, adds: 0.3 },
      ...(hasPrice ? [{ when: { price: { from: 12, to: 14 }, "issue 2": ["3", "4"] }, adds: -0.2 }] : []),
    ],
  };
}

function scenario(hasPrice: boolean) {
  return scenarioFromJson({
    issues: [...names.map((name) => ({ name, values })), ...(hasPrice ? [price] : [])],
    parties: [party("one", hasPrice), party("two", hasPrice)],
  });
}

describe("outcomes drawn from too many, with dependencies between issues", () => {
  for (const hasPrice of [false, true]) {
    const { space, parties } = scenario(hasPrice);
    const utility = parties[0]?.utility as Utility;
    const bids = new SampledBids(space, utility);

    it(`are what the order of such a space consists of${hasPrice ? ", with a price" : ""}`, () => {
      assert.ok(orderBids(space, utility) instanceof SampledBids);
      assert.equal(bids.ranked, null);
      assert.equal(bids.highest, utility.of(bids.best));
    });

    it(`have a best one that no change of one issue betters${hasPrice ? ", with a price" : ""}`, () => {
      for (const [index] of names.entries()) {
        for (const [value] of values.entries()) assert.ok(utility.of(bids.best.with(index, value)) <= bids.highest);
      }
      // What the rule adds is found, though neither issue's own worth leads there.
      assert.deepEqual(bids.best.slice(0, 2), [0, 0]);
    });

    it(`have one that is worth a target, and little more${hasPrice ? ": nothing more by the price" : ""}`, () => {
      for (let step = 0; step <= 100; step++) {
        const target = Math.min(bids.highest, bids.lowest + ((bids.highest - bids.lowest) * step) / 100);
        const outcome = bids.atLeast(target);
        assert.ok(space.contains(outcome));
        const worth = utility.of(outcome);
        const isDense = step > 25 && step < 60;
        assert.ok(worth >= target && worth <= target + (isDense ? 1e-3 : 0.1), `${target}: ${worth}`);
        if (hasPrice && isDense) assert.ok(worth <= target + 1e-9, `${target}: ${worth}`);
      }
      assert.deepEqual(bids.atLeast(bids.highest + 1), bids.best);
    });

    it(`are different ones between two targets${hasPrice ? ", with a price" : ""}`, () => {
      const chosen = bids.among(0.5, 0.55, 20);
      assert.equal(chosen.length, 20);
      assert.equal(new Set(chosen.map((outcome) => outcome.join())).size, 20);
      for (const outcome of chosen) assert.ok(utility.of(outcome) >= 0.5 && utility.of(outcome) <= 0.55);
      assert.deepEqual(bids.among(5, 6, 3), [bids.best]);
    });
  }

  it("are the same every time", () => {
    const { space, parties } = scenario(true);
    const utility = parties[1]?.utility as Utility;
    const [one, other] = [new SampledBids(space, utility), new SampledBids(space, utility)];
    for (const target of [0.2, 0.4, 0.6, 0.8]) assert.deepEqual(one.atLeast(target), other.atLeast(target));
  });
});
