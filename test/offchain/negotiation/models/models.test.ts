// Both models of what another wants: what they have in common, and the figures of each.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { generateScenario } from "../../../../offchain/negotiation/generate.ts";
import { BayesianModel } from "../../../../offchain/negotiation/models/bayesian.ts";
import { FrequencyModel } from "../../../../offchain/negotiation/models/frequency.ts";
import type { OpponentModel } from "../../../../offchain/negotiation/models/model.ts";
import { modelOfOthers } from "../../../../offchain/negotiation/models/others.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import type { Strategy } from "../../../../offchain/negotiation/strategy.ts";
import { IssueSpace, type Outcome } from "../../../../offchain/terms/issue-space.ts";
import { play, told } from "../fixture.ts";

const MODELS = {
  frequency: (space: IssueSpace) => new FrequencyModel(space),
  bayesian: (space: IssueSpace) => new BayesianModel(space),
} as const;

const at = (time: number) => ({ round: 0, rounds: 10, time, offered: null, mayOffer: true });

const SMALL = new IssueSpace([
  { kind: "discrete", name: "colour", values: ["red", "green", "blue"] },
  { kind: "discrete", name: "size", values: ["small", "large"] },
]);

/** How well what a model believes runs with what is true, from -1 to 1. */
function correlation(left: readonly number[], right: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [left.map((value) => value - mean(left)), right.map((value) => value - mean(right))];
  const dot = (x: readonly number[], y: readonly number[]): number =>
    mean(x.map((value, index) => value * (y[index] ?? 0)));
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Listens to the end and never agrees. */
function listening(model: OpponentModel): Strategy {
  const quiet = told("listening", ({ bids }) => ({ mayOffer, round }) => {
    return mayOffer ? { say: "offer", outcome: bids.ranked?.at(round) ?? bids.best } : { say: "end" };
  });
  return {
    name: "listening",
    sit: (seat) => {
      const bargainer = quiet.sit(seat);
      return {
        speak: (moment) => bargainer.speak(moment),
        why: () => "",
        hear: (offer, by, when) => model.hear(offer, by, when),
      };
    },
  };
}

for (const [name, make] of Object.entries(MODELS)) {
  describe(`the ${name} model`, () => {
    it("takes every outcome to be worth from 0 to 1, whatever it hears", () => {
      const kind = fc.constantFrom("discrete" as const, "integer" as const, "continuous" as const, "mixed" as const);
      const property = fc.property(kind, fc.integer({ min: 1, max: 40 }), fc.nat(), (kinds, values, seed) => {
        const scenario = generateScenario(seed, { kind: kinds, values, issues: 2 });
        const model = make(scenario.space);
        const { offersOf } = play(scenario, [strategyNamed("linear"), listening(model)], 10, seed);
        for (const offer of [...offersOf(0), ...offersOf(1)]) {
          assert.ok(model.of(offer) >= -1e-9 && model.of(offer) <= 1 + 1e-9, `${model.of(offer)}`);
        }
      });
      fc.assert(property, { numRuns: 60 });
    });

    it("takes what is always offered to be the best, and the issue that never changes to weigh most", () => {
      const model = make(SMALL);
      const offers: Outcome[] = [
        [0, 0],
        [1, 0],
        [0, 0],
        [2, 0],
        [0, 0],
        [1, 0],
      ];
      for (const [round, offer] of offers.entries()) model.hear(offer, 1, at(round / 10));
      assert.ok(model.weightOf(1) > model.weightOf(0));
      assert.ok(model.worthOf(0, 0) > model.worthOf(0, 2));
      assert.ok(model.of([0, 0]) > model.of([0, 1]));
      assert.ok(Math.abs(model.weightOf(0) + model.weightOf(1) - 1) < 1e-9);
    });

    it("learns from one who concedes by the clock what that one wants", () => {
      let sum = 0;
      for (let seed = 0; seed < 20; seed++) {
        const scenario = generateScenario(seed);
        const model = make(scenario.space);
        play(scenario, [strategyNamed("boulware"), listening(model)], 100, seed);
        const all = Array.from({ length: scenario.space.size }, (_, id) => scenario.space.at(id));
        const truth = all.map((outcome) => scenario.parties[0]?.utility.of(outcome) ?? 0);
        sum += correlation(
          truth,
          all.map((outcome) => model.of(outcome)),
        );
      }
      assert.ok(sum / 20 > 0.6, `a correlation of ${sum / 20}`);
    });

    it("learns whether a price should be high or low", () => {
      const prices = new IssueSpace([{ kind: "continuous", name: "price", from: 0, to: 100 }]);
      const model = make(prices);
      for (const price of [98, 96, 95, 92, 90]) model.hear([price], 1, at((100 - price) / 20));
      assert.ok(model.of([95]) > model.of([50]));
    });
  });
}

describe("the frequency model", () => {
  it("counts, less as time goes on, and flattens", () => {
    const model = new FrequencyModel(SMALL);
    model.hear([0, 0], 1, at(0));
    model.hear([1, 0], 1, at(0.5));
    // Red counts 1, green 1 - 0.8 x 0.5 = 0.6, blue nothing; each plus 1 over the highest plus 1, to the power of 1/4.
    assert.equal(model.worthOf(0, 0), 1);
    assert.equal(model.worthOf(0, 1), (1.6 / 2) ** 0.25);
    assert.equal(model.worthOf(0, 2), (1 / 2) ** 0.25);
    // Size has not changed and gains 0.3 x 0.6 of the half that it weighed: 0.59 beside 0.5.
    assert.ok(Math.abs(model.weightOf(1) - 0.59 / 1.09) < 1e-12);
  });
});

describe("the Bayesian model", () => {
  it("judges hypotheses by how far they leave an offer from what should be asked for", () => {
    const single = new IssueSpace([{ kind: "discrete", name: "colour", values: ["red", "green"] }]);
    const model = new BayesianModel(single);
    model.hear([0], 1, at(0));
    // The one issue weighs 1, so a worth of w is off by (w - 1) / 0.15, and as likely as exp(-off^2 / 2).
    const likely = [0, 0.25, 0.5, 0.75, 1].map((worth) =>
      Math.max(1e-6, 0.2 * Math.exp(-0.5 * ((worth - 1) / 0.15) ** 2)),
    );
    const total = likely.reduce((sum, one) => sum + one, 0);
    const expected = likely.reduce((sum, one, index) => sum + (one / total) * index * 0.25, 0);
    assert.ok(Math.abs(model.worthOf(0, 0) - expected) < 1e-12);
    assert.equal(model.worthOf(0, 1), 0.4);
  });
});

describe("a model of several others", () => {
  it("is the model itself of one, and of more the mean that none of them is left out of", () => {
    const one = modelOfOthers({ me: 0, parties: 2 }, () => new FrequencyModel(SMALL));
    assert.ok(one instanceof FrequencyModel);
    const worths = [0.25, 0.81];
    let made = 0;
    const both = modelOfOthers({ me: 1, parties: 3 }, () => {
      const worth = worths[made++] ?? 0;
      return { hear() {}, of: () => worth };
    });
    assert.equal(both.of([0, 0]), 0.45);
    assert.equal(made, 2);
  });
});
