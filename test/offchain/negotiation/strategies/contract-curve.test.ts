import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { reaches } from "../../../../offchain/negotiation/analysis/precision.ts";
import type { Party, Scenario } from "../../../../offchain/negotiation/scenario.ts";
import type { ContractCurve } from "../../../../offchain/negotiation/strategies/contract-curve.ts";
import { findContractCurve } from "../../../../offchain/negotiation/strategies/find-contract-curve.ts";
import { type Rule, Utility, type Worth } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace, type Outcome } from "../../../../offchain/terms/issue-space.ts";
import { outcomesOf, scenario } from "../tables.ts";

function curveIn({ space, parties }: Pick<Scenario, "space" | "parties">): ContractCurve {
  const [first, second] = parties;
  assert.ok(first !== undefined && second !== undefined);
  return findContractCurve(space, [first, second]);
}

/** The outcomes at the corners. */
function outcomesAt(curve: ContractCurve): Outcome[] {
  return Array.from({ length: curve.count }, (_, corner) => curve.at({ corner, share: 0 }));
}

/** By holding every outcome against every other. */
function bySearch(scenario: Scenario): (readonly [number, number])[] {
  const worth = (party: Party | undefined, outcome: Outcome) => party?.utility.of(outcome) ?? 0;
  const [first, second] = scenario.parties;
  const all = outcomesOf(scenario).map((outcome) => [worth(first, outcome), worth(second, outcome)] as const);
  const rational = all.filter(([a, b]) => reaches(a, first?.reservation ?? 0) && reaches(b, second?.reservation ?? 0));
  const best = rational.filter(([a, b]) => !rational.some(([c, d]) => c >= a && d >= b && (c > a || d > b)));
  const distinct = new Map(best.map((pair) => [pair.join(), pair]));
  return [...distinct.values()].sort(([a], [b]) => b - a);
}

function assertIsCurve(scenario: Scenario): void {
  const curve = curveIn(scenario);
  const outcomes = outcomesAt(curve);
  const found = outcomes.map((_, place) => [curve.worths[0][place], curve.worths[1][place]]);
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
        const curve = curveIn({ space, parties });
        const [outcomes, utilities] = [outcomesAt(curve), curve.worths];
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
      const curve = curveIn({ space, parties });
      const [outcomes, utilities] = [outcomesAt(curve), curve.worths];
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

  it("runs straight along ranges, through the points where they bend", () => {
    const space = new IssueSpace([{ kind: "continuous", name: "price", from: 0, to: 1 }]);
    const line = (...points: (readonly [number, number])[]): Utility => new Utility([1], [{ kind: "lines", points }]);
    const parties = [
      { name: "a", utility: line([0, 1], [0.333, 0.9], [1, 0]), reservation: 0, discount: 1 },
      { name: "b", utility: line([0, 0], [1, 1]), reservation: 0, discount: 1 },
    ];
    const curve = curveIn({ space, parties });
    assert.deepEqual(outcomesAt(curve), [[0], [0.333], [1]]);
    assert.deepEqual(curve.at({ corner: 1, share: 0.5 }), [0.333 + 0.667 / 2]);
    assert.deepEqual(curve.placeLeaving(1, 0.333), { corner: 1, share: 0 });
    const { corner, share } = curve.placeLeaving(0, 0.95) ?? assert.fail();
    assert.deepEqual([corner, share.toFixed(12)], [0, "0.500000000000"]);
    assert.equal(curve.placeLeaving(0, 1.1), null);
  });

  it("trades ranges against each other in the order of what that brings for what it costs", () => {
    const ranges = ["x", "y", "z"].map((name) => ({ kind: "continuous" as const, name, from: 0, to: 1 }));
    const even = (name: string, weights: number[], high: number): Party => ({
      name,
      utility: new Utility(
        weights,
        weights.map(() => ({ kind: "lines" as const, points: [[0, high] as const, [1, 1 - high] as const] })),
      ),
      reservation: 0,
      discount: 1,
    });
    const parties = [even("a", [0.2, 0.5, 0.3], 1), even("b", [0.6, 0.1, 0.3], 0)];
    const curve = curveIn({ space: new IssueSpace(ranges), parties });
    // The first gives x first, which is worth three times as much to the second, and y last.
    const expected = [
      [0, 0, 0],
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 1],
    ];
    assert.deepEqual(outcomesAt(curve), expected);
  });

  describe("with ranges", () => {
    it("is made of outcomes that are worth what it says, and no other is better for one and as good for the other", () => {
      fc.assert(
        fc.property(withRanges(), (drawn) => assertIsBest(drawn)),
        { numRuns: 150 },
      );
    });

    it("is so where whole numbers are too many to be listed, up to the next number", () => {
      const property = fc.property(withRanges("integer"), (drawn) => assertIsBest(drawn, 1 / 2_000));
      fc.assert(property, { numRuns: 50 });
    });

    it("is so of several among other issues", () => {
      fc.assert(
        fc.property(withRanges("continuous", 3), (drawn) => assertIsBest(drawn)),
        { numRuns: 40 },
      );
    });
  });

  describe("finds what two can agree on, however little that is", () => {
    const numbers = (kind: "continuous" | "integer", to: number, first: number, second: number, more = 0): Scenario => {
      const space = new IssueSpace([
        { kind, name: "price", from: 0, to },
        ...Array.from({ length: more }, (_, issue) => ({
          kind: "discrete" as const,
          name: `issue ${issue}`,
          values: ["a", "b", "c"],
        })),
      ]);
      const side = (name: string, points: (readonly [number, number])[], reservation: number): Party => ({
        name,
        utility: new Utility(
          [1, ...Array.from({ length: more }, () => 1)],
          [
            { kind: "lines", points },
            ...Array.from({ length: more }, () => ({
              kind: "table" as const,
              first: 0,
              table: Float64Array.of(0, -0.3, -2),
            })),
          ],
        ),
        reservation,
        discount: 1,
      });
      const parties = [
        side(
          "a",
          [
            [0, 0],
            [to, 1],
          ],
          first,
        ),
        side(
          "b",
          [
            [0, 1],
            [to, 0],
          ],
          second,
        ),
      ];
      return { name: "", space, parties };
    };

    for (const width of [2e-3, 1e-6, 1e-9, 1e-12, 0]) {
      it(`in a zone as wide as ${width} of a range`, () => {
        for (const more of [0, 2]) {
          for (const low of [0.502, 0.1 + 0.2, 1 / 3, 0.999]) {
            const drawn = numbers("continuous", 1, low, 1 - low - width, more);
            const curve = curveIn(drawn);
            assert.ok(curve.count >= 1, `${low}`);
            for (const outcome of outcomesAt(curve)) {
              assert.ok(Math.abs((outcome[0] ?? 0) - low) <= width + 1e-12);
              assert.deepEqual(outcome.slice(1), [0, 0].slice(0, more));
            }
          }
        }
      });
    }

    it("but not what is less than that", () => {
      assert.equal(curveIn(numbers("continuous", 1, 0.5, 0.5 + 1e-9)).count, 0);
    });

    it("at a single one of ten million whole numbers", () => {
      for (const price of [3, 5_021_337, 9_999_999]) {
        const share = price / 10_000_000;
        const curve = curveIn(numbers("integer", 10_000_000, share - 1e-8, 1 - share - 1e-8, 1));
        assert.deepEqual(outcomesAt(curve), [[price, 0]]);
        const between = share + 5e-8;
        assert.equal(curveIn(numbers("integer", 10_000_000, between - 1e-8, 1 - between - 1e-8, 1)).count, 0);
      }
    });
  });
});

/** Scenarios with ranges, some of them bent, and an issue of a few values. */
function withRanges(kind: "continuous" | "integer" = "continuous", most = 2): fc.Arbitrary<Scenario> {
  const to = kind === "continuous" ? 1 : 3_000_000;
  const figure = fc.integer({ min: 0, max: 1_000 }).map((count) => count / 1_000);
  const points = fc
    .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
    .chain((stops) =>
      fc.tuple(
        ...stops.toSorted((a, b) => a - b).map((stop) => figure.map((worth) => [(stop / 100) * to, worth] as const)),
      ),
    );
  return fc.integer({ min: 1, max: most }).chain((ranges) => {
    const side = fc.record({
      weights: fc.array(
        figure.map((part) => 0.05 + part),
        { minLength: ranges + 1, maxLength: ranges + 1 },
      ),
      table: fc.array(figure, { minLength: 3, maxLength: 3 }),
      lines: fc.array(points, { minLength: ranges, maxLength: ranges }),
      reservation: fc.constantFrom(0, 0.1, 0.3),
    });
    return fc.tuple(side, side).map((sides) => ({
      name: "",
      space: new IssueSpace([
        { kind: "discrete", name: "which", values: ["a", "b", "c"] },
        ...Array.from({ length: ranges }, (_, range) => ({ kind, name: `range ${range}`, from: 0, to })),
      ]),
      parties: sides.map(({ weights, table, lines, reservation }, index) => ({
        name: `party ${index}`,
        utility: new Utility(
          weights.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0)),
          [
            { kind: "table" as const, first: 0, table: Float64Array.from(table) },
            ...lines.map((line) => ({ kind: "lines" as const, points: line })),
          ],
        ),
        reservation,
        discount: 1,
      })),
    }));
  });
}

/** Holds a curve against many outcomes, drawn and from all corners. */
function assertIsBest(drawn: Scenario, within = 1e-9): void {
  const { space, parties } = drawn;
  const curve = curveIn(drawn);
  const random = new SeededEntropy(1);
  for (let corner = 0; corner < curve.count; corner++) {
    for (const share of [0, 0.25, 0.8]) {
      const place = { corner, share };
      const outcome = curve.at(place);
      // Not from every corner there is a way to the next.
      if (outcome.length === 0) continue;
      assert.ok(space.contains(outcome), `${outcome}`);
      for (const [side, { utility, reservation }] of parties.entries()) {
        const worth = utility.of(outcome);
        assert.ok(Math.abs(worth - curve.worth(side === 0 ? 0 : 1, place)) < 1e-12);
        // Numbers can be had that are worth no less to the last bit; of outcomes that lie apart one may be worth it but for rounding.
        assert.ok(space.size === Number.POSITIVE_INFINITY ? worth >= reservation : reaches(worth, reservation));
      }
    }
  }
  for (let draw = 0; draw < 600; draw++) {
    const outcome = space.issues.map((issue) => {
      if (issue.kind === "discrete") return Math.floor(random.fraction() * issue.values.length);
      const share = random.fraction() < 0.4 ? Math.round(random.fraction() * 100) / 100 : random.fraction();
      const value = issue.from + share * (issue.to - issue.from);
      return issue.kind === "integer" ? Math.round(value) : value;
    });
    const [one = 0, other = 0] = parties.map(({ utility }) => utility.of(outcome));
    if (one < (parties[0]?.reservation ?? 0) || other < (parties[1]?.reservation ?? 0)) continue;
    const place = curve.placeLeaving(1, other - within);
    assert.ok(place !== null && curve.worth(0, place) >= one - within, `${outcome} is better`);
  }
}
