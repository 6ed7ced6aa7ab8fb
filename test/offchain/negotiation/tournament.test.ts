import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { analyze } from "../../../offchain/negotiation/analysis/analyze.ts";
import { referenceOf } from "../../../offchain/negotiation/analysis/reference.ts";
import { generateScenario } from "../../../offchain/negotiation/generate.ts";
import { alternatingOffers } from "../../../offchain/negotiation/protocols/alternating-offers.ts";
import { protocolNamed } from "../../../offchain/negotiation/protocols/registry.ts";
import { discounted, type Scenario } from "../../../offchain/negotiation/scenario.ts";
import { strategyNamed } from "../../../offchain/negotiation/strategies/registry.ts";
import { Arena, keyOf, matchesIn, roundRobin } from "../../../offchain/negotiation/tournament.ts";
import { pie, withReservations } from "./fixture.ts";

const MATCH = { scenario: 0, seats: [0, 1], repeat: 0 } as const;

function discountedBy(scenario: Scenario, discount: number): Scenario {
  return { ...scenario, parties: scenario.parties.map((party) => ({ ...party, discount })) };
}

describe("an arena", () => {
  it("measures which outcome was found, not when: zeuthen's is the Nash point, and yet pays less for being late", () => {
    const scenario = discountedBy(generateScenario(5), 0.5);
    const { nash, welfare } = analyze(scenario);
    assert.ok(nash);
    const strategies = ["zeuthen", "zeuthen"].map(strategyNamed);
    const protocol = protocolNamed("monotonic-concession");
    const record = new Arena(scenario, referenceOf(scenario)).play(MATCH, {
      strategies,
      protocol,
      rounds: 100,
      seed: 1,
    });
    assert.ok(record.agreement && record.rounds > 1);
    assert.equal(record.nashDistance, 0);
    const sum = nash.utilities.reduce((total, one) => total + one, 0);
    assert.equal(record.welfare, sum / welfare.value);
    const time = record.rounds / 100;
    for (const [seat, utility] of record.utilities.entries()) {
      assert.equal(utility, discounted(nash.utilities[seat] ?? 0, { discount: 0.5 }, time));
    }
  });

  it("measures no deal at the reservations, undiscounted", () => {
    const scenario = discountedBy(withReservations(pie(0, 0.25, 0.5, 0.75, 1), 0.1, 0.3), 0.5);
    const strategies = ["hardliner", "hardliner"].map(strategyNamed);
    const conditions = { strategies, protocol: alternatingOffers, rounds: 10, seed: 1 };
    const record = new Arena(scenario, referenceOf(scenario)).play(MATCH, conditions);
    assert.deepEqual([record.agreement, record.utilities], [false, [0.05, 0.15]]);
    assert.equal(record.welfare, 0.4);
    assert.equal(record.nashDistance, Math.hypot(0.5 - 0.1, 0.5 - 0.3));
  });

  it("measures by the nearest of several Nash points", () => {
    const scenario = pie(0, 0.25, 0.75, 1);
    assert.deepEqual(referenceOf(scenario).nash, [
      [0.75, 0.25],
      [0.25, 0.75],
    ]);
    const distances = [
      ["hardliner", "conceder"],
      ["conceder", "hardliner:reservation=0.7"],
      ["conceder", "linear"],
    ].map((names) => {
      const conditions = { strategies: names.map(strategyNamed), protocol: alternatingOffers, rounds: 9, seed: 1 };
      return new Arena(scenario, referenceOf(scenario)).play(MATCH, conditions).nashDistance;
    });
    assert.ok(distances.includes(0));
    assert.ok(
      distances.every((one) => one === 0 || one === Math.hypot(0.25, 0.25)),
      `${distances}`,
    );
  });

  it("doesn't measure by what it doesn't know", () => {
    const conditions = {
      strategies: ["linear", "linear"].map(strategyNamed),
      protocol: alternatingOffers,
      rounds: 9,
      seed: 1,
    };
    const { welfare, nashDistance } = new Arena(pie(0, 0.5, 1), { welfare: null, nash: null }).play(MATCH, conditions);
    assert.deepEqual([welfare, nashDistance], [null, null]);
  });
});

describe("a round robin", () => {
  it("has everybody in both seats against everybody else, and as many matches as are counted beforehand", () => {
    for (const self of [false, true]) {
      const options = { repeats: 3, self };
      const matches = roundRobin(2, 4, options);
      assert.equal(matches.length, matchesIn(2, 4, options));
      assert.equal(new Set(matches.map(keyOf)).size, matches.length);
      assert.equal(
        matches.some(({ seats }) => seats[0] === seats[1]),
        self,
      );
    }
    assert.equal(roundRobin(3, 2).length, matchesIn(3, 2));
  });
});
