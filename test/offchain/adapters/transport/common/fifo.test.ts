import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Fifo } from "../../../../../offchain/adapters/transport/common/fifo.ts";

describe("a queue", () => {
  it("does what an array does", () => {
    const step = fc.option(fc.integer(), { nil: null });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const [queue, array] = [new Fifo<number>(), [] as number[]];
        for (const value of steps) {
          if (value === null) {
            assert.equal(queue.shift(), array.shift());
          } else {
            queue.push(value);
            array.push(value);
          }
          assert.deepEqual([queue.length, queue.first], [array.length, array[0]]);
        }
      }),
    );
  });
});
