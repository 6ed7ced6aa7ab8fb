import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coverageFigures, gasFigures, mutationFigures } from "../../scripts/lib/contract-figures.ts";
import { isFigures } from "../../scripts/lib/figures.ts";
import { gasChanges } from "../../scripts/lib/gas.ts";

describe("the comparison with the gas snapshot", () => {
  it("is silent if nothing has changed", () => {
    assert.deepEqual(gasChanges({ commit: 100 }, { commit: 100 }), []);
  });

  it("names each operation that costs more, less, is new or gone", () => {
    assert.deepEqual(gasChanges({ a: 200, b: 200, c: 1 }, { a: 202, b: 190, d: 5 }), [
      "a: 200 -> 202 gas (+2, 1.00%)",
      "b: 200 -> 190 gas (-10, -5.00%)",
      "c: no longer measured (was 1 gas)",
      "d: 5 gas, new",
    ]);
  });
});

describe("the contracts' figures", () => {
  it("are of the form that the page of results takes", () => {
    const none = { killed: 0, timeout: 0, survived: 0, stillborn: 0, equivalent: 0 };
    const mutation = mutationFigures({
      date: "2026-01-01",
      commit: "abc",
      mutants: 3,
      judged: 2,
      counts: none,
      score: 0.5,
      byOperator: [],
      byFile: [],
      survivors: [],
      stale: [],
    });
    const coverage = coverageFigures({ lines: { reached: 1, total: 2 }, branches: { reached: 3, total: 4 } });
    assert.ok([gasFigures({ commit: 1, unheardOf: 2 }), coverage, mutation].every(isFigures));
    assert.deepEqual(
      coverage.map(({ value }) => value),
      [50, 75],
    );
    assert.match(mutation[0]?.figure ?? "", /2 of 3 mutants, 2026-01-01, commit abc/);
  });

  it("stand beside goals and peers where there are any", () => {
    const [commit, other] = gasFigures({ commit: 90_000, unheardOf: 2 });
    assert.equal(commit?.goal, "<= 98,000");
    assert.match(commit?.peer ?? "", /commerce-payments authorize .*: 139,118/);
    assert.deepEqual([other?.goal, other?.peer], ["", ""]);
  });
});
