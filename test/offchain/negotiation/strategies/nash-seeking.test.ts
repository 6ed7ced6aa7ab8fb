import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { orderBids } from "../../../../offchain/negotiation/bids/order.ts";
import { generateScenario, generateScenarios } from "../../../../offchain/negotiation/generate.ts";
import { utilitiesOf } from "../../../../offchain/negotiation/scenario.ts";
import { pickNicest } from "../../../../offchain/negotiation/strategies/nicest.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { isLastOffer } from "../../../../offchain/negotiation/strategies/seat.ts";
import { pie, play, scripted, withReservations } from "../fixture.ts";

const NAMES = ["nash-frequency", "nash-bayesian"];
const POOL = ["boulware", "linear", "conceder", "tft-relative", "tft-absolute", "tft-averaged", "micro", "hardliner"];

describe("the nicest offer", () => {
  it("is the best for the other of those worth about the target, and each comes once before any comes again", () => {
    const scenario = generateScenario(5);
    const [own, other] = scenario.parties;
    assert.ok(own !== undefined && other !== undefined);
    const bids = orderBids(scenario.space, own.utility);
    const seat = {
      space: scenario.space,
      party: own,
      bids,
      me: 0,
      parties: 2,
      random: new SeededEntropy(1),
      all: null,
    };
    const model = { hear() {}, of: other.utility.of.bind(other.utility) };
    const pick = pickNicest(seat, model, 0.05);
    const moment = { round: 0, rounds: 10, time: 0, offered: null, mayOffer: true };
    const band = bids.among(0.7, 0.7 + 0.05 * (bids.highest - bids.lowest), 1000);
    const first = pick(0.7, moment);
    assert.equal(other.utility.of(first), Math.max(...band.map((outcome) => other.utility.of(outcome))));
    const rest = band.slice(1).map(() => pick(0.7, moment));
    assert.equal(new Set([first, ...rest].map(String)).size, band.length);
    assert.deepEqual(pick(0.7, moment), first);
  });
});

describe("the last offer", () => {
  it("is known by the rounds, and by the clock where there are none", () => {
    const { space, parties } = pie(0, 1);
    const [party] = parties;
    assert.ok(party !== undefined);
    const seat = (me: number) => {
      return {
        space,
        party,
        bids: orderBids(space, party.utility),
        me,
        parties: 2,
        random: new SeededEntropy(1),
        all: null,
      };
    };
    const rounds = (me: number) =>
      [7, 8, 9].map((round) => isLastOffer(seat(me), { round, rounds: 10, time: round / 9 }));
    assert.deepEqual(rounds(0), [false, false, true]);
    // The second can make none in the last round, as nobody could answer.
    assert.deepEqual(rounds(1), [false, true, true]);
    const clock = (time: number) => isLastOffer(seat(0), { round: 3, rounds: Number.POSITIVE_INFINITY, time });
    assert.deepEqual([0.5, 0.99].map(clock), [false, true]);
  });

  it("is one that the other has made itself, if that is the best there is to hope for", () => {
    const scenario = withReservations(pie(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1), 0.2, 0);
    for (const name of NAMES) {
      const offers = [6, 5, 4, 3].map((place) => ({ say: "offer" as const, outcome: [place] }));
      const { offersOf, steps } = play(scenario, [strategyNamed(name), scripted(...offers)], 5);
      assert.deepEqual(offersOf(0)[4], [6]);
      assert.match(
        steps.find(({ by, round }) => by === 0 && round === 4)?.why ?? "",
        /last offer, taken with a chance of 0.950/,
      );
    }
  });
});

describe("strategies that seek the Nash point", () => {
  it("find nearly the best for both when they meet themselves, and more than Boulware does", () => {
    const cases = generateScenarios(60, 1);
    const share = (name: string): number => {
      const shares = cases.map((scenario) => {
        const all = Array.from({ length: scenario.space.size }, (_, id) =>
          utilitiesOf(scenario, scenario.space.at(id)),
        );
        const best = Math.max(...all.map(([a = 0, b = 0]) => a * b));
        const [a = 0, b = 0] = play(scenario, [strategyNamed(name), strategyNamed(name)], 100).utilities;
        return (a * b) / best;
      });
      return shares.reduce((sum, one) => sum + one, 0) / shares.length;
    };
    const boulware = share("boulware");
    for (const name of NAMES) assert.ok(share(name) > Math.max(0.94, boulware + 0.03), `${name}: ${share(name)}`);
  });

  it("gain more than Boulware against all kinds, and agree about as often", () => {
    const cases = generateScenarios(40, 7, { reservation: [0, 0.7], opposition: 0.45, values: 6 });
    const against = (name: string, rounds: number): { readonly mean: number; readonly agreed: number } => {
      let [sum, agreed, count] = [0, 0, 0];
      for (const [seed, scenario] of cases.entries()) {
        for (const other of POOL) {
          for (const me of [0, 1]) {
            const sides = me === 0 ? [name, other] : [other, name];
            const { utilities, agreement } = play(scenario, sides.map(strategyNamed), rounds, seed);
            sum += utilities[me] ?? 0;
            agreed += agreement ? 1 : 0;
            count += 1;
          }
        }
      }
      return { mean: sum / count, agreed: agreed / count };
    };
    for (const rounds of [20, 50]) {
      const boulware = against("boulware", rounds);
      for (const name of NAMES) {
        const ours = against(name, rounds);
        assert.ok(
          ours.mean > 1.03 * boulware.mean,
          `${name} ${ours.mean}, Boulware ${boulware.mean} in ${rounds} rounds`,
        );
        assert.ok(ours.agreed > boulware.agreed - 0.02, `${name} ${ours.agreed}, Boulware ${boulware.agreed}`);
      }
    }
  });
});
