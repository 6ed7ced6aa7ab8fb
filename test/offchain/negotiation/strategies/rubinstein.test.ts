import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { reaches } from "../../../../offchain/negotiation/analysis/precision.ts";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import {
  rubinstein,
  type Shares,
  sharesForever,
  sharesWithin,
} from "../../../../offchain/negotiation/protocols/rubinstein.ts";
import type { Party, Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { plansForever } from "../../../../offchain/negotiation/strategies/equilibrium.ts";
import { findContractCurve } from "../../../../offchain/negotiation/strategies/find-contract-curve.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import type { Strategy } from "../../../../offchain/negotiation/strategy.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";
import { offer, oneIssue, outcomesOf, party, saying, scenario, thousandths } from "../tables.ts";

const equilibrium = strategyNamed("rubinstein");

function play(scenario: Scenario, rounds: number, strategies: readonly Strategy[] = [equilibrium, equilibrium]) {
  return negotiate({ scenario, protocol: rubinstein, strategies, rounds, seed: 1 });
}

/** A pie in so many pieces, and what is left of it for each a round later. */
function pie(pieces: number, rounds: number, factors: readonly [number, number]): Scenario {
  const shares = Array.from({ length: pieces + 1 }, (_, place) => place / pieces);
  const [first, second] = factors.map((factor) => factor ** rounds);
  return oneIssue(party("a", shares.toReversed(), 0, first), party("b", shares, 0, second));
}

/** One that can be cut anywhere, as numbers that begin somewhere. */
function wholePie(rounds: number, { proposer, responder }: Shares, from = 0): Scenario {
  const to = from + 1;
  const side = (name: string, points: readonly (readonly [number, number])[], factor: number): Party => ({
    name,
    utility: new Utility([1], [{ kind: "lines", points }]),
    reservation: 0,
    discount: factor ** rounds,
  });
  return {
    name: "",
    space: new IssueSpace([{ kind: "continuous", name: "share", from, to }]),
    parties: [
      side(
        "a",
        [
          [from, 0],
          [to, 1],
        ],
        proposer,
      ),
      side(
        "b",
        [
          [from, 1],
          [to, 0],
        ],
        responder,
      ),
    ],
  };
}

/** Three of them that weigh differently to both, one of which is bent. */
function threeRanges(rounds: number, { proposer, responder }: Shares): Scenario {
  const side = (name: string, weights: readonly number[], ends: readonly [number, number, number], factor: number) => ({
    name,
    utility: new Utility(
      weights,
      weights.map((_, range) => ({
        kind: "lines" as const,
        points: [[0, ends[0]] as const, ...(range === 1 ? [[0.5, ends[1]] as const] : []), [1, ends[2]] as const],
      })),
    ),
    reservation: 0,
    discount: factor ** rounds,
  });
  return {
    name: "",
    space: new IssueSpace(["x", "y", "z"].map((name) => ({ kind: "continuous", name, from: 0, to: 1 }))),
    parties: [side("a", [0.5, 0.2, 0.3], [0, 0.8, 1], proposer), side("b", [0.2, 0.5, 0.3], [1, 0.9, 0], responder)],
  };
}

interface Worked {
  readonly utilities: readonly number[];
  /** The least by which anything that was preferred was better. */
  readonly closest: number;
}

/**
 * What each ends with if both play as well as they can, by trying every outcome in every round. An outcome that leaves one less than no
 * deal is never worth trying.
 */
function worked({ parties, ...rest }: Scenario, rounds: number): Worked {
  let closest = Number.POSITIVE_INFINITY;
  const lead = (one = 0, other = 0) => {
    if (one !== other) closest = Math.min(closest, Math.abs(one - other));
    return one - other;
  };
  const outcomes = outcomesOf({ parties, ...rest }).filter((outcome) =>
    parties.every(({ utility, reservation }) => reaches(utility.of(outcome), reservation)),
  );
  // Then to leave at once is best, as no deal is worth less later.
  if (outcomes.length === 0) {
    return { utilities: parties.map(({ reservation, discount }) => reservation * discount ** (1 / rounds)), closest };
  }
  const from = (round: number): readonly number[] => {
    const [proposer, responder] = round % 2 === 0 ? [0, 1] : [1, 0];
    const left = parties.map(({ discount }) => discount ** ((round + 1) / rounds));
    const none = parties.map(({ reservation }, me) => reservation * (left[me] ?? 1));
    const later = round + 1 < rounds ? from(round + 1) : none;
    const refused = lead(none[responder], later[responder]) > 0 ? none : later;
    let best = refused;
    for (const outcome of outcomes) {
      const now = parties.map(({ utility }, me) => utility.of(outcome) * (left[me] ?? 1));
      if (lead(now[responder], refused[responder]) < 0) continue;
      const gain = lead(now[proposer], best[proposer]);
      if (gain > 0 || (gain === 0 && (best === refused || lead(now[responder], best[responder]) > 0))) best = now;
    }
    return best;
  };
  return { utilities: from(0), closest };
}

function assertNear(actual: readonly number[], expected: readonly number[], within: number): void {
  for (const [me, value] of actual.entries()) {
    assert.ok(Math.abs(value - (expected[me] ?? 0)) <= within, `${actual} is not ${expected}`);
  }
}

describe("the rubinstein strategy", () => {
  it("divides a pie as the closed form does, at once", () => {
    for (const rounds of [1, 2, 3, 5, 101]) {
      for (const [first, second] of [
        [0.9, 0.9],
        [0.95, 0.9],
        [0.5, 0.8],
      ] as const) {
        const scenario = pie(10_000, rounds, [first, second]);
        const { outcome, rounds: taken } = play(scenario, rounds);
        const { proposer, responder } = sharesWithin(rounds, { proposer: first, responder: second });
        assert.equal(taken, 1);
        const shares = scenario.parties.map(({ utility }) => utility.of(outcome ?? []));
        // Each round back adds less than a piece, and what is added shrinks on.
        assertNear(shares, [proposer, responder], 1 / 10_000 / (1 - Math.max(first, second)));
      }
    }
  });

  it("divides a pie that can be cut anywhere as the closed form does, to 1e-9", () => {
    const factor = fc.double({ min: 0.05, max: 1, noNaN: true });
    const property = fc.property(fc.integer({ min: 1, max: 200 }), factor, factor, (rounds, proposer, responder) => {
      const { outcome, rounds: taken } = play(wholePie(rounds, { proposer, responder }), rounds);
      assert.equal(taken, 1);
      assertNear(outcome ?? [], [sharesWithin(rounds, { proposer, responder }).proposer], 1e-9);
    });
    fc.assert(property);
    for (const [rounds, share] of [
      [1, 1],
      [2, 0.1],
      [3, 0.91],
      [5, 0.8371],
      [101, (1 + 0.9 ** 101) / 1.9],
    ] as const) {
      assertNear(play(wholePie(rounds, { proposer: 0.9, responder: 0.9 }), rounds).outcome ?? [], [share], 1e-9);
    }
  });

  it("divides so what lies far from zero, in numbers that are rounded", () => {
    for (const from of [1e9, 1e12]) {
      const { outcome, rounds } = play(wholePie(5, { proposer: 0.9, responder: 0.9 }, from), 5);
      assert.equal(rounds, 1);
      assert.ok(Math.abs((outcome?.[0] ?? 0) - from - 0.8371) < from * 1e-15);
    }
  });

  it("leaves both indifferent over several ranges: who answers has by refusing what it is offered", () => {
    const factors = { proposer: 0.8, responder: 0.9 };
    for (const rounds of [2, 3, 6]) {
      const now = play(threeRanges(rounds, factors), rounds).utilities;
      const { parties, ...rest } = threeRanges(rounds, factors);
      // The game a round later is that of the other's first offer, with a round less.
      const later = {
        ...rest,
        parties: parties.toReversed().map((one) => ({ ...one, discount: one.discount ** ((rounds - 1) / rounds) })),
      };
      const [second = 0] = play(later, rounds - 1).utilities;
      assertNear([now[1] ?? 0], [second * factors.responder], 1e-9);
    }
  });

  it("agrees however little there is to win", () => {
    for (const width of [1e-3, 1e-7, 1e-11, 0]) {
      const { parties, ...rest } = wholePie(3, { proposer: 0.9, responder: 0.9 });
      const limits = [0.502, 0.498 - width];
      const thin = { ...rest, parties: parties.map((one, me) => ({ ...one, reservation: limits[me] ?? 0 })) };
      const { outcome } = play(thin, 3);
      assert.ok(Math.abs((outcome?.[0] ?? 0) - 0.502 - width) < 1e-9 + width, `${outcome}`);
    }
  });

  it("is what comes of trying everything, over several issues", () => {
    const property = fc.property(scenario(2, thousandths), fc.integer({ min: 1, max: 9 }), (drawn, rounds) => {
      const expected = worked(drawn, rounds);
      // What is decided by the last bit may be decided either way.
      fc.pre(expected.closest > 1e-9);
      const { utilities, fault } = play(drawn, rounds);
      assert.equal(fault, null);
      assertNear(utilities, expected.utilities, 1e-9);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("gives all to whoever makes the last offer, where time costs nothing", () => {
    for (const [rounds, best] of [
      [1, 0],
      [4, 4],
      [5, 0],
    ] as const) {
      assert.deepEqual(play(pie(4, rounds, [1, 1]), rounds).outcome, [best]);
    }
  });

  it("takes what is no less than what it gets by refusing, and nothing less", () => {
    const scenario = pie(100, 2, [0.9, 0.9]);
    // With the last offer to come, the second gets all of what is left then: 90 of today's pieces.
    assert.deepEqual(play(scenario, 2, [saying(offer(90)), equilibrium]).outcome, [90]);
    const refused = play(scenario, 2, [saying(offer(89), { say: "accept" }), equilibrium]);
    assert.deepEqual([refused.outcome, refused.rounds], [[100], 2]);
  });

  it("would rather have no deal now than one that waiting has spoilt", () => {
    const stubborn = oneIssue(party("a", [1, 0.6, 0], 0, 0.01), party("b", [0, 0.4, 1], 0.4, 0.01));
    const { reason, rounds, utilities } = play(stubborn, 2, [saying(offer(0)), equilibrium]);
    assert.deepEqual([reason, rounds], ["walked-away: b", 1]);
    assertNear(utilities, [0, 0.04], 1e-12);
  });

  it("waits where time makes a loss smaller", () => {
    const losses = oneIssue(party("a", [-1, -2, -3], -9, 0.5), party("b", [-3, -2, -1], -9, 0.5));
    const result = play(losses, 3);
    assertNear(result.utilities, worked(losses, 3).utilities, 1e-12);
    assert.deepEqual([result.outcome, result.rounds], [[0], 3]);
  });

  it("needs to know what the other wants", () => {
    const setting = { scenario: pie(4, 1, [1, 1]), strategies: [equilibrium, equilibrium], seed: 1 };
    const closed = negotiate({ ...setting, rounds: 4, protocol: alternatingOffers });
    assert.match(closed.reason, /rubinstein is for two who know/);
  });

  it("ends at once where nothing leaves neither side less than no deal", () => {
    const apart = oneIssue(party("a", [1, 0.4], 0.5), party("b", [0.4, 1], 0.5));
    assert.equal(play(apart, 9).reason, "walked-away: a");
  });
});

describe("the rubinstein strategy without a last round", () => {
  const endless = (scenario: Scenario, name = "rubinstein") =>
    negotiate({
      scenario,
      protocol: rubinstein,
      strategies: [strategyNamed(name), strategyNamed(name)],
      rounds: Number.POSITIVE_INFINITY,
      clock: { limit: 1_000, now: () => 0 },
      seed: 1,
    });

  it("divides a pie as the closed form does, at once, to 1e-9", () => {
    const factor = fc.double({ min: 0, max: 0.9999, noNaN: true, minExcluded: true });
    const property = fc.property(factor, factor, (proposer, responder) => {
      const { outcome, rounds, fault } = endless(wholePie(1, { proposer, responder }));
      assert.deepEqual([rounds, fault], [1, null]);
      assertNear(outcome ?? [], [sharesForever({ proposer, responder }).proposer], 1e-9);
    });
    fc.assert(property);
    for (const [proposer, responder, share] of [
      [0.9, 0.9, "0.526316"],
      [0.95, 0.9, "0.689655"],
    ] as const) {
      assert.equal(endless(wholePie(1, { proposer, responder })).outcome?.[0]?.toFixed(6), share);
    }
  });

  it("spreads the discount over as many rounds as it is told", () => {
    const { outcome } = endless(wholePie(12, { proposer: 0.95, responder: 0.9 }), "rubinstein:period=12");
    assertNear(outcome ?? [], [sharesForever({ proposer: 0.95, responder: 0.9 }).proposer], 1e-9);
  });

  it("is what a far deadline comes to, over several issues and with reservations", () => {
    const { parties, ...rest } = threeRanges(1, { proposer: 0.8, responder: 0.9 });
    for (const reservations of [
      [0, 0],
      [0.45, 0],
      [0.1, 0.55],
    ]) {
      const game = { ...rest, parties: parties.map((one, me) => ({ ...one, reservation: reservations[me] ?? 0 })) };
      const far = { ...game, parties: game.parties.map((one) => ({ ...one, discount: one.discount ** 300 })) };
      const [now, then] = [endless(game), play(far, 300)].map(({ outcome }) =>
        game.parties.map(({ utility }) => utility.of(outcome ?? [])),
      );
      assertNear(now ?? [], then ?? [], 1e-9);
    }
  });

  it("leaves who answers what it has by its own offer a round later, and no more than it must, among outcomes that are apart too", () => {
    const property = fc.property(scenario(2, thousandths), (drawn) => {
      const parties = drawn.parties.map((one) => ({ ...one, discount: Math.min(0.99, one.discount) }));
      const all = outcomesOf(drawn)
        .map((outcome) => parties.map(({ utility }) => utility.of(outcome)))
        .filter((worths) => worths.every((worth, me) => reaches(worth, parties[me]?.reservation ?? 0)));
      const { agreement, outcome, rounds, fault } = endless({ ...drawn, parties });
      assert.deepEqual([agreement, fault, rounds], [all.length > 0, null, 1]);
      const [one, other] = parties;
      if (outcome === null || one === undefined || other === undefined) return;
      const curve = findContractCurve(drawn.space, [one, other]);
      const factors = [one.discount, other.discount] as const;
      const plans = plansForever({ curve, parties: [one, other], factors });
      const offers = plans.map(({ place }) => parties.map(({ utility }) => utility.of(curve.at(place))));
      assert.deepEqual(curve.at(plans[0].place), outcome);
      for (const [me, answers] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const refusing = Math.max(
          parties[answers]?.reservation ?? 0,
          (offers[answers]?.[answers] ?? 0) * factors[answers],
        );
        assertNear([plans[me].least], [refusing], 1e-9);
        const takes = all.filter((worths) => (worths[answers] ?? 0) >= refusing + 1e-9);
        assert.ok((offers[me]?.[answers] ?? 0) >= refusing - 1e-9);
        assert.ok(takes.every((worths) => (worths[me] ?? 0) <= (offers[me]?.[me] ?? 0) + 1e-9));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("refuses less than that, goes on, and takes what is no less", () => {
    const scenario = wholePie(1, { proposer: 0.9, responder: 0.9 });
    const seen: number[] = [];
    const { reason, rounds } = negotiate({
      scenario,
      protocol: rubinstein,
      strategies: [saying(offer(0.53)), equilibrium],
      rounds: Number.POSITIVE_INFINITY,
      clock: { limit: 1_000, now: () => 0 },
      seed: 1,
      watch: ({ by, move }) => {
        if (by === 1 && move.say === "offer") seen.push(move.outcome[0] ?? 0);
      },
    });
    assertNear(seen, [1 - 1 / 1.9], 1e-9);
    assert.deepEqual([reason, rounds], ["walked-away: a", 2]);
    const fair = negotiate({
      scenario,
      protocol: rubinstein,
      strategies: [saying(offer(0.526)), equilibrium],
      rounds: Number.POSITIVE_INFINITY,
      clock: { limit: 1_000, now: () => 0 },
      seed: 1,
    });
    assert.deepEqual(fair.outcome, [0.526]);
  });

  it("can't tell how two share to whom time costs nothing", () => {
    const { reason, fault } = endless(wholePie(1, { proposer: 1, responder: 1 }));
    assert.match(reason, /a's strategy failed: where rounds have no end and time costs neither anything/);
    assert.equal(fault, 0);
    // To whom alone it costs nothing, that one has all.
    assertNear(endless(wholePie(1, { proposer: 1, responder: 0.9 })).outcome ?? [], [1], 1e-9);
  });

  it("waits where waiting is better than any deal, until time is up", () => {
    let now = 0;
    const losses = oneIssue(party("a", [-1, -2], -9, 0.5), party("b", [-2, -1], -9, 0.5));
    const { reason } = negotiate({
      scenario: losses,
      protocol: rubinstein,
      strategies: [equilibrium, equilibrium],
      rounds: Number.POSITIVE_INFINITY,
      clock: { limit: 50, now: () => now++ },
      seed: 1,
    });
    assert.equal(reason, "deadline");
  });
});
