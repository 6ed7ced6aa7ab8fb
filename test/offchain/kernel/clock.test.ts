import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";

describe("SimulatedClock", () => {
  it("stands still until it is told to go on", () => {
    const clock = new SimulatedClock(5);
    assert.equal(clock.now(), 5);
    clock.advance(10);
    assert.equal(clock.now(), 15);
  });

  it("fires at the time asked for, once, and shows that time", () => {
    const clock = new SimulatedClock(0);
    const fired: number[] = [];
    clock.at(10, () => fired.push(clock.now()));
    clock.advance(9);
    assert.deepEqual(fired, []);
    clock.advance(1);
    clock.advance(100);
    assert.deepEqual(fired, [10]);
  });

  it("fires beyond 2^31 ms, where the platform's timers wrap", () => {
    const clock = new SimulatedClock(0);
    const fired: number[] = [];
    const year = 365 * 86_400_000;
    clock.at(year, () => fired.push(clock.now()));
    clock.advance(2 ** 31);
    assert.deepEqual(fired, []);
    clock.advance(year);
    assert.deepEqual(fired, [year]);
  });

  it("fires what is overdue at the next step, without going back in time", () => {
    const clock = new SimulatedClock(100);
    const fired: number[] = [];
    clock.at(50, () => fired.push(clock.now()));
    clock.advance(0);
    assert.deepEqual(fired, [100]);
  });

  it("doesn't fire what was called off, even by a task of the same moment", () => {
    const clock = new SimulatedClock(0);
    const fired: string[] = [];
    const cancel = clock.at(10, () => fired.push("called off"));
    clock.at(5, () => {
      fired.push("first");
      cancel();
    });
    clock.advance(20);
    assert.deepEqual(fired, ["first"]);
  });

  it("fires what a task sets within the same step", () => {
    const clock = new SimulatedClock(0);
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      if (fired.length < 4) clock.at(clock.now() + 10, again);
    };
    clock.at(10, again);
    clock.advance(30);
    assert.deepEqual(fired, [10, 20, 30]);
    clock.advance(10);
    assert.deepEqual(fired, [10, 20, 30, 40]);
  });

  it("never goes back, though a task moves it on itself", () => {
    const clock = new SimulatedClock(0);
    clock.at(5, () => clock.advance(1_000));
    clock.advance(10);
    assert.equal(clock.now(), 1_005);
  });

  it("fires in order of due time, and of setting where that is the same", () => {
    const property = fc.property(fc.array(fc.nat(20)), (times) => {
      const clock = new SimulatedClock(0);
      const fired: [number, number][] = [];
      for (const [order, at] of times.entries()) clock.at(at, () => fired.push([at, order]));
      clock.advance(20);
      const expected = times.map((at, order): [number, number] => [at, order]);
      expected.sort(([at, order], [otherAt, otherOrder]) => at - otherAt || order - otherOrder);
      assert.deepEqual(fired, expected);
    });
    fc.assert(property);
  });
});
