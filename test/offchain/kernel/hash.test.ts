import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { toHex, utf8 } from "../../../offchain/kernel/bytes.ts";
import { keccak256, keccakText, sha256 } from "../../../offchain/kernel/hash.ts";

/** Of any length, at the edges of blocks and buffers too, and not always at the beginning of their memory. */
const bytes = fc
  .oneof(fc.nat(300), fc.constantFrom(0, 1, 55, 56, 63, 64, 65, 135, 136, 137, 16_384, 16_385, 65_536, 70_000))
  .chain((length) => fc.tuple(fc.constant(length), fc.nat(9), fc.nat(255)))
  .map(([length, offset, fill]) => new Uint8Array(length + offset).fill(fill).subarray(offset));

describe("hashes", () => {
  it("by SHA-256 are the platform's", () => {
    const property = fc.property(bytes, (input) => {
      assert.equal(sha256(input), `0x${createHash("sha256").update(input).digest("hex")}`);
    });
    fc.assert(property);
  });

  it("by Keccak-256 are those of another implementation", () => {
    fc.assert(fc.property(bytes, (input) => assert.equal(keccak256(input), toHex(keccak_256(input)))));
  });

  it("by Keccak-256 are Ethereum's, not those of SHA-3", () => {
    const empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert.equal(keccak256(new Uint8Array()), empty);
    assert.equal(keccakText("transfer(address,uint256)").slice(0, 10), "0xa9059cbb");
    assert.equal(keccakText("\u20ac"), keccak256(utf8.encode("\u20ac")));
  });

  it("don't remember what was hashed before", () => {
    const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
    const [first, second] = [keccak256(one), sha256(one)];
    keccak256(other);
    sha256(other);
    assert.deepEqual([keccak256(one), sha256(one)], [first, second]);
  });
});
