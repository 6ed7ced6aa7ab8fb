import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { reaches } from "../../../../offchain/negotiation/analysis/precision.ts";
import { Likeness } from "../../../../offchain/negotiation/models/likeness.ts";
import { monotonicConcessionPrivate } from "../../../../offchain/negotiation/protocols/monotonic-concession.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import type { Step } from "../../../../offchain/negotiation/setting.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";
import { offer, oneIssue, outcomesOf, party, saying, scenario } from "../tables.ts";

function play(scenario: Scenario, rounds: number, names = ["zeuthen-estimate", "zeuthen-estimate"]) {
  const steps: Step[] = [];
  const strategies = names.map(strategyNamed);
  const watch = (step: Step) => steps.push(step);
  const result = negotiate({ scenario, protocol: monotonicConcessionPrivate, strategies, rounds, seed: 1, watch });
  return { ...result, steps };
}

/** Whether there is an outcome that leaves neither less than no deal. */
function canAgree(scenario: Scenario): boolean {
  return outcomesOf(scenario).some((outcome) =>
    scenario.parties.every(({ utility, reservation }) => reaches(utility.of(outcome), reservation)),
  );
}

describe("zeuthen-estimate", () => {
  it("never goes back, and never below no deal", () => {
    const property = fc.property(scenario(), fc.integer({ min: 1, max: 40 }), (drawn, rounds) => {
      const { steps } = play(drawn, rounds);
      for (const [me, { utility, reservation }] of drawn.parties.entries()) {
        const asked = steps.flatMap(({ by, move }) =>
          by === me && move.say === "offer" ? [utility.of(move.outcome)] : [],
        );
        assert.deepEqual(
          asked,
          asked.toSorted((a, b) => b - a),
        );
        assert.ok(asked.every((worth) => reaches(worth, reservation)));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("mostly agrees with itself where that is possible", () => {
    const drawn = fc.sample(scenario(), { numRuns: 200, seed: 20_261_121 }).filter(canAgree);
    const agreed = drawn.filter((one) => play(one, 40).agreement);
    assert.ok(agreed.length >= 0.9 * drawn.length, `${agreed.length} of ${drawn.length}`);
  });

  it("gives way a little even when it believes that it's not its turn", () => {
    const scenario = oneIssue(party("a", [1, 0.9, 0.8, 0.1, 0]), party("b", [0, 0.1, 0.2, 0.9, 1]));
    const { steps } = play(scenario, 20, ["zeuthen-estimate", "hardliner"]);
    const offered = steps.flatMap(({ by, move }) => (by === 0 && move.say === "offer" ? [move.outcome[0]] : []));
    assert.deepEqual(offered.slice(0, 3), [0, 1, 2]);
  });

  it("takes what is no worse than no deal in the last round", () => {
    const scenario = oneIssue(party("a", [1, 0.5, 0.3], 0.2), party("b", [0, 0.5, 1]));
    const strategies = [strategyNamed("zeuthen-estimate"), saying(offer(2), offer(2))];
    const { outcome } = negotiate({ scenario, protocol: monotonicConcessionPrivate, strategies, rounds: 2, seed: 1 });
    assert.deepEqual(outcome, [2]);
  });
});

describe("likeness", () => {
  const space = new IssueSpace([
    { kind: "discrete", name: "colour", values: ["red", "green", "blue"] },
    { kind: "integer", name: "price", from: 0, to: 10 },
  ]);

  it("takes what is like the other's offers for better, above all in what it doesn't change", () => {
    const model = new Likeness(space);
    assert.equal(model.of([0, 0]), 0);
    for (const price of [10, 9, 8]) model.hear([2, price]);
    assert.ok(model.of([2, 9]) > model.of([2, 5]));
    assert.ok(model.of([2, 0]) > model.of([0, 9]));
    assert.ok(model.of([2, 9]) <= 1 && model.of([0, 0]) >= 0);
  });

  it("counts the first offers more than the later ones", () => {
    const model = new Likeness(space);
    model.hear([0, 5]);
    model.hear([1, 5]);
    assert.ok(model.of([0, 5]) > model.of([1, 5]));
  });
});
