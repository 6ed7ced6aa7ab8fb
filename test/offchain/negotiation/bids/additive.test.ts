import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { AdditiveBids } from "../../../../offchain/negotiation/bids/additive.ts";
import { EnumeratedBids } from "../../../../offchain/negotiation/bids/enumerated.ts";
import { Utility, type Worth } from "../../../../offchain/negotiation/utility.ts";
import { type Issue, IssueSpace } from "../../../../offchain/terms/issue-space.ts";
import { everything, scenarios } from "../scenarios.ts";

function discrete(index: number, count: number): Issue {
  return { kind: "discrete", name: `${index}`, values: Array.from({ length: count }, (_, value) => `${value}`) };
}

function table(random: SeededEntropy, count: number): Worth {
  return { kind: "table", first: 0, table: Float64Array.from({ length: count }, () => random.fraction()) };
}

/** Issues of ten values, worth anything. */
function tens(count: number, seed: number): { space: IssueSpace; utility: Utility } {
  const random = new SeededEntropy(seed);
  const all = Array.from({ length: count }, (_, index) => index);
  const weights = all.map(() => 0.1 + random.fraction());
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return {
    space: new IssueSpace(all.map((index) => discrete(index, 10))),
    utility: new Utility(
      weights.map((weight) => weight / sum),
      all.map(() => table(random, 10)),
    ),
  };
}

/** Targets from the lowest to the highest. */
function targets({ lowest, highest }: AdditiveBids): number[] {
  return Array.from({ length: 201 }, (_, step) =>
    step === 200 ? highest : lowest + ((highest - lowest) * step) / 200,
  );
}

describe("outcomes by sums over issues", () => {
  it("are the same as those listed one by one, where few enough to be", () => {
    fc.assert(
      fc.property(scenarios(2, 6), fc.array(fc.integer({ min: -1, max: 21 })), (scenario, twentieths) => {
        const { space } = scenario;
        const { weights = [], worths = [] } = scenario.parties[0]?.utility ?? {};
        const utility = new Utility(weights, worths);
        const [listed, summed] = [new EnumeratedBids(space, utility), new AdditiveBids(space, utility)];
        assert.equal(summed.highest, listed.highest);
        assert.equal(summed.lowest, listed.lowest);
        const worthOfAll = everything(scenario).map(({ outcome }) => utility.of(outcome));
        for (const target of [...twentieths.map((twentieth) => twentieth / 20), ...worthOfAll]) {
          const [expected, found] = [listed, summed].map((bids) => utility.of(bids.atLeast(target)));
          assert.ok(Math.abs((expected ?? 0) - (found ?? 1)) < 1e-12, `${target}: ${found} instead of ${expected}`);
          assert.ok((found ?? 0) >= Math.min(target, listed.highest));
        }
      }),
    );
  });

  it("come near any target among 10^9", () => {
    const { space, utility } = tens(9, 1);
    assert.equal(space.size, 1e9);
    const bids = new AdditiveBids(space, utility);
    assert.ok(
      bids.best.every((value, index) =>
        Array.from({ length: 10 }, (_, other) => other).every(
          (other) => utility.part(index, value) >= utility.part(index, other),
        ),
      ),
    );
    for (const target of targets(bids)) {
      const outcome = bids.atLeast(target);
      assert.ok(space.contains(outcome));
      const worth = utility.of(outcome);
      const isDense = target > bids.lowest + 0.1 && target < bids.highest - 0.1;
      assert.ok(worth >= target && worth <= target + (isDense ? 1e-5 : 0.02), `${target}: ${worth}`);
    }
    assert.deepEqual(bids.atLeast(bids.highest + 1), bids.best);
    assert.equal(utility.of(bids.atLeast(-1)), bids.lowest);
  });

  it("are found among 10^40", () => {
    const { space, utility } = tens(40, 2);
    const bids = new AdditiveBids(space, utility);
    for (const target of targets(bids)) {
      const worth = utility.of(bids.atLeast(target));
      assert.ok(worth >= target && worth <= target + 0.01, `${target}: ${worth}`);
    }
  });

  it("are many different ones between two targets, and all between them", () => {
    const { space, utility } = tens(9, 3);
    const bids = new AdditiveBids(space, utility);
    for (const low of [0.3, 0.5, 0.7]) {
      const chosen = bids.among(low, low + 0.02, 50);
      assert.ok(chosen.length >= 25, `${chosen.length}`);
      assert.equal(new Set(chosen.map((outcome) => outcome.join())).size, chosen.length);
      for (const outcome of chosen) {
        assert.ok(space.contains(outcome));
        const worth = utility.of(outcome);
        assert.ok(worth >= low && worth <= low + 0.02);
      }
    }
    assert.deepEqual(bids.among(2, 3, 5), [bids.best]);
    assert.deepEqual(bids.among(0.6, 0.5, 5), [bids.atLeast(0.6)]);
    assert.ok(bids.among(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 5).length > 0);
  });
});

const lines = (...points: (readonly [number, number])[]): Worth => ({ kind: "lines", points });
const price: Issue = { kind: "continuous", name: "price", from: 100, to: 200 };
const term: Issue = { kind: "continuous", name: "term", from: 0, to: 1 };

describe("outcomes with issues of numbers", () => {
  /** Checks that every target is hit that lies where something can be worth just that. */
  function hits(space: IssueSpace, utility: Utility, isReachable: (target: number) => boolean): void {
    const bids = new AdditiveBids(space, utility);
    for (const target of targets(bids)) {
      const outcome = bids.atLeast(target);
      assert.ok(space.contains(outcome), `${outcome}`);
      const worth = utility.of(outcome);
      assert.ok(worth >= target, `${target}: ${worth}`);
      if (isReachable(target)) assert.ok(worth - target <= 1e-9, `${target}: ${worth}`);
      for (const other of bids.among(target - 0.01, target + 0.01, 10)) assert.ok(space.contains(other), `${other}`);
    }
  }

  it("hit every target by one continuous issue alone", () => {
    hits(new IssueSpace([price]), new Utility([1], [lines([100, 1], [200, 0])]), () => true);
    hits(
      new IssueSpace([price]),
      new Utility([1], [lines([100, 0.2], [110, 0.9], [150, 0.3], [180, 1], [300, 0])]),
      () => true,
    );
    hits(new IssueSpace([price]), new Utility([1], [lines([150, 0.4])]), () => true);
  });

  it("hit a target by that choice of values whose range has it", () => {
    // The best values leave the price a range of 0.1 only, and so do the others.
    const space = new IssueSpace([discrete(0, 3), price]);
    const worths: Worth[] = [{ kind: "table", first: 0, table: Float64Array.of(0, 0.5, 1) }, lines([100, 0], [200, 1])];
    const utility = new Utility([0.9, 0.1], worths);
    hits(space, utility, (target) => [0, 0.45, 0.9].some((base) => target >= base && target <= base + 0.1));
    const bids = new AdditiveBids(space, utility);
    // Between two ranges it's the next one's lower end.
    assert.deepEqual(bids.atLeast(0.3), [1, 100]);
    assert.deepEqual(bids.atLeast(0.6), [2, 100]);
  });

  it("hit a target by several continuous issues together, none of which reaches it alone", () => {
    const space = new IssueSpace([price, term, { ...term, name: "share" }]);
    const worths = [lines([100, 1], [200, 0]), lines([0, 0], [0.5, 1], [1, 0.2]), lines([0, 0], [1, 1])];
    hits(space, new Utility([0.4, 0.3, 0.3], worths), () => true);
  });

  it("hit a target among very many outcomes besides", () => {
    const { space, utility } = tens(9, 4);
    const issues = [...space.issues.slice(0, 4), price, ...space.issues.slice(4), term];
    const worths = [
      ...utility.worths.slice(0, 4),
      lines([100, 1], [200, 0]),
      ...utility.worths.slice(4),
      lines([0, 0.5], [0.3, 1], [1, 0]),
    ];
    hits(
      new IssueSpace(issues),
      new Utility(
        issues.map(() => 1 / 11),
        worths,
      ),
      () => true,
    );
  });

  it("come as near as a whole number allows", () => {
    const amount: Issue = { kind: "integer", name: "amount", from: -5, to: 1_000_000_000 };
    const utility = new Utility([1], [lines([-5, 0], [1e9, 1])]);
    const bids = new AdditiveBids(new IssueSpace([amount]), utility);
    for (const target of targets(bids)) {
      const outcome = bids.atLeast(target);
      assert.ok(new IssueSpace([amount]).contains(outcome));
      const worth = utility.of(outcome);
      assert.ok(worth >= target && worth <= target + 2e-9, `${target}: ${worth}`);
    }
    // With a continuous issue besides, that one makes up for the rest.
    const both = new Utility([0.7, 0.3], [lines([-5, 1], [1e9, 0]), lines([100, 0], [200, 1])]);
    hits(new IssueSpace([amount, price]), both, () => true);
  });

  it("take issues that are worth nothing, or the same throughout", () => {
    const space = new IssueSpace([price, term]);
    hits(space, new Utility([0, 1], [lines([100, 1], [200, 0]), lines([0, 0], [1, 1])]), () => true);
    const flat = new AdditiveBids(space, new Utility([0.5, 0.5], [lines([100, 0.4]), lines([0, 0.4])]));
    assert.equal(flat.highest, flat.lowest);
    assert.deepEqual(flat.atLeast(0.2), flat.best);
  });
});
