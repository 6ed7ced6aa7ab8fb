import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { sweep } from "../../../../offchain/negotiation/analysis/sweep.ts";

/** Holds each outcome against each other, as the definition says. */
function check(first: Float64Array, second: Float64Array): void {
  const at = (id: number) => [first[id] ?? 0, second[id] ?? 0] as const;
  const ids = Array.from(first.keys());
  const expected = ids.filter((id) => {
    const [a, b] = at(id);
    return ids.every((other) => {
      const [c, d] = at(other);
      return !(c >= a && d >= b && (c > a || d > b));
    });
  });
  expected.sort((a, b) => at(b)[0] - at(a)[0] || a - b);
  assert.deepEqual(Array.from(sweep(first, second)), expected);
}

describe("sweep", () => {
  for (const [what, count, steps] of [
    ["few outcomes", 500, 20],
    ["many, of which most aren't worth sorting", 6_000, 1_000_000],
    ["many that tie", 6_000, 30],
  ] as const) {
    it(`finds what holding each outcome against each other finds, of ${what}`, () => {
      const random = new SeededEntropy(count + steps);
      const draw = () =>
        Float64Array.from({ length: count }, () => Math.round(random.fraction() * steps) / steps - 0.5);
      check(draw(), draw());
    });
  }

  it("finds all of many that are all on the frontier, in whatever order they come", () => {
    const random = new SeededEntropy(3);
    const first = Float64Array.from({ length: 5_000 }, () => random.fraction());
    check(
      first,
      first.map((utility) => -utility),
    );
    check(
      first.map(() => 0.5),
      first.map(() => 0.25),
    );
  });

  it("finds the frontier of utilities that are nearer to each other than numbers can say", () => {
    const first = Float64Array.from({ length: 5_000 }, (_, id) => (id % 3) * Number.MIN_VALUE);
    check(
      first,
      first.map((utility) => -utility),
    );
  });
});
