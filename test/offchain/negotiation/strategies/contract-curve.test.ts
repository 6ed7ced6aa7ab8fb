import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import type { Party, Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { type ContractCurve, contractCurveOf } from "../../../../offchain/negotiation/strategies/contract-curve.ts";
import { type Rule, Utility, type Worth } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace, type Outcome } from "../../../../offchain/terms/issue-space.ts";
import { outcomesOf, scenario } from "../tables.ts";

function curveIn({ space, parties }: Pick<Scenario, "space" | "parties">): ContractCurve {
  const [first, second] = parties;
  assert.ok(first !== undefined && second !== undefined);
  return contractCurveOf(space, [first, second]);
}

/** By holding every outcome against every other. */
function bySearch(scenario: Scenario): (readonly [number, number])[] {
  const worth = (party: Party | undefined, outcome: Outcome) => party?.utility.of(outcome) ?? 0;
  const [first, second] = scenario.parties;
  const all = outcomesOf(scenario).map((outcome) => [worth(first, outcome), worth(second, outcome)] as const);
  const rational = all.filter(([a, b]) => a >= (first?.reservation ?? 0) && b >= (second?.reservation ?? 0));
  const best = rational.filter(([a, b]) => !rational.some(([c, d]) => c >= a && d >= b && (c > a || d > b)));
  const distinct = new Map(best.map((pair) => [pair.join(), pair]));
  return [...distinct.values()].sort(([a], [b]) => b - a);
}

function assertIsCurve(scenario: Scenario): void {
  const { outcomes, utilities } = curveIn(scenario);
  const found = outcomes.map((_, place) => [utilities[0][place], utilities[1][place]]);
  assert.deepEqual(found, bySearch(scenario));
  for (const [place, outcome] of outcomes.entries()) {
    const worths = scenario.parties.map(({ utility }) => utility.of(outcome));
    assert.deepEqual(worths, found[place]);
  }
}

/** A rule that holds for the first values of the first two issues. */
const rule: Rule = {
  when: new Map([
    [0, [[0, 0]]],
    [1, [[0, 1]]],
  ]),
  adds: 0.5,
};

describe("the contract curve", () => {
  it("is what nothing betters for one without worsening it for the other, to the last bit", () => {
    fc.assert(fc.property(scenario(), assertIsCurve), { numRuns: 200 });
  });

  it("is so where issues depend on each other", () => {
    const property = fc.property(scenario(), ({ parties, ...rest }) => {
      const [one, ...others] = parties.map((party) => party);
      assert.ok(one !== undefined);
      const { weights, worths } = one.utility;
      assertIsCurve({ ...rest, parties: [{ ...one, utility: new Utility(weights, worths, [rule]) }, ...others] });
    });
    fc.assert(property, { numRuns: 100 });
  });

  describe("where there are too many outcomes to list", () => {
    const random = new SeededEntropy(7);
    const space = new IssueSpace(
      Array.from({ length: 9 }, (_, issue) => ({
        kind: "discrete",
        name: `issue ${issue}`,
        values: Array.from({ length: 10 }, (_, value) => `v${value}`),
      })),
    );
    const table = (): Worth => ({
      kind: "table",
      first: 0,
      table: Float64Array.from({ length: 10 }, () => random.fraction()),
    });
    const one = (name: string, rules: readonly Rule[] = []): Party => ({
      name,
      utility: new Utility(
        space.issues.map(() => 1 / 9),
        space.issues.map(table),
        rules,
      ),
      reservation: 0.3,
      discount: 1,
    });

    for (const [kind, rules] of [
      ["sums", []],
      ["rules", [rule]],
    ] as const) {
      it(`holds nothing that betters another, with ${kind}`, () => {
        const parties = [one("a", rules), one("b")];
        const { outcomes, utilities } = curveIn({ space, parties });
        assert.ok(outcomes.length > 2);
        for (const [place, outcome] of outcomes.entries()) {
          for (const [me, { utility, reservation }] of parties.entries()) {
            const worth = utility.of(outcome);
            assert.equal(utilities[me === 0 ? 0 : 1][place], worth);
            assert.ok(worth >= reservation);
          }
        }
        const [first, second] = utilities;
        assert.deepEqual(first, first.toSorted().reverse());
        assert.deepEqual(second, second.toSorted());
      });
    }

    it("is not bettered by any outcome that is drawn or is one change away", () => {
      const parties = [one("a"), one("b")];
      const { outcomes, utilities } = curveIn({ space, parties });
      const worths = (outcome: Outcome) => parties.map(({ utility }) => utility.of(outcome));
      const near = outcomes.flatMap((outcome) =>
        space.issues.flatMap((_, issue) => Array.from({ length: 10 }, (_, value) => outcome.with(issue, value))),
      );
      const drawn = Array.from({ length: 2_000 }, () => space.at(Math.floor(random.fraction() * space.size)));
      for (const outcome of [...near, ...drawn]) {
        const [a = 0, b = 0] = worths(outcome);
        const betters = utilities[0].some((first, place) => {
          const second = utilities[1][place] ?? 0;
          return a >= first && b >= second && (a > first || b > second);
        });
        assert.equal(betters, false);
      }
    });
  });

  it("goes by steps along ranges, and through the points where they bend", () => {
    const space = new IssueSpace([{ kind: "continuous", name: "price", from: 0, to: 1 }]);
    const line = (...points: (readonly [number, number])[]): Utility => new Utility([1], [{ kind: "lines", points }]);
    const parties = [
      { name: "a", utility: line([0, 1], [0.333, 0.9], [1, 0]), reservation: 0, discount: 1 },
      { name: "b", utility: line([0, 0], [1, 1]), reservation: 0, discount: 1 },
    ];
    const { outcomes } = curveIn({ space, parties });
    const prices = outcomes.map(([price]) => price);
    assert.deepEqual([prices[0], prices.at(-1), prices.includes(0.333)], [0, 1, true]);
    assert.ok(prices.length > 100);
  });
});
