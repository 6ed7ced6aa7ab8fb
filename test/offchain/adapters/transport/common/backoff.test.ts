import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { retryDelay } from "../../../../../offchain/adapters/transport/common/backoff.ts";

describe("the wait before connecting again", () => {
  it("is twice as long each time, up to a limit, and not the same for all peers", () => {
    const whole = [0, 1, 2, 3, 4, 1_000].map((attempt) => retryDelay(attempt, 50, 600, 1));
    assert.deepEqual(whole, [50, 100, 200, 400, 600, 600]);
    assert.deepEqual([retryDelay(1, 50, 600, 0), retryDelay(1, 50, 600, 0.5)], [50, 75]);
  });
});
