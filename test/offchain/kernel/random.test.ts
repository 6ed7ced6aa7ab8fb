import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";

const MASK = 0xffff_ffffn;

/** The generator's definition again, in integers without size. */
function* reference(seed: bigint): Generator<number, never> {
  const multiply = (left: bigint, right: bigint) => (left * right) & MASK;
  const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (32n - bits))) & MASK;
  const state: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n];
  let mixed = seed;
  for (const index of [0, 1, 2, 3] as const) {
    mixed = (mixed + 0x9e3779b9n) & MASK;
    let word = multiply(mixed ^ (mixed >> 16n), 0x21f0aaadn);
    word = multiply(word ^ (word >> 15n), 0x735a2d97n);
    state[index] = word ^ (word >> 15n);
  }
  while (true) {
    yield Number(multiply(rotate(multiply(state[1], 5n), 7n), 9n));
    const shifted = (state[1] << 9n) & MASK;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11n);
  }
}

describe("SeededEntropy", () => {
  it("is xoshiro128** seeded by splitmix32", () => {
    for (const seed of [0, 1, 42, 0xffff_ffff]) {
      const [entropy, expected] = [new SeededEntropy(seed), reference(BigInt(seed))];
      for (let count = 0; count < 1_000; count++) assert.equal(entropy.uint32(), expected.next().value);
    }
  });

  it("gives the same bytes for the same seed, however they are drawn", () => {
    const [whole, parts] = [new SeededEntropy(7), new SeededEntropy(7)];
    const joined = [...parts.bytes(3), ...parts.bytes(0), ...parts.bytes(29)];
    assert.deepEqual([...whole.bytes(32)], joined);
  });

  it("never changes: vectors and recorded runs depend on it", () => {
    assert.equal(toHex(new SeededEntropy(1).bytes(16)), "0x1781e37c6f81bfaa21caf073f31da6e9");
  });

  it("gives other bytes for another seed", () => {
    const drawn = Array.from({ length: 1_000 }, (_, seed) => toHex(new SeededEntropy(seed).bytes(8)));
    assert.equal(new Set(drawn).size, 1_000);
  });

  it("spreads fractions evenly over [0, 1)", () => {
    const entropy = new SeededEntropy(3);
    const tenths = new Array<number>(10).fill(0);
    for (let count = 0; count < 100_000; count++) {
      const tenth = Math.floor(entropy.fraction() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    assert.equal(tenths.length, 10);
    for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 500, `${count} of 10,000`);
  });
});
