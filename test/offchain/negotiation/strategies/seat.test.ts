import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { analyze } from "../../../../offchain/negotiation/analysis/analyze.ts";
import { orderBids } from "../../../../offchain/negotiation/bids/order.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import { PROTOCOLS } from "../../../../offchain/negotiation/protocols/registry.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { STRATEGIES, strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { isLastOffer, limitOf } from "../../../../offchain/negotiation/strategies/seat.ts";
import type { Seat, Strategy } from "../../../../offchain/negotiation/strategy.ts";

/** What `0.05 * 0.4 + 0.95 * 0.7` is in decimals. In doubles it is the last bit less. */
const DECIMAL = 0.685;

/** Where the one good outcome is worth to the first just what no deal is, as anybody would reckon it. */
function edge(...more: object[]): Scenario {
  const good = { name: "x", weights: [0.05, 0.95], values: [[0.4], [0.7]], reservation: DECIMAL };
  const other = { name: "y", weights: [0.5, 0.5], values: [[0.5], [0.5]], reservation: 0.1 };
  const parties = [good, other].map((party) => ({
    ...party,
    weights: [...party.weights, ...more.map(() => 0)],
    values: [...party.values, ...more.map(() => ({ points: [[0, 0]] }))],
  }));
  return scenarioFromJson({
    issues: [{ name: "i", values: ["good"] }, { name: "j", values: ["good"] }, ...more],
    parties,
  });
}

function agrees(scenario: Scenario, protocol: string, strategy: string): boolean {
  const { agreement, fault } = negotiate({
    scenario,
    protocol: PROTOCOLS[protocol]?.protocol ?? assert.fail(),
    strategies: [strategyNamed(strategy), strategyNamed(strategy)],
    rounds: 50,
    seed: 1,
  });
  assert.equal(fault, null);
  return agreement;
}

function seatOf(scenario: Scenario, me = 0): Seat {
  const { space, parties } = scenario;
  const party = parties[me] ?? assert.fail();
  const bids = orderBids(space, party.utility);
  return { space, party, bids, me, parties: parties.length, random: new SeededEntropy(1), all: null };
}

/** A pie of numbers from 0 to 1, in weights that don't come out even, and what each has without a deal. */
function range(first: number, second: number): Scenario {
  const party = (name: string, points: number[][], reservation: number) => ({
    name,
    weights: [1],
    values: [{ points }],
    reservation,
  });
  return scenarioFromJson({
    issues: [{ name: "share", kind: "continuous", from: 0, to: 1 }],
    parties: [
      party(
        "a",
        [
          [0, 0.1],
          [1, 0.8],
        ],
        first,
      ),
      party(
        "b",
        [
          [0, 0.9],
          [1, 0.3],
        ],
        second,
      ),
    ],
  });
}

/** Two issues in plain decimals, opposed, and each has just what some outcome is worth without a deal. */
const opposed = fc
  .record({
    weight: fc.integer({ min: 5, max: 90 }),
    twentieths: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 6, maxLength: 6 }),
    first: fc.nat(2),
    second: fc.nat(2),
  })
  .map(({ weight, twentieths, first, second }) => {
    const weights = [weight, 100 - weight];
    const mine = [twentieths.slice(0, 3), twentieths.slice(3)].map((values) => values.map((value) => value * 5));
    const theirs = mine.map((values) => values.map((value) => 100 - value));
    // In whole numbers, so that the quotient is the decimal itself.
    const worth = ([one = [], two = []]: number[][]) =>
      ((weights[0] ?? 0) * (one[first] ?? 0) + (weights[1] ?? 0) * (two[second] ?? 0)) / 10_000;
    const party = (name: string, values: number[][]) => ({
      name,
      weights: weights.map((one) => one / 100),
      values: values.map((row) => row.map((one) => one / 100)),
      reservation: worth(values),
    });
    return scenarioFromJson({
      issues: ["i", "j"].map((name) => ({ name, values: ["0", "1", "2"] })),
      parties: [party("x", mine), party("y", theirs)],
    });
  });

describe("no deal and an outcome that only rounding tells from it", () => {
  it("are worth the same to every strategy, as they are to the analysis", () => {
    for (const scenario of [edge(), edge({ name: "idle", kind: "continuous", from: 0, to: 1 })]) {
      const worth = scenario.parties[0]?.utility.of([0, 0, 0]) ?? 0;
      assert.ok(worth < DECIMAL);
      for (const [name, { open }] of Object.entries(STRATEGIES)) {
        const protocol = open !== true ? "alternating-offers" : name === "zeuthen" ? "monotonic-concession" : name;
        assert.equal(agrees(scenario, protocol, name), true, name);
      }
    }
    assert.deepEqual(analyze(edge()).nash?.places, [0]);
  });

  it("are so wherever they stand, to those that look for all deals there are", () => {
    let edges = 0;
    const property = fc.property(opposed, (scenario) => {
      const isDeal = analyze(scenario).nash !== null;
      assert.equal(agrees(scenario, "monotonic-concession", "zeuthen"), isDeal);
      assert.equal(agrees(scenario, "rubinstein", "rubinstein"), isDeal);
      const isRounded = ({ utility, reservation }: Scenario["parties"][number]) =>
        Array.from({ length: 9 }, (_, id) => utility.of(scenario.space.at(id))).some(
          (worth) => worth < reservation && worth > reservation - 1e-12,
        );
      if (scenario.parties.some(isRounded)) edges += 1;
    });
    fc.assert(property, { numRuns: 200, seed: 20_261_121 });
    assert.ok(edges > 20, `${edges}`);
  });

  it("leave those who give way a last step to it", () => {
    // The first can have 1, or what no deal is worth; the second takes only that.
    const scenario = scenarioFromJson({
      issues: [
        { name: "i", values: ["0", "1"] },
        { name: "j", values: ["0"] },
      ],
      parties: [
        { name: "x", weights: [0.95, 0.05], values: [[1, 0.7], [0.4]], reservation: DECIMAL },
        { name: "y", weights: [0.5, 0.5], values: [[0, 1], [1]], reservation: 0.9 },
      ],
    });
    for (const name of ["boulware", "linear", "tft-absolute", "micro", "hybrid"]) {
      assert.equal(agrees(scenario, "alternating-offers", name), true, name);
    }
  });
});

describe("the last offer of a seat", () => {
  /** The rounds, by seat, of the offers that could be made, and of those that were known to be the last. */
  function known(protocol: string, rounds: number) {
    const offers: number[][] = [[], []];
    const last: number[][] = [[], []];
    const scenario = range(0, 0);
    const strategies = scenario.parties.map((): Strategy => {
      return {
        name: "counting",
        sit: (seat) => ({
          hear() {},
          why: () => "",
          speak(moment) {
            if (!moment.mayOffer) return { say: "end" };
            offers[seat.me]?.push(moment.round);
            if (isLastOffer(seat, moment)) last[seat.me]?.push(moment.round);
            // Never the same, so that nobody stands still.
            const given = moment.round / rounds / 4;
            return { say: "offer", outcome: [seat.me === 0 ? 1 - given : given] };
          },
        }),
      };
    });
    negotiate({ scenario, protocol: PROTOCOLS[protocol]?.protocol ?? assert.fail(), strategies, rounds, seed: 1 });
    return { offers, last };
  }

  for (const protocol of Object.keys(PROTOCOLS)) {
    it(`is known to be it under ${protocol}`, () => {
      for (const rounds of [1, 2, 3, 10, 11]) {
        const { offers, last } = known(protocol, rounds);
        assert.ok(offers[0]?.length !== 0);
        const expected = offers.map((all) => all.slice(-1));
        assert.deepEqual(last, expected, `of ${rounds} rounds`);
      }
    });
  }
});

describe("the limit of a seat", () => {
  it("is the figure of the worst outcome that counts as no worse than no deal", () => {
    const scenario = edge();
    const worth = scenario.parties[0]?.utility.of([0, 0]) ?? 0;
    assert.equal(limitOf(seatOf(scenario)), worth);
    assert.equal(limitOf(seatOf(edge({ name: "idle", kind: "continuous", from: 0, to: 1 }))), worth);
    assert.equal(limitOf(seatOf(scenario, 1)), 0.5);
  });

  it("is the reservation where nothing is so near, and where nothing is worth so much", () => {
    const at = (reservation: number): Seat => {
      const seat = seatOf(edge());
      return { ...seat, bids: seat.bids, party: { ...seat.party, reservation } };
    };
    assert.equal(limitOf(at(0.9)), 0.9);
    assert.equal(limitOf(at(DECIMAL + 1e-9)), DECIMAL + 1e-9);
  });

  it("is the reservation to the last bit where a range goes through it", () => {
    const property = fc.property(fc.double({ min: 0.1, max: 0.8, noNaN: true }), (reservation) => {
      const seat = seatOf(range(reservation, 0));
      assert.equal(limitOf(seat), reservation);
      assert.ok(seat.party.utility.of(seat.bids.atLeast(limitOf(seat))) >= reservation);
    });
    fc.assert(property);
  });
});
