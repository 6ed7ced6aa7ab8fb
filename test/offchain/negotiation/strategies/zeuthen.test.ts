import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { reaches } from "../../../../offchain/negotiation/analysis/precision.ts";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import { monotonicConcession } from "../../../../offchain/negotiation/protocols/monotonic-concession.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import type { Result, Step } from "../../../../offchain/negotiation/setting.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace, type Outcome } from "../../../../offchain/terms/issue-space.ts";
import { offer, oneIssue, outcomesOf, party, saying, scenario } from "../tables.ts";

const zeuthen = strategyNamed("zeuthen");

function play(scenario: Scenario, rounds = 1_000, seed = 1): Result & { steps: Step[] } {
  const steps: Step[] = [];
  const result = negotiate({
    scenario,
    protocol: monotonicConcession,
    strategies: [zeuthen, zeuthen],
    rounds,
    seed,
    watch: (step) => steps.push(step),
  });
  return { ...result, steps };
}

function product({ parties }: Scenario, outcome: Outcome): number {
  return parties.reduce((all, { utility, reservation }) => all * Math.max(0, utility.of(outcome) - reservation), 1);
}

/** The greatest product of gains over no deal, by looking at every outcome; null if none leaves both no less. */
function greatest(scenario: Scenario): number | null {
  const rational = outcomesOf(scenario).filter((outcome) =>
    scenario.parties.every(({ utility, reservation }) => reaches(utility.of(outcome), reservation)),
  );
  return rational.length === 0 ? null : Math.max(...rational.map((outcome) => product(scenario, outcome)));
}

function assertGreatest(scenario: Scenario, { agreement, outcome, fault }: Result): void {
  const most = greatest(scenario);
  assert.equal(fault, null);
  assert.equal(agreement, most !== null);
  if (outcome !== null) assert.equal(product(scenario, outcome), most);
}

type Lines = readonly (readonly [number, number])[];

function line(...points: Lines): Lines {
  return points;
}

/** Two with reservations, and what each range from 0 to 1 is worth to them. */
function ofRanges(reservations: readonly number[][], lines: readonly (readonly Lines[])[]): Scenario {
  return {
    name: "",
    space: new IssueSpace(
      (lines[0] ?? []).map((_, range) => ({ kind: "continuous", name: `r${range}`, from: 0, to: 1 })),
    ),
    parties: lines.map((worths, side) => ({
      name: `party ${side}`,
      utility: new Utility(
        worths.map(() => 1 / worths.length),
        worths.map((points) => ({ kind: "lines", points })),
      ),
      reservation: reservations[side]?.[0] ?? 0,
      discount: 1,
    })),
  };
}

/** One range or two, each bent anywhere, and reservations. */
const bent = fc.integer({ min: 1, max: 2 }).chain((count) => {
  const figure = fc.integer({ min: 0, max: 1_000 }).map((parts) => parts / 1_000);
  const points = fc
    .tuple(figure, fc.integer({ min: 1, max: 99 }), figure, figure)
    .map(([first, stop, middle, last]) => line([0, first], [stop / 100, middle], [1, last]));
  const side = fc.array(points, { minLength: count, maxLength: count });
  const reservation = fc.constantFrom(0, 0.1, 0.25).map((worth) => [worth]);
  return fc.tuple(reservation, reservation, side, side).map(([a, b, one, other]) => ofRanges([a, b], [one, other]));
});

/** The greatest product of gains on a fine grid. */
function bySteps(drawn: Scenario): number {
  const steps = drawn.space.issues.length === 1 ? 20_000 : 200;
  const values = Array.from({ length: steps + 1 }, (_, step) => step / steps);
  const outcomes =
    drawn.space.issues.length === 1 ? values.map((x) => [x]) : values.flatMap((x) => values.map((y) => [x, y]));
  return outcomes.reduce((most, outcome) => Math.max(most, product(drawn, outcome)), 0);
}

describe("zeuthen", () => {
  it("reaches the greatest product of gains exactly, in 1,000 scenarios", () => {
    const property = fc.property(scenario(), fc.nat(), (drawn, seed) =>
      assertGreatest(drawn, play(drawn, 1_000, seed)),
    );
    fc.assert(property, { numRuns: 1_000, seed: 20_261_121 });
  });

  it("reaches it within whatever rounds there are", () => {
    const property = fc.property(scenario(), fc.integer({ min: 1, max: 8 }), (drawn, rounds) => {
      const result = play(drawn, rounds);
      assertGreatest(drawn, result);
      assert.ok(result.rounds <= rounds);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("moves one of them in every round, and never back", () => {
    const property = fc.property(scenario(), (drawn) => {
      const { steps, reason } = play(drawn);
      assert.notEqual(reason, "standstill");
      for (const me of [0, 1]) {
        const theirs = drawn.parties[1 - me]?.utility;
        const given = steps.flatMap(({ by, move }) =>
          by === me && move.say === "offer" ? [theirs?.of(move.outcome)] : [],
        );
        assert.deepEqual(
          given,
          given.toSorted((a = 0, b = 0) => a - b),
        );
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("takes the steps of a case that was worked out by hand", () => {
    // Products: 0, .16, .24, .25, .16, 0. At first both risk 1, so both step.
    const scenario = oneIssue(party("a", [1, 0.8, 0.6, 0.5, 0.2, 0]), party("b", [0, 0.2, 0.4, 0.5, 0.8, 1]));
    const { steps, outcome, rounds } = play(scenario);
    const said = steps.map(({ by, move }) => [by, move.say === "offer" ? move.outcome[0] : move.say]);
    // Then .75 each (1 - .2/.8): both step again. Then 1 - .5/.6 < 1 - .4/.5: the first gives way, and nothing lies between.
    const expected = [
      [0, 0],
      [1, 5],
      [0, 1],
      [1, 4],
      [0, 2],
      [1, 3],
      [0, "accept"],
      [1, 3],
    ];
    assert.deepEqual(said, expected);
    assert.deepEqual([outcome, rounds], [[3], 4]);
  });

  describe("with ties", () => {
    it("lets the coin decide between two that are as good", () => {
      const scenario = oneIssue(party("a", [1, 0.75, 0.5, 0]), party("b", [0, 0.5, 0.75, 1]));
      const outcomes = Array.from({ length: 40 }, (_, seed) => play(scenario, 100, seed).outcome?.[0]);
      assert.deepEqual(new Set(outcomes), new Set([1, 2]));
    });

    it("agrees on the middle of three that are as good, or on an end", () => {
      const scenario = oneIssue(party("a", [0.8, 0.4, 0.2]), party("b", [0.2, 0.4, 0.8]));
      for (let seed = 0; seed < 20; seed++) assertGreatest(scenario, play(scenario, 100, seed));
    });

    it("agrees where all outcomes are worth the same, to one side or to both", () => {
      for (const [a, b] of [
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        [
          [1, 1, 1],
          [0, 0.5, 1],
        ],
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
      ] as const) {
        const scenario = oneIssue(party("a", a), party("b", b));
        const result = play(scenario);
        assertGreatest(scenario, result);
        assert.equal(result.rounds, 1);
      }
    });

    it("agrees where every outcome leaves one side just what no deal would", () => {
      for (const reservation of [0, 0.5]) {
        const scenario = oneIssue(party("a", [1, 0.5], reservation), party("b", [0.5, 1], 0.5));
        assertGreatest(scenario, play(scenario));
      }
      const nothing = oneIssue(party("a", [1, 0]), party("b", [0, 1]));
      assertGreatest(nothing, play(nothing));
    });

    it("agrees where sums differ in their last bit only", () => {
      const scenario = oneIssue(party("a", [0.1 + 0.2, 0.3, 0.2]), party("b", [0.3, 0.1 + 0.2, 0.7]));
      for (let seed = 0; seed < 10; seed++) assertGreatest(scenario, play(scenario, 100, seed));
    });

    it("goes to the same of several in a last round that comes early", () => {
      const scenario = oneIssue(party("a", [1, 0.75, 0.5, 0]), party("b", [0, 0.5, 0.75, 1]));
      for (let seed = 0; seed < 10; seed++) assert.deepEqual(play(scenario, 1, seed).outcome, [1]);
    });
  });

  describe("along ranges", () => {
    it("reaches the middle of what two can win of a pie", () => {
      for (const [first, second] of [
        [0, 0],
        [0.1, 0.3],
        [0.123, 0.2],
        [1 / 3, 1 / 7],
      ] as const) {
        const { outcome } = play(ofRanges([[first], [second]], [[line([0, 0], [1, 1])], [line([0, 1], [1, 0])]]));
        assert.ok(Math.abs((outcome?.[0] ?? 0) - (first + (1 - first - second) / 2)) < 1e-9, `${outcome}`);
      }
    });

    it("reaches a product that no other outcome has more of, by steps or at once", () => {
      const property = fc.property(bent, fc.constantFrom(1_000, 7, 1), (drawn, rounds) => {
        const { agreement, outcome, fault, reason } = play(drawn, rounds);
        assert.equal(fault, null);
        assert.notEqual(reason, "standstill");
        const most = bySteps(drawn);
        if (most > 0) assert.equal(agreement, true);
        if (outcome === null) return;
        for (const { utility, reservation } of drawn.parties) assert.ok(reaches(utility.of(outcome), reservation));
        assert.ok(product(drawn, outcome) >= most - 1e-12, `${product(drawn, outcome)} of ${most}`);
      });
      fc.assert(property, { numRuns: 100 });
    });

    it("reaches the greatest product of three million whole numbers beside another issue", () => {
      const price = { kind: "integer" as const, name: "price", from: 0, to: 3_000_000 };
      const space = new IssueSpace([{ kind: "discrete", name: "which", values: ["a", "b"] }, price]);
      const side = (name: string, weights: number[], table: number[], lines: Lines, reservation: number) => ({
        name,
        utility: new Utility(weights, [
          { kind: "table", first: 0, table: Float64Array.from(table) },
          { kind: "lines", points: lines },
        ]),
        reservation,
        discount: 1,
      });
      const parties = [
        side("a", [0.3, 0.7], [1, 0.2], line([0, 0], [1_000_000, 0.6], [3_000_000, 1]), 0.123),
        side("b", [0.4, 0.6], [0.1, 0.9], line([0, 1], [3_000_000, 0]), 0.077),
      ];
      const drawn: Scenario = { name: "", space, parties };
      let most = 0;
      for (let id = 0; id < space.size; id++) most = Math.max(most, product(drawn, space.at(id)));
      assert.equal(product(drawn, play(drawn).outcome ?? []), most);
    });

    it("agrees however little there is to win", () => {
      for (const width of [1e-3, 1e-7, 1e-11, 0]) {
        const { outcome } = play(
          ofRanges([[0.502], [0.498 - width]], [[line([0, 0], [1, 1])], [line([0, 1], [1, 0])]]),
        );
        assert.ok(Math.abs((outcome?.[0] ?? 0) - 0.502 - width / 2) < 1e-9, `${outcome}`);
      }
    });
  });

  it("ends at once where no deal is better for one of them than anything the other could take", () => {
    const scenario = oneIssue(party("a", [1, 0.4], 0.5), party("b", [0.4, 1], 0.5));
    const { agreement, reason, utilities } = play(scenario);
    assert.deepEqual([agreement, reason, utilities], [false, "walked-away: a", [0.5, 0.5]]);
  });

  it("never goes below no deal against one that says anything", () => {
    const property = fc.property(scenario(), fc.array(fc.nat(), { minLength: 1 }), (drawn, numbers) => {
      const other = saying(...numbers.map((number) => offer(...drawn.space.at(number % drawn.space.size))));
      for (const strategies of [
        [zeuthen, other],
        [other, zeuthen],
      ]) {
        const { agreement, utilities } = negotiate({
          scenario: { ...drawn, parties: drawn.parties.map((one) => ({ ...one, discount: 1 })) },
          protocol: monotonicConcession,
          strategies,
          rounds: 50,
          seed: 1,
        });
        const me = strategies.indexOf(zeuthen);
        if (agreement) assert.ok(reaches(utilities[me] ?? 0, drawn.parties[me]?.reservation ?? 0));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("says that it can't sit where not all is known", () => {
    const scenario = oneIssue(party("a", [1, 0]), party("b", [0, 1]));
    const strategies = [zeuthen, zeuthen];
    const { reason, fault } = negotiate({ scenario, protocol: alternatingOffers, strategies, rounds: 5, seed: 1 });
    assert.match(reason, /a's strategy failed: zeuthen is for two who know/);
    assert.equal(fault, 0);
  });
});
