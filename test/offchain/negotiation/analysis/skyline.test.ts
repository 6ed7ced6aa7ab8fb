import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { skyline } from "../../../../offchain/negotiation/analysis/skyline.ts";
import { sweep } from "../../../../offchain/negotiation/analysis/sweep.ts";

/** So many outcomes of which many are efficient: near the edge of a ball, on whole steps so that there are ties. */
function ball(parties: number, count: number, random: SeededEntropy): Float64Array[] {
  const columns = Array.from({ length: parties }, () => new Float64Array(count));
  for (let id = 0; id < count; id++) {
    const direction = columns.map(() => random.fraction());
    const length = Math.hypot(...direction) * (1 + 0.2 * random.fraction());
    for (const [party, column] of columns.entries()) column[id] = Math.round((12 * (direction[party] ?? 0)) / length);
  }
  return columns;
}

function bruteForce(columns: readonly Float64Array[]): number[] {
  const ids = Array.from({ length: columns[0]?.length ?? 0 }, (_, id) => id);
  const isAsGood = (one: number, other: number) =>
    columns.every((column) => (column[one] ?? 0) >= (column[other] ?? 0));
  return ids.filter((id) => !ids.some((other) => isAsGood(other, id) && !isAsGood(id, other)));
}

describe("the skyline", () => {
  for (const parties of [2, 3, 4, 5, 6]) {
    it(`of many outcomes among ${parties} parties is what no other dominates`, () => {
      const random = new SeededEntropy(parties);
      for (let draw = 0; draw < 5; draw++) {
        const columns = ball(parties, 700, random);
        const found = parties === 2 ? sweep(columns[0] as Float64Array, columns[1] as Float64Array) : skyline(columns);
        assert.deepEqual(
          [...found].sort((a, b) => a - b),
          bruteForce(columns),
        );
      }
    });
  }

  it("comes by the parties' utilities, falling, and by ids where these are equal", () => {
    const columns = [Float64Array.of(1, 2, 2, 0, 1), Float64Array.of(2, 1, 1, 2, 2), Float64Array.of(1, 1, 1, 3, 1)];
    assert.deepEqual([...skyline(columns)], [1, 2, 0, 4, 3]);
    assert.deepEqual([...sweep(Float64Array.of(1, 2, 2, 0, 1), Float64Array.of(2, 1, 1, 2, 2))], [1, 2, 0, 4]);
  });
});
