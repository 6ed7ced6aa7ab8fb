import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { analyze } from "../../../../offchain/negotiation/analysis/analyze.ts";
import { distancesOf } from "../../../../offchain/negotiation/analysis/distance.ts";
import { Trace } from "../../../../offchain/negotiation/analysis/trace.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import { utilitiesOf } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { everything } from "../scenarios.ts";

const scenario = scenarioFromJson({
  issues: [
    { name: "price", values: ["1", "2", "3", "4", "5"] },
    { name: "delivery", values: ["now", "soon", "late"] },
  ],
  parties: [
    {
      name: "buyer",
      weights: [0.6, 0.4],
      values: [
        [1, 0.8, 0.6, 0.3, 0],
        [1, 0.6, 0],
      ],
      reservation: 0.2,
    },
    {
      name: "seller",
      weights: [0.7, 0.3],
      values: [
        [0, 0.3, 0.6, 0.9, 1],
        [0, 0.7, 1],
      ],
      reservation: 0.2,
    },
  ],
});
const analysis = analyze(scenario);

describe("a trace", () => {
  const trace = new Trace(scenario, analysis);
  const strategies = [strategyNamed("linear"), strategyNamed("boulware")];
  const setting = { scenario, protocol: alternatingOffers, strategies, rounds: 20, seed: 1 };
  const result = negotiate({ ...setting, watch: trace.watch });

  it("has a turn for all that was said, the last one being the agreement", () => {
    assert.ok(result.agreement);
    assert.equal(trace.turns.filter(({ say }) => say === "offer").length, result.offers);
    const last = trace.turns.at(-1);
    assert.equal(last?.say, "accept");
    assert.deepEqual(last.outcome, result.outcome);
    assert.deepEqual(last.utilities, result.utilities);
    assert.deepEqual(
      trace.turns.map(({ round }) => round),
      trace.turns.map((_, index) => Math.floor(index / 2)),
    );
  });

  it("says how far each offer is from the Nash point and from the frontier", () => {
    for (const { utilities, toNash, toFrontier } of trace.turns) {
      const distances = distancesOf(utilities ?? [], analysis.frontier, analysis);
      assert.equal(toNash, distances.nash);
      assert.equal(toFrontier, distances.pareto);
    }
  });

  it("does without an analysis, and without an outcome where somebody leaves", () => {
    const { watch, turns } = new Trace(scenario, null);
    watch({ by: 0, round: 0, move: { say: "offer", outcome: [0, 0] }, why: "" });
    watch({ by: 1, round: 0, move: { say: "end" }, why: "enough" });
    const where = { toNash: null, toFrontier: null };
    assert.deepEqual(turns, [
      { by: 0, round: 0, say: "offer", why: "", outcome: [0, 0], utilities: utilitiesOf(scenario, [0, 0]), ...where },
      { by: 1, round: 0, say: "end", why: "enough", outcome: null, utilities: null, ...where },
    ]);
  });

  it("bears an offer that is no outcome", () => {
    const { watch, turns } = new Trace(scenario, analysis);
    watch({ by: 0, round: 0, move: { say: "offer", outcome: [9, 9] }, why: "" });
    assert.equal(turns[0]?.outcome, null);
  });
});

describe("distances", () => {
  it("are those to the nearest", () => {
    const frontier = Array.from({ length: analysis.frontier.size }, (_, place) => [
      ...analysis.frontier.utilitiesAt(place),
    ]);
    for (const { utilities } of everything(scenario)) {
      const to = (other: readonly number[]) => Math.hypot(...utilities.map((one, party) => one - (other[party] ?? 0)));
      const distances = distancesOf(utilities, analysis.frontier, analysis);
      assert.ok(Math.abs(distances.pareto - Math.min(...frontier.map(to))) < 1e-12);
      for (const name of ["nash", "kalai", "egalitarian", "welfare"] as const) {
        const places = analysis[name]?.places ?? [];
        const expected = Math.min(...places.map((place) => to([...analysis.frontier.utilitiesAt(place)])));
        assert.ok(Math.abs((distances[name] ?? Number.NaN) - expected) < 1e-12);
      }
    }
  });
});
