import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { Quota } from "../../../offchain/node/quota.ts";

describe("a quota", () => {
  it("lets so many through in a time, and says afterwards how many it kept back", () => {
    const clock = new SimulatedClock();
    const quota = new Quota(clock, 2, 1_000);
    assert.deepEqual([quota.take(), quota.take(), quota.take(), quota.take()], [0, 0, null, null]);
    clock.advance(999);
    assert.equal(quota.take(), null);
    clock.advance(1);
    assert.deepEqual([quota.take(), quota.take(), quota.take()], [3, 0, null]);
  });
});
