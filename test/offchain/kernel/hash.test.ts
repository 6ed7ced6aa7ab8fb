import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import { keccak256, keccakText, sha256 } from "../../../offchain/kernel/hash.ts";

describe("hashes", () => {
  it("by SHA-256 are the platform's", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      assert.equal(sha256(bytes), `0x${createHash("sha256").update(bytes).digest("hex")}`);
    });
    fc.assert(property);
  });

  it("by Keccak-256 are Ethereum's, not those of SHA-3", () => {
    const empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert.equal(keccak256(new Uint8Array()), empty);
    assert.equal(keccakText("transfer(address,uint256)").slice(0, 10), "0xa9059cbb");
    assert.equal(keccakText("\u20ac"), keccak256(utf8.encode("\u20ac")));
  });
});
