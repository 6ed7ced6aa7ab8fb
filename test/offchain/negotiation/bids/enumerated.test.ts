import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EnumeratedBids, utilitiesOfAll } from "../../../../offchain/negotiation/bids/enumerated.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";
import { everything, scenarios } from "../scenarios.ts";

/** Targets at, between and beyond what outcomes are worth. */
const targets = fc.array(
  fc.oneof(
    fc.integer({ min: -5, max: 30 }).map((twentieths) => twentieths / 20),
    fc.double({ noNaN: true }),
  ),
);

function seen(scenario: Parameters<typeof everything>[0]) {
  const { space } = scenario;
  const utility = scenario.parties[0]?.utility as Utility;
  const falling = everything(scenario)
    .map(({ outcome, utilities }, id) => ({ outcome, id, utility: utilities[0] ?? 0 }))
    .sort((a, b) => b.utility - a.utility || a.id - b.id);
  return { space, utility, falling, bids: new EnumeratedBids(space, utility) };
}

describe("all outcomes of a party in order", () => {
  const any = scenarios(2, 12);

  it("fall by what they are worth, and then rise by their ids", () => {
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.nat()), (scenario, places) => {
        const { bids, falling } = seen(scenario);
        assert.equal(bids.count, falling.length);
        assert.equal(bids.highest, falling[0]?.utility);
        assert.equal(bids.lowest, falling.at(-1)?.utility);
        assert.deepEqual(bids.best, falling[0]?.outcome);
        // Asked for in any order, as buckets are sorted when they are looked at.
        for (let draw = 0; draw < falling.length; draw++) {
          const place = (places.next().value ?? 0) % falling.length;
          assert.deepEqual(bids.at(place), falling[place]?.outcome);
          assert.equal(bids.utilityAt(place), falling[place]?.utility);
        }
        assert.deepEqual(
          falling.map((_, place) => bids.at(place)),
          falling.map(({ outcome }) => outcome),
        );
      }),
    );
  });

  it("are counted from the top down to a target", () => {
    fc.assert(
      fc.property(any, targets, (scenario, some) => {
        const { bids, falling } = seen(scenario);
        for (const target of [...some, ...falling.map(({ utility }) => utility)]) {
          assert.equal(bids.countAtLeast(target), falling.filter(({ utility }) => utility >= target).length);
        }
      }),
    );
  });

  it("have a least one that is worth a target, the best if none is", () => {
    fc.assert(
      fc.property(any, targets, (scenario, some) => {
        const { bids, falling, utility } = seen(scenario);
        for (const target of [...some, ...falling.map((one) => one.utility)]) {
          const enough = falling.filter((one) => one.utility >= target);
          const expected = enough.at(-1) ?? falling[0];
          assert.deepEqual(bids.atLeast(target), expected?.outcome);
          assert.equal(utility.of(bids.atLeast(target)), expected?.utility);
        }
      }),
    );
  });

  it("are chosen evenly between two targets", () => {
    fc.assert(
      fc.property(
        any,
        fc.tuple(fc.integer({ min: -1, max: 21 }), fc.integer({ min: -1, max: 21 })),
        fc.integer({ min: 1, max: 9 }),
        (scenario, ends, count) => {
          const [low, high] = ends.map((end) => end / 20) as [number, number];
          const { bids, falling } = seen(scenario);
          const inside = falling
            .filter(({ utility }) => utility >= low && utility <= high)
            .map(({ outcome }) => outcome);
          const chosen = bids.among(low, high, count);
          if (inside.length === 0) return assert.deepEqual(chosen, [bids.atLeast(low)]);
          assert.equal(chosen.length, Math.min(count, inside.length));
          const places = chosen.map((one) => inside.findIndex((other) => other.join() === one.join()));
          assert.ok(places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? 0))));
          assert.equal(places[0], 0);
          return undefined;
        },
      ),
    );
  });

  it("are worth the same whether computed one by one or all at once", () => {
    fc.assert(
      fc.property(any, (scenario) => {
        const all = everything(scenario);
        for (const [party, { utility }] of scenario.parties.entries()) {
          assert.deepEqual(
            [...utilitiesOfAll(scenario.space, utility)],
            all.map(({ utilities }) => utilities[party]),
          );
        }
      }),
    );
  });

  it("may all be worth the same", () => {
    const space = new IssueSpace([{ kind: "integer", name: "any", from: 0, to: 99 }]);
    const worth = { kind: "table", first: 0, table: new Float64Array(100).fill(0.5) } as const;
    const bids = new EnumeratedBids(space, new Utility([1], [worth]));
    assert.deepEqual([bids.countAtLeast(0.5), bids.countAtLeast(0.6), bids.countAtLeast(0.4)], [100, 0, 100]);
    assert.deepEqual([bids.at(0), bids.at(99)], [[0], [99]]);
  });
});
