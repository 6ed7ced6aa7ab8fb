import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Batches, nextSize } from "../../../offchain/cli/tournament-batches.ts";
import { keyOf, type Match, roundRobin } from "../../../offchain/negotiation/tournament.ts";

/** So many matches over each scenario. */
const matches = (...counts: readonly number[]): Match[] =>
  counts.flatMap((count, scenario) =>
    Array.from({ length: count }, (_, repeat): Match => ({ scenario, seats: [0, 1], repeat })),
  );

const scenariosOf = (batch: readonly Match[]) => [...new Set(batch.map(({ scenario }) => scenario))];

describe("the batches of a tournament", () => {
  it("are of one scenario each, and have every match once", () => {
    const all = roundRobin(3, 4, { repeats: 5 });
    const batches = new Batches(all);
    const played: Match[] = [];
    let atHand: number | null = null;
    for (let batch = batches.take(atHand, 7); batch.length > 0; batch = batches.take(atHand, 7)) {
      assert.equal(scenariosOf(batch).length, 1);
      assert.ok(batch.length <= 7);
      atHand = batch[0]?.scenario ?? null;
      played.push(...batch);
    }
    assert.deepEqual(played.map(keyOf), all.map(keyOf));
  });

  it("of one scenario are for all threads", () => {
    const batches = new Batches(matches(10));
    const [one, other] = [batches.take(null, 4), batches.take(null, 4)];
    assert.deepEqual([one.length, other.length], [1, 1]);
    assert.notDeepEqual(one, other);
    assert.deepEqual([batches.take(0, 4).length, batches.take(0, 5).length, batches.take(0, 5).length], [4, 4, 0]);
  });

  it("are of the scenario at hand as long as there are any, then of one that nobody has begun, then where most are left", () => {
    const batches = new Batches(matches(3, 2, 9));
    assert.deepEqual(scenariosOf(batches.take(null, 5)), [0]);
    assert.deepEqual(scenariosOf(batches.take(null, 5)), [1]);
    assert.deepEqual(scenariosOf(batches.take(0, 5)), [0]);
    assert.deepEqual(scenariosOf(batches.take(0, 5)), [2]);
    assert.deepEqual(scenariosOf(batches.take(null, 5)), [2]);
    assert.deepEqual(scenariosOf(batches.take(1, 5)), [1]);
    batches.stop();
    assert.deepEqual(batches.take(2, 5), []);
  });

  it("begin with one, grow while they are quick, and shrink when they are not", () => {
    assert.equal(nextSize(1, 0.1), 4);
    assert.equal(nextSize(64, 1), 256);
    assert.equal(nextSize(400, 1), 500);
    assert.equal(nextSize(400, 400), 200);
    assert.equal(nextSize(1, 5_000), 1);
  });
});
