import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateScenario, generateScenarios } from "../../../../offchain/negotiation/generate.ts";
import type { Move } from "../../../../offchain/negotiation/move.ts";
import { stackedOffers } from "../../../../offchain/negotiation/protocols/stacked-offers.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { withinBudget } from "../../../../offchain/negotiation/strategies/micro.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { pie, play, scripted, withReservations } from "../fixture.ts";
import { oneIssue, party, saying, offer as says } from "../tables.ts";

const TENTHS = pie(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1);
const offer = (...places: readonly number[]): Move[] => places.map((place) => ({ say: "offer", outcome: [place] }));

describe("MiCRO", () => {
  it("makes a new offer for each new one, and otherwise one of the earlier again", () => {
    const { steps, offersOf } = play(TENTHS, [strategyNamed("micro"), scripted(...offer(0, 1, 1, 1, 2))], 6);
    const ours = offersOf(0).map(([place]) => place ?? 0);
    // The other's third and fourth are nothing new.
    assert.deepEqual(ours.slice(0, 3), [10, 9, 8]);
    for (const place of ours.slice(3, 5)) assert.ok(place >= 8, `${place} was not offered before`);
    assert.equal(ours[5], 7);
    assert.match(steps[6]?.why ?? "", /3 different offers made, 2 received/);
  });

  it("takes what is as good as the lowest that it is ready to offer, at the last chance too", () => {
    const takes = play(TENTHS, [strategyNamed("micro"), scripted(...offer(9))], 10);
    assert.deepEqual([takes.agreement, takes.outcome, takes.offers], [true, [9], 2]);
    // As the second it has the last turn, when it would offer 0.8 to itself, which is place 2.
    const leaves = play(TENTHS, [scripted(...offer(10, 3)), strategyNamed("micro")], 2);
    assert.deepEqual([leaves.agreement, leaves.reason], [false, "deadline"]);
    assert.equal(play(TENTHS, [scripted(...offer(10, 1)), strategyNamed("micro")], 2).agreement, true);
  });

  it("never goes below its reservation, however much the other offers", () => {
    const scenario = withReservations(TENTHS, 0.75, 0);
    const { offersOf } = play(scenario, [strategyNamed("micro"), scripted(...offer(0, 1, 2, 3, 4, 5, 6, 7))], 9);
    assert.deepEqual(new Set(offersOf(0).map(([place]) => place)), new Set([10, 9, 8]));
  });

  it("counts as offered only what it offered: of several, who accepts may have to go on", () => {
    const scenario = oneIssue(
      party("a", [1, 0.8, 0.6, 0.4, 0.2]),
      party("b", [1, 1, 1, 1, 1]),
      party("c", [1, 1, 1, 1, 1]),
    );
    for (let seed = 1; seed <= 10; seed++) {
      const moves: string[] = [];
      negotiate({
        scenario,
        protocol: stackedOffers,
        // What is offered to a is as good as its own next offer, so that it accepts; another doesn't, and it goes on.
        strategies: [
          strategyNamed("micro"),
          saying(says(2), says(4), says(4), says(4)),
          saying(says(1), says(1), says(3), says(0)),
        ],
        rounds: 4,
        seed,
        watch: ({ by, move }) => {
          if (by === 0) moves.push(move.say === "offer" ? String(move.outcome) : move.say);
        },
      });
      // What it would have offered instead is still its next.
      assert.deepEqual(moves, ["0", "accept", "accept", "1"]);
    }
  });

  it("goes on where there are too many outcomes to list", () => {
    const huge = generateScenario(2, { issues: 9, values: 10 });
    const { offersOf } = play(huge, [strategyNamed("micro"), strategyNamed("micro")], 30);
    const worths = offersOf(0).map((outcome) => huge.parties[0]?.utility.of(outcome) ?? 0);
    assert.equal(new Set(offersOf(0).map(String)).size, worths.length);
    assert.deepEqual(
      worths,
      [...worths].sort((a, b) => b - a),
    );
  });
});

describe("MiCRO within a budget", () => {
  it("spreads what is left over the rounds that are left", () => {
    const moment = { round: 10, rounds: 30, time: 0.3, offered: null, mayOffer: true };
    assert.equal(withinBudget(0)(100, moment), 5);
    assert.equal(withinBudget(0.5)(100, moment), 20);
    // By the clock alone: 10 rounds in 30% of the time leave 23 or so.
    assert.equal(withinBudget(0)(100, { ...moment, rounds: Number.POSITIVE_INFINITY }), 5);
  });

  it("agrees with itself where the plain one has not the rounds for it", () => {
    const cases = generateScenarios(200, 1);
    const agreed = (name: string, rounds: number): number =>
      cases.filter((scenario) => play(scenario, [strategyNamed(name), strategyNamed(name)], rounds).agreement).length;
    assert.ok(agreed("micro", 20) < 100);
    assert.ok(agreed("micro-budget", 20) > 195);
    assert.ok(agreed("micro-budget", 100) > agreed("micro", 100));
  });
});
