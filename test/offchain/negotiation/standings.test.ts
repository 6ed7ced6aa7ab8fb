import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Mean, standings, standingsByScenario } from "../../../offchain/negotiation/standings.ts";
import type { MatchRecord } from "../../../offchain/negotiation/tournament.ts";

const NAMES = ["one", "other"];

/** A match of the two, as it may end. */
function record(scenario: number, utility: number, parts: Partial<MatchRecord> = {}): MatchRecord {
  return {
    ...{ scenario, seats: [0, 1], repeat: 0, utilities: [utility, 0], agreement: true },
    ...{ welfare: 0.5, nashDistance: null, rounds: 3, fault: null },
    ...parts,
  };
}

function utilityOf(records: readonly MatchRecord[]): Mean {
  const { utility } = standings(NAMES, records)[0] ?? {};
  assert.ok(utility !== undefined);
  return utility;
}

function near(actual: number, expected: number, by = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`);
}

describe("the table of a tournament", () => {
  it("has the means of each strategy, the best utility first, and who broke down", () => {
    const records = [
      record(0, 0.2),
      record(0, 0.4, { seats: [1, 0], agreement: false, fault: 1, utilities: [0.9, 0.4], rounds: 5 }),
    ];
    const [first, second] = standings(NAMES, records);
    assert.deepEqual([first?.strategy, second?.strategy], ["other", "one"]);
    near(first?.utility.mean ?? 0, 0.45);
    near(second?.utility.mean ?? 0, 0.3);
    assert.deepEqual([first?.matches, first?.faults, second?.faults], [2, 0, 1]);
    assert.deepEqual([first?.agreement.mean, first?.rounds.mean, first?.welfare.mean], [0.5, 4, 0.5]);
    assert.deepEqual(first?.nashDistance, { mean: Number.NaN, within: Number.NaN });
  });

  it("is no surer of other scenarios for playing the same ones again", () => {
    const once = [record(0, 0.2), record(1, 0.4), record(2, 0.9)];
    const often = once.flatMap((one) => Array.from({ length: 500 }, (_, repeat) => ({ ...one, repeat })));
    const [few, many] = [utilityOf(once), utilityOf(often)];
    near(few.mean, 0.5);
    near(many.mean, 0.5);
    near(many.within, few.within);
    // Two degrees of freedom, a variance of .13.
    near(few.within, 4.3027 * Math.sqrt(0.13 / 3), 1e-4);
    const wider = Array.from({ length: 12 }, (_, scenario) => record(scenario, [0.2, 0.4, 0.9][scenario % 3] ?? 0));
    assert.ok(utilityOf(wider).within < few.within / 2);
  });

  it("counts each scenario once, however many matches were played over it", () => {
    const records = [record(0, 0), record(1, 1), record(1, 1, { repeat: 1 }), record(1, 1, { repeat: 2 })];
    near(utilityOf(records).mean, 0.5);
  });

  it("says nothing of other scenarios from one alone", () => {
    assert.equal(utilityOf([record(0, 0.2), record(0, 0.4, { repeat: 1 })]).within, Number.POSITIVE_INFINITY);
  });

  it("has intervals by Student's distribution", () => {
    // The 97.5% points as tables have them; the factor 1 / sqrt(n) and a deviation of 1 taken out.
    for (const [degrees, expected] of [
      [1, 12.706],
      [4, 2.776],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [120, 1.98],
    ] as const) {
      const count = degrees + 1;
      const values = Array.from({ length: count }, (_, scenario) => record(scenario, scenario % 2));
      const mean = values.reduce((sum, { utilities }) => sum + utilities[0], 0) / count;
      const variance = values.reduce((sum, { utilities }) => sum + (utilities[0] - mean) ** 2, 0) / degrees;
      near(utilityOf(values).within / Math.sqrt(variance / count), expected, 0.004);
    }
  });

  it("is there for each scenario, too", () => {
    const tables = standingsByScenario(NAMES, [record(4, 0.3), record(1, 0.8), record(4, 0.5, { repeat: 1 })]);
    assert.deepEqual([...tables.keys()], [1, 4]);
    const [one, other] = tables.get(4) ?? [];
    near(one?.utility ?? 0, 0.4);
    const { utility: _, ...rest } = one ?? {};
    assert.deepEqual(rest, {
      ...{ strategy: "one", matches: 2, agreement: 1, welfare: 0.5, nashDistance: null, rounds: 3, faults: 0 },
    });
    assert.equal(other?.strategy, "other");
  });
});
