import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { generateScenario, generateScenarios } from "../../../offchain/negotiation/generate.ts";
import { record } from "../arbitraries.ts";

const recipe = record({
  issues: fc.integer({ min: 1, max: 5 }),
  values: fc.integer({ min: 1, max: 12 }),
  parties: fc.integer({ min: 2, max: 4 }),
  kind: fc.constantFrom("discrete" as const, "integer" as const, "continuous" as const, "mixed" as const),
  reservation: fc.constantFrom([0, 0] as const, [0.1, 0.6] as const),
  discount: fc.constantFrom([1, 1] as const, [0.4, 0.9] as const),
  opposition: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("a generated scenario", () => {
  it("is as its recipe says, with weights that sum to 1 and a best outcome worth 1", () => {
    const property = fc.property(recipe, fc.nat(), (changes, seed) => {
      const { space, parties } = generateScenario(seed, changes);
      assert.deepEqual([space.issues.length, parties.length], [changes.issues, changes.parties]);
      for (const { utility, reservation, discount } of parties) {
        assert.ok(Math.abs(utility.weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
        for (const worth of utility.worths) {
          const worths = worth.kind === "table" ? [...worth.table] : worth.points.map(([, one]) => one);
          assert.equal(worths.length, changes.values);
          assert.equal(Math.max(...worths), 1);
          assert.ok(Math.min(...worths) >= 0);
        }
        const inside = (value: number, [least, most]: readonly [number, number]): boolean =>
          value >= least && value <= most;
        assert.ok(inside(reservation, changes.reservation) && inside(discount, changes.discount));
      }
    });
    fc.assert(property);
  });

  it("is the same of the same seed, and another of another", () => {
    assert.deepEqual(generateScenario(1), generateScenario(1));
    assert.notDeepEqual(generateScenario(1).parties, generateScenario(2).parties);
    const several = generateScenarios(3, 1);
    assert.deepEqual(several, generateScenarios(3, 1));
    assert.equal(new Set(several.map(({ name }) => name)).size, 3);
  });

  it("lets the second want the opposite where it is told so", () => {
    const { parties } = generateScenario(1, { issues: 1, opposition: 1 });
    const [worst, best] = [0, 1].map((me) =>
      Array.from({ length: 10 }, (_, value) => parties[me]?.utility.of([value]) ?? 0),
    );
    const order = (values: readonly number[] = []): number[] =>
      [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    assert.deepEqual(order(worst), order(best).reverse());
  });
});
