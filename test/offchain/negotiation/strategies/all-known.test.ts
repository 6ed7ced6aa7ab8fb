import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { generateScenario } from "../../../../offchain/negotiation/generate.ts";
import { monotonicConcession } from "../../../../offchain/negotiation/protocols/monotonic-concession.ts";
import type { Party, Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { curveAt, View } from "../../../../offchain/negotiation/strategies/all-known.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import type { Seat } from "../../../../offchain/negotiation/strategy.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";

function seatsAt({ space, parties }: Scenario): Seat[] {
  return parties.map((party, me) => {
    const random = new SeededEntropy(1);
    const bids = { highest: 1, lowest: 0, best: [], atLeast: () => [], among: () => [], ranked: null };
    return { space, party, me, parties: parties.length, all: parties, random, bids };
  });
}

/** Counts how often anything is asked what it is worth. */
function counted(scenario: Scenario): { readonly scenario: Scenario; readonly asked: () => number } {
  let asked = 0;
  class Counting extends Utility {
    override part(index: number, value: number): number {
      asked += 1;
      return super.part(index, value);
    }
  }
  const parties = scenario.parties.map((party): Party => {
    const { weights, worths, rules } = party.utility;
    return { ...party, utility: new Counting(weights, worths, rules) };
  });
  return { scenario: { ...scenario, parties }, asked: () => asked };
}

describe("what two who know all can agree on", () => {
  it("is found once for both seats, and for all who sit there later", () => {
    const scenario = generateScenario(1, { issues: 3, values: 10 });
    const [one, other] = seatsAt(scenario);
    assert.ok(one !== undefined && other !== undefined);
    assert.equal(curveAt("zeuthen", one), curveAt("zeuthen", other));
    assert.equal(curveAt("rubinstein", seatsAt(scenario)[1] ?? one), curveAt("zeuthen", one));
  });

  it("is another for others, and over another space", () => {
    const scenario = generateScenario(1, { issues: 3, values: 10 });
    const [seat] = seatsAt(scenario);
    const [others] = seatsAt({ ...scenario, parties: scenario.parties.toReversed() });
    const [elsewhere] = seatsAt({ ...generateScenario(1, { issues: 3, values: 10 }), parties: scenario.parties });
    assert.ok(seat !== undefined && others !== undefined && elsewhere !== undefined);
    const curve = curveAt("zeuthen", seat);
    assert.notEqual(curveAt("zeuthen", others), curve);
    assert.notEqual(curveAt("zeuthen", elsewhere), curve);
  });

  it("costs the second negotiation over a scenario next to nothing", () => {
    for (const kind of ["discrete", "continuous"] as const) {
      const { scenario, asked } = counted(generateScenario(2, { issues: 4, values: 12, kind }));
      const strategies = [strategyNamed("zeuthen"), strategyNamed("zeuthen")];
      // In one round, so that little is said.
      const play = () => negotiate({ scenario, protocol: monotonicConcession, strategies, rounds: 1, seed: 1 });
      const { outcome } = play();
      const first = asked();
      assert.deepEqual(play().outcome, outcome);
      assert.ok(asked() - first < first / 2, `${asked() - first} after ${first}`);
    }
  });

  it("is the same from both ends", () => {
    const views = seatsAt(generateScenario(1, { issues: 3, values: 10 })).map((seat) => new View("zeuthen", seat));
    const [one, other] = views;
    assert.ok(one !== undefined && other !== undefined && one.count > 2, `${one?.count}`);
    for (let place = 0; place < one.count; place++) {
      const behind: number = one.count - 1 - place;
      assert.deepEqual(one.at(place), other.at(behind));
      assert.deepEqual([one.mine(place), one.theirs(place)], [other.theirs(behind), other.mine(behind)]);
    }
  });
});
