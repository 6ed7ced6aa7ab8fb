// What has to hold for every strategy that can be named.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { reaches } from "../../../../offchain/negotiation/analysis/precision.ts";
import { orderBids } from "../../../../offchain/negotiation/bids/order.ts";
import { generateScenario, type Recipe } from "../../../../offchain/negotiation/generate.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { STRATEGIES, strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import type { Strategy } from "../../../../offchain/negotiation/strategy.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { record } from "../../arbitraries.ts";
import { chancy, type Played, play, told } from "../fixture.ts";

/** Those that can sit at any table. */
const NAMES = Object.keys(STRATEGIES).filter((name) => STRATEGIES[name]?.open !== true);

const recipe: fc.Arbitrary<Partial<Recipe>> = record({
  issues: fc.integer({ min: 1, max: 3 }),
  values: fc.integer({ min: 1, max: 6 }),
  kind: fc.constantFrom("discrete" as const, "integer" as const, "continuous" as const, "mixed" as const),
  reservation: fc.constantFrom([0, 0] as const, [0, 1] as const, [0.9, 1.2] as const),
  discount: fc.constantFrom([1, 1] as const, [0.5, 1] as const),
  opposition: fc.double({ min: 0, max: 1, noNaN: true }),
});

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Strategies by name, and some that do anything. */
const opponent: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constantFrom(...NAMES).map(strategyNamed),
  fc
    .record({ accepts: fc.double({ min: 0, max: 0.3, noNaN: true }), leaves: fc.constantFrom(0, 0.02) })
    .map(({ accepts, leaves }) => chancy(accepts, leaves)),
);

/** Holds what was said by one party against what must hold for it. */
function check(scenario: Scenario, me: number, played: Played, rounds: number): void {
  const party = scenario.parties[me];
  assert.ok(party !== undefined);
  assert.notEqual(played.fault, me, played.reason);
  assert.ok(played.rounds <= rounds);
  for (const { by, move, why } of played.steps) {
    if (by !== me) continue;
    assert.match(why, /^[^\n]+$/);
    if (move.say !== "offer") continue;
    assert.ok(scenario.space.contains(move.outcome), `${move.outcome} is outside the space`);
    assert.ok(party.utility.of(move.outcome) >= party.reservation, "it offers what is worse than no deal");
  }
  if (played.outcome !== null) assert.ok(party.utility.of(played.outcome) >= party.reservation);
}

/** The same again, from nothing but the seed. */
function checkRepeats(played: Played, again: Played): void {
  assert.deepEqual(again.steps, played.steps);
  assert.deepEqual(again.outcome, played.outcome);
}

/** Ordered once, since that takes longest. */
const HUGE = (["discrete", "mixed"] as const).flatMap((kind) => {
  const additive = generateScenario(4, { issues: 9, values: 10, kind, reservation: [0.3, 0.5] });
  return [additive, dependent(additive)].map((scenario) => ({
    scenario,
    orders: scenario.parties.map(({ utility }) => orderBids(scenario.space, utility)),
  }));
});

for (const name of NAMES) {
  describe(name, () => {
    it("stays within the space and its reservation against anybody, ends, says why, and does the same again", () => {
      const rounds = fc.integer({ min: 1, max: 25 });
      const property = fc.property(
        recipe,
        seed,
        opponent,
        rounds,
        fc.constantFrom(0, 1),
        (changes, drawn, other, count, me) => {
          const scenario = generateScenario(drawn, changes);
          const sides = (): Strategy[] => (me === 0 ? [strategyNamed(name), other] : [other, strategyNamed(name)]);
          const played = play(scenario, sides(), count, drawn);
          check(scenario, me, played, count);
          checkRepeats(played, play(scenario, sides(), count, drawn));
        },
      );
      fc.assert(property, { numRuns: 100 });
    });

    it("does so at a table of three", () => {
      const property = fc.property(recipe, seed, opponent, opponent, fc.nat(2), (changes, drawn, one, two, me) => {
        const scenario = generateScenario(drawn, { ...changes, parties: 3 });
        const sides = [one, two];
        sides.splice(me, 0, strategyNamed(name));
        check(scenario, me, play(scenario, sides, 12, drawn), 12);
      });
      fc.assert(property, { numRuns: 30 });
    });

    it("does so among 10^9 outcomes, and where issues depend on each other", () => {
      for (const { scenario, orders } of HUGE) {
        assert.ok(scenario.space.size >= 1e9);
        for (const me of [0, 1]) {
          const sides = me === 0 ? [name, "linear"] : ["linear", name];
          check(scenario, me, play(scenario, sides.map(strategyNamed), 20, 1, orders), 20);
        }
      }
    });

    it("takes no less than it was told", () => {
      const property = fc.property(recipe, seed, opponent, (changes, drawn, other) => {
        const scenario = generateScenario(drawn, { ...changes, reservation: [0, 0] });
        const held = play(scenario, [strategyNamed(`${name}:reservation=0.6`), other], 15, drawn);
        const taken = held.outcome === null ? [] : [held.outcome];
        for (const outcome of [...held.offersOf(0), ...taken]) {
          assert.ok(reaches(scenario.parties[0]?.utility.of(outcome) ?? 0, 0.6));
        }
      });
      fc.assert(property, { numRuns: 30 });
    });

    it("is not harmed by one that fails at any point", () => {
      const silent = { hear() {}, why: () => "", speak: (): never => fail() };
      const failing: Strategy[] = [
        { name: "never sits", sit: fail },
        { name: "never speaks", sit: () => silent },
        { name: "fails at the first offer", sit: () => ({ ...silent, hear: fail }) },
        { name: "can't say why", sit: () => ({ ...silent, why: fail, speak: () => ({ say: "end" }) }) },
        told("says nothing", () => () => undefined as never),
        told("says anything", () => () => ({ say: "shout" }) as never),
        told("offers nothing", () => () => ({ say: "offer", outcome: [Number.NaN] })),
      ];
      const scenario = generateScenario(3, { reservation: [0.2, 0.4] });
      for (const [me, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        for (const one of failing) {
          const sides = me === 0 ? [strategyNamed(name), one] : [one, strategyNamed(name)];
          const { agreement, fault, utilities } = play(scenario, sides, 10);
          assert.deepEqual({ agreement, fault }, { agreement: false, fault: other }, one.name);
          assert.equal(utilities[me], scenario.parties[me]?.reservation);
        }
      }
    });
  });
}

function fail(): never {
  throw new Error("broken");
}

/** The same with worth that depends on two issues together. */
function dependent(scenario: Scenario): Scenario {
  const when = new Map([
    [0, [[scenario.space.firstOf(0), scenario.space.firstOf(0) + 3]]],
    [1, [[scenario.space.firstOf(1), scenario.space.firstOf(1) + 5]]],
  ] as const);
  const parties = scenario.parties.map((party) => ({
    ...party,
    utility: new Utility(party.utility.weights, party.utility.worths, [{ when, adds: 0.2 }]),
  }));
  return { ...scenario, parties };
}
