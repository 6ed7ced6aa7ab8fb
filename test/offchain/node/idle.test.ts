import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { untilIdle } from "../../../offchain/node/idle.ts";

describe("waiting until nothing is under way", () => {
  it("waits for what was begun while it waited for something else", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const carried = new Set([first.promise]);
    let isIdle = false;
    const idle = untilIdle(
      () => carried,
      async () => false,
    ).then(() => {
      isIdle = true;
    });
    // What was posted for later is asked again before the first is over on the chain, and nothing else is posted.
    carried.add(second.promise);
    carried.delete(first.promise);
    first.resolve();
    await turn();
    assert.equal(isIdle, false);
    second.resolve();
    await idle;
  });

  it("waits for what is posted, and for what comes of it", async () => {
    const [posted, asked] = [Promise.withResolvers<boolean>(), Promise.withResolvers<void>()];
    const carried = new Set<Promise<void>>();
    const postings = [posted.promise, Promise.resolve(false)];
    let isIdle = false;
    const idle = untilIdle(
      () => carried,
      () => postings.shift() ?? Promise.resolve(false),
    ).then(() => {
      isIdle = true;
    });
    carried.add(asked.promise);
    posted.resolve(true);
    await turn();
    assert.equal(isIdle, false);
    asked.resolve();
    await idle;
  });

  it("is over where what failed stays in the list", async () => {
    const failed = Promise.resolve();
    await untilIdle(
      () => [failed],
      async () => false,
    );
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
