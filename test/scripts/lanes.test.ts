import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { atOnce } from "../../scripts/lib/lanes.ts";

describe("work in lanes", () => {
  it("returns the results in the items' order, and never does more at once than told", async () => {
    let [now, most] = [0, 0];
    const results = await atOnce(2, [3, 1, 2, 0], async (item) => {
      now += 1;
      most = Math.max(most, now);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      now -= 1;
      return item * 2;
    });
    assert.deepEqual(results, [6, 2, 4, 0]);
    assert.equal(most, 2);
  });

  it("begins nothing more after an error", async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error("one");
    };
    await assert.rejects(atOnce(1, [0, 1, 2], work), /one/);
    assert.deepEqual(begun, [0, 1]);
  });
});
