import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { analysisJsonPieces, analysisToJson } from "../../../../offchain/negotiation/analysis/analysis-json.ts";
import { type Analysis, analyze } from "../../../../offchain/negotiation/analysis/analyze.ts";
import type { Point } from "../../../../offchain/negotiation/analysis/points.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import type { Outcome } from "../../../../offchain/terms/issue-space.ts";
import { everything, scenarios } from "../scenarios.ts";

const NEAR = 1e-9;

type Seen = ReturnType<typeof everything>;

const isAsGood = (one: readonly number[], other: readonly number[]) =>
  one.every((utility, party) => utility >= (other[party] ?? 0) - NEAR);
const isSame = (one: readonly number[], other: readonly number[]) => isAsGood(one, other) && isAsGood(other, one);

/** Each outcome against each, as the definition says. */
function efficient(all: Seen): Seen {
  return all.filter(
    ({ utilities }) =>
      !all.some((other) => isAsGood(other.utilities, utilities) && !isSame(other.utilities, utilities)),
  );
}

function listed(analysis: Analysis, places: readonly number[]): Outcome[] {
  return places.flatMap((place) => [...analysis.outcomesAt(place)]).sort(byIssue);
}

function byIssue(one: Outcome, other: Outcome): number {
  const index = one.findIndex((value, issue) => value !== other[issue]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

function checkFrontier(scenario: Scenario): void {
  const analysis = analyze(scenario);
  const expected = efficient(everything(scenario));
  const places = Array.from({ length: analysis.frontier.size }, (_, place) => place);
  assert.deepEqual(listed(analysis, places), expected.map(({ outcome }) => outcome).sort(byIssue));
  for (const place of places) {
    const vector = [...analysis.frontier.utilitiesAt(place)];
    const outcomes = [...analysis.outcomesAt(place)];
    assert.ok(outcomes.length > 0);
    for (const outcome of outcomes) {
      const { utilities = [] } = expected.find((one) => byIssue(one.outcome, outcome) === 0) ?? {};
      assert.ok(isSame(utilities, vector));
    }
    if (place > 0) assert.ok((analysis.frontier.utilitiesAt(place - 1)[0] ?? 0) >= (vector[0] ?? 0) - NEAR);
  }
}

describe("analyze", () => {
  for (const parties of [2, 3, 4, 5]) {
    it(`finds the frontier of ${parties} parties, and every outcome on it`, () => {
      fc.assert(fc.property(scenarios(parties, parties === 2 ? 8 : 6), checkFrontier));
    });
  }

  for (const parties of [2, 3]) {
    it(`finds the points of ${parties} parties with all that tie`, () => {
      fc.assert(
        fc.property(scenarios(parties), (scenario) => {
          const analysis = analyze(scenario);
          const onFrontier = efficient(everything(scenario));
          const limits = scenario.parties.map(({ reservation }) => reservation);
          const rational = onFrontier.filter(({ utilities }) => isAsGood(utilities, limits));
          const gains = (utilities: readonly number[]) =>
            utilities.map((one, party) => Math.max(0, one - (limits[party] ?? 0)));
          const ideals = limits.map((_, party) => Math.max(...rational.map(({ utilities }) => utilities[party] ?? 0)));
          const shares = (utilities: readonly number[]) =>
            gains(utilities).map((gain, party) => {
              const room = (ideals[party] ?? 0) - (limits[party] ?? 0);
              return room > NEAR ? gain / room : 1;
            });
          const check = (point: Point | null, among: Seen, measure: (utilities: readonly number[]) => number) => {
            if (among.length === 0) return assert.equal(point, null);
            assert.ok(point !== null);
            const most = Math.max(...among.map(({ utilities }) => measure(utilities)));
            assert.ok(Math.abs(point.value - most) < NEAR);
            assert.ok(Math.abs(measure(point.utilities) - most) < NEAR);
            const tied = among.filter(({ utilities }) => measure(utilities) >= most - NEAR);
            assert.deepEqual(listed(analysis, point.places), tied.map(({ outcome }) => outcome).sort(byIssue));
            return undefined;
          };
          check(analysis.nash, rational, (utilities) => gains(utilities).reduce((product, gain) => product * gain, 1));
          check(analysis.kalai, rational, (utilities) => Math.min(...shares(utilities)));
          check(analysis.egalitarian, rational, (utilities) => Math.min(...gains(utilities)));
          check(analysis.welfare, onFrontier, (utilities) => utilities.reduce((sum, one) => sum + one, 0));
        }),
      );
    });
  }

  it("counts the outcomes that beat no deal, and measures the opposition", () => {
    fc.assert(
      fc.property(scenarios(3), (scenario) => {
        const analysis = analyze(scenario);
        const all = everything(scenario);
        const limits = scenario.parties.map(({ reservation }) => reservation);
        assert.equal(analysis.outcomes, all.length);
        assert.equal(analysis.rational, all.filter(({ utilities }) => isAsGood(utilities, limits)).length);
        for (const [party, limit] of limits.entries()) {
          const content = all.filter(({ utilities }) => (utilities[party] ?? 0) >= limit - NEAR);
          assert.equal(analysis.rationalFor[party], content.length);
        }
        const ideal = limits.map((_, party) => Math.max(...all.map(({ utilities }) => utilities[party] ?? 0)));
        const distances = all.map(({ utilities }) =>
          Math.hypot(...utilities.map((one, party) => one - (ideal[party] ?? 0))),
        );
        assert.ok(Math.abs(analysis.opposition - Math.min(...distances)) < NEAR);
      }),
    );
  });

  it("finds the same frontier where many outcomes are on it", () => {
    // What one gets the others don't: everything is efficient, and far too much to be compared pair by pair at once.
    const values = Array.from({ length: 20 }, (_, value) => value / 19);
    const issues = [0, 1, 2].map((index) => ({ name: `part ${index}`, values: values.map(String) }));
    const parties = [0, 1, 2].map((party) => ({
      name: `party ${party}`,
      weights: [1 / 3, 1 / 3, 1 / 3],
      values: [0, 1, 2].map((issue) => (issue === party ? values : values.map((value) => (1 - value) / 2))),
    }));
    const analysis = analyze(scenarioFromJson({ issues, parties }));
    assert.equal(analysis.outcomes, 8_000);
    const welfare = analysis.welfare.places.reduce((sum, place) => sum + [...analysis.outcomesAt(place)].length, 0);
    assert.equal(welfare, 8_000);
  });

  it("treats as equal what only rounding tells apart", () => {
    // 0.1 + 0.2 is more than 0.3 in its last bit, and 0.7 + 0.1 less than 0.8.
    const never = [{ when: { a: ["y"], b: ["x"] }, adds: -1 }];
    const scenario = scenarioFromJson({
      issues: [
        { name: "a", values: ["x", "y"] },
        { name: "b", values: ["x", "y"] },
      ],
      parties: [
        {
          name: "one",
          weights: [0.5, 0.5],
          values: [
            [0.2, 0.6],
            [0.4, 0],
          ],
          rules: never,
        },
        {
          name: "two",
          weights: [0.5, 0.5],
          values: [
            [0.8, 1.4],
            [0.8, 0.2],
          ],
          rules: never,
        },
      ],
    });
    const { pareto, nash } = analysisToJson(analyze(scenario));
    assert.deepEqual(pareto, [[0.1 + 0.2, 0.8]]);
    assert.deepEqual(nash?.outcomes, [
      [0, 0],
      [1, 1],
    ]);
  });

  it("counts nothing as gained that only rounding adds to a limit", () => {
    // 0.8 - 0.2 - 0.2 is more than 0.4 in its last bits: who needs 0.4 gains nothing by it, and the product is none for either outcome.
    const scenario = scenarioFromJson({
      issues: [{ name: "which", values: ["x", "y"] }],
      parties: [
        {
          ...{ name: "one", weights: [1], values: [[0.8, 0.8]], reservation: 0.4 },
          rules: [0, 1].map(() => ({ when: { which: ["x", "y"] }, adds: -0.2 })),
        },
        { name: "two", weights: [1], values: [[0.2, 0.3]], reservation: 0.2 },
        { name: "three", weights: [1], values: [[0.6, 0.1]] },
      ],
    });
    const { nash } = analysisToJson(analyze(scenario));
    assert.equal(nash?.product, 0);
    assert.deepEqual(nash.outcomes, [[1], [0]]);
  });

  it("tells products of small gains apart, and ties those that only rounding does", () => {
    const products = (gains: readonly (readonly number[])[], reservation: number) => {
      const [first = []] = gains;
      const scenario = scenarioFromJson({
        issues: [{ name: "which", values: first.map((_, index) => index) }],
        parties: gains.map((own, party) => ({
          ...{ name: `party ${party}`, weights: [1], reservation },
          values: [own.map((gain) => reservation + gain)],
        })),
      });
      const { nash } = analysisToJson(analyze(scenario));
      return nash?.outcomes.map(([index]) => index);
    };
    // Eight with gains of a few hundredths: products from nothing to 10^-13.
    const few = Array.from({ length: 8 }, (_, party) => [0.02, 0.025, party === 3 ? 0 : 0.05, 0.01 + party / 500]);
    assert.deepEqual(products(few, 0.5), [1]);
    assert.deepEqual(
      products(
        [
          [1e-6, 6e-7, 1e-7],
          [1e-7, 7e-7, 1e-6],
        ],
        0,
      ),
      [1],
    );
    // 0.01 x 0.02 both ways, and what is left after a reservation is off in the last places.
    assert.deepEqual(
      products(
        [
          [0.01, 0.02, 0],
          [0.02, 0.01, 0.5],
        ],
        0.7,
      ),
      [1, 0],
    );
    assert.deepEqual(
      products(
        [
          [1e-4, 2e-4],
          [2e-4, 1e-4],
        ],
        0.3,
      ),
      [1, 0],
    );
  });

  it("is the same text in pieces, of which none is long", () => {
    fc.assert(
      fc.property(scenarios(3), (scenario) => {
        const analysis = analyze(scenario);
        assert.equal([...analysisJsonPieces(analysis)].join(""), JSON.stringify(analysisToJson(analysis)));
      }),
    );
    const sizes = Array.from({ length: 12 }, (_, index) => index);
    const party = { weights: sizes.map(() => 1 / 12), values: sizes.map(() => [1, 1, 1]) };
    const scenario = scenarioFromJson({
      issues: sizes.map((index) => ({ name: `${index}`, values: [..."abc"] })),
      parties: ["one", "two"].map((name) => ({ name, ...party })),
    });
    const pieces = [...analysisJsonPieces(analyze(scenario))];
    assert.ok(pieces.length > 100 && pieces.every(({ length }) => length < 70_000));
    assert.equal(JSON.parse(pieces.join("")).welfare.outcomes.length, 3 ** 12);
  });

  it("is data as the issue of a scenario of known points has it", () => {
    const scenario = scenarioFromJson({
      issues: [{ name: "share", values: ["0", "1", "2", "3", "4"] }],
      parties: [
        { name: "one", weights: [1], values: [[0, 0.25, 0.5, 0.75, 1]], reservation: 0.25 },
        { name: "two", weights: [1], values: [[1, 0.75, 0.5, 0.25, 0]], discount: 0.9 },
      ],
    });
    assert.deepEqual(analysisToJson(analyze(scenario)), {
      outcomes: 5,
      pareto: [
        [1, 0],
        [0.75, 0.25],
        [0.5, 0.5],
        [0.25, 0.75],
        [0, 1],
      ],
      nash: { utilities: [0.75, 0.25], product: 0.125, outcomes: [[3], [2]] },
      kalai: { utilities: [0.75, 0.25], share: 1 / 3, outcomes: [[3], [2]] },
      egalitarian: { utilities: [0.75, 0.25], gain: 0.25, outcomes: [[3], [2]] },
      welfare: { utilities: [1, 0], sum: 1, outcomes: [[4], [3], [2], [1], [0]] },
      opposition: Math.SQRT1_2,
      rational: 4,
      parties: [
        { name: "one", reservation: 0.25, discount: 1, rational: 4 },
        { name: "two", reservation: 0, discount: 0.9, rational: 5 },
      ],
    });
  });

  it("has no points where nothing beats no deal for all", () => {
    const party = (name: string, values: number[]) => ({ name, weights: [1], values: [values], reservation: 0.9 });
    const scenario = scenarioFromJson({
      issues: [{ name: "share", values: ["mine", "yours"] }],
      parties: [party("one", [1, 0]), party("two", [0, 1])],
    });
    const { nash, kalai, egalitarian, welfare, rational } = analysisToJson(analyze(scenario));
    assert.deepEqual([nash, kalai, egalitarian, rational], [null, null, null, 0]);
    assert.deepEqual(welfare, { utilities: [1, 0], sum: 1, outcomes: [[0], [1]] });
  });
});

describe("what can't be analysed", () => {
  const many = (issues: number) => {
    const each = Array.from({ length: issues }, (_, index) => index);
    const party = { weights: each.map(() => 1 / issues), values: each.map(() => new Array(10).fill(0.5)) };
    return scenarioFromJson({
      issues: each.map((index) => ({ name: `${index}`, values: [..."0123456789"] })),
      parties: [
        { name: "one", ...party },
        { name: "two", ...party },
      ],
    });
  };

  it("is refused with its size", () => {
    assert.throws(() => analyze(many(9)), {
      code: "TooManyOutcomes",
      facts: { outcomes: 1_000_000_000, most: 2_000_000 },
      message: /1,000,000,000/,
    });
  });

  it("is not called infinite where it isn't, and its size not told in digits that aren't its own", () => {
    const whole = (issues: number, to: number) => {
      const each = Array.from({ length: issues }, (_, index) => index);
      const party = { weights: each.map(() => 1 / issues), values: each.map(() => ({ points: [[0, 1]] })) };
      return scenarioFromJson({
        issues: each.map((index) => ({ name: `${index}`, kind: "integer", from: 0, to })),
        parties: ["one", "two"].map((name) => ({ name, ...party })),
      });
    };
    for (const scenario of [whole(4, 99_999), whole(64, 1e9)]) {
      assert.throws(() => analyze(scenario), {
        code: "TooManyOutcomes",
        message: "more than 10^15 outcomes are more than 2,000,000",
        hint: /^Strategies still negotiate/,
        facts: { outcomes: "more than 10^15", most: 2_000_000 },
      });
    }
    assert.throws(() => analyze(whole(3, 99_999)), { message: /^1,000,000,000,000,000 outcomes/ });
  });

  const price = {
    issues: [
      { name: "price", kind: "continuous", from: 10, to: 20 },
      { name: "extra", values: ["no", "yes"] },
    ],
    parties: [
      {
        name: "buyer",
        weights: [0.8, 0.2],
        values: [
          {
            points: [
              [10, 1],
              [20, 0],
            ],
          },
          [0, 1],
        ],
        rules: [{ when: { price: { from: 10, to: 12 }, extra: ["yes"] }, adds: 0.5 }],
      },
      {
        name: "seller",
        weights: [0.8, 0.2],
        values: [
          {
            points: [
              [10, 0],
              [20, 1],
            ],
          },
          [1, 0],
        ],
      },
    ],
  };

  it("is refused where an issue is continuous, unless on a grid that is named as such", () => {
    const scenario = scenarioFromJson(price);
    assert.throws(() => analyze(scenario), {
      code: "TooManyOutcomes",
      facts: { outcomes: "infinite", most: 2_000_000 },
    });
    const json = analysisToJson(analyze(scenario, { grid: 10 }));
    assert.deepEqual(json.grid, { steps: 10, exact: false });
    assert.equal(json.outcomes, 22);
    const best = everything11(scenario);
    assert.ok(Math.abs((json.nash?.product ?? 0) - best.product) < NEAR);
    assert.ok(json.nash?.outcomes.some((outcome) => byIssue(outcome, best.outcome) === 0));
    assert.throws(() => analyze(scenario, { grid: 0.5 }), { code: "BadSetting" });
    for (const grid of [1_000_000, 1e12]) assert.throws(() => analyze(scenario, { grid }), { code: "TooManyOutcomes" });
  });

  it("marks nothing as a grid where all was looked at", () => {
    assert.equal(analysisToJson(analyze(many(2), { grid: 10 })).grid, undefined);
  });
});

/** The best product on the prices 10, 11, ... 20. */
function everything11({ parties }: Scenario): { outcome: Outcome; product: number } {
  const outcomes = Array.from({ length: 22 }, (_, id): Outcome => [10 + Math.floor(id / 2), id % 2]);
  const products = outcomes.map((outcome) =>
    parties.reduce((product, { utility }) => product * utility.of(outcome), 1),
  );
  const product = Math.max(...products);
  return { outcome: outcomes[products.indexOf(product)] ?? [], product };
}
