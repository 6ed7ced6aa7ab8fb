import { expect } from "chai";
import fc from "fast-check";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";

const value = fc.bigInt({ min: 0n, max: 2n ** 160n - 1n });
const changes = fc.array(
  fc.record({ after: fc.integer({ min: 1, max: 4 }), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
  { maxLength: 12 },
);

const RUNS = 40;

describe("a value with a history", () => {
  it("is at the end of every second what it was", async () => {
    const property = fc.asyncProperty(changes, async (steps) => {
      const probe = await ethers.deployContract("HistoryProbe");
      const start = await networkHelpers.time.latest();
      const model = new Map<number, bigint>();
      let [time, present] = [start, 0n];
      for (const { after, values } of steps) {
        for (let second = time; second < time + after; ++second) model.set(second, present);
        time += after;
        await at(time, () => probe.record(values));
        present = values.at(-1) ?? 0n;
      }
      model.set(time, present);
      model.set(time + 1_000, present);
      expect(await probe.latest()).to.equal(present);
      for (const [second, expected] of model) expect(await probe.valueAt(second), `${second}`).to.equal(expected);
    });
    await fc.assert(property, fuzz(RUNS, 7));
  }).timeout(fuzzTime(RUNS, 60_000));
});
