import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeAbiParameters } from "viem";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import { keccak256, sha256 } from "../../../offchain/kernel/hash.ts";
import { AbiWords } from "../../../offchain/terms/abi-words.ts";
import * as anything from "../arbitraries.ts";

describe("AbiWords", () => {
  it("are what Solidity's abi.encode makes", () => {
    const values = fc.tuple(
      anything.bytes32,
      anything.address,
      anything.bigUint(256),
      anything.uint(64),
      anything.uint(8),
    );
    const property = fc.property(values, ([hash, account, large, safe, small]) => {
      const words = new AbiWords(5).bytes32(hash).address(account).uint(large, 256).uint(safe, 64).uint(small, 8);
      const types = ["bytes32", "address", "uint256", "uint64", "uint8"].map((type) => ({ type }));
      assert.equal(toHex(words.bytes), encodeAbiParameters(types, [hash, account, large, BigInt(safe), small]));
      assert.equal(words.keccak256(), keccak256(words.bytes));
      assert.equal(words.sha256(), sha256(words.bytes));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("take an integer at its limit, and none past it", () => {
    for (const bits of [8, 16, 32, 40]) {
      const most = 2 ** bits - 1;
      assert.equal(BigInt(toHex(new AbiWords(1).uint(most, bits).bytes)), BigInt(most));
      assert.equal(BigInt(toHex(new AbiWords(1).uint(BigInt(most), bits).bytes)), BigInt(most));
      for (const value of [most + 1, BigInt(most) + 1n, -1, -1n, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => new AbiWords(1).uint(value, bits), { code: "OutOfRange" });
      }
    }
    assert.throws(() => new AbiWords(1).uint(2 ** 53, 64), { code: "OutOfRange" });
    assert.throws(() => new AbiWords(1).uint(2n ** 256n, 256), { code: "OutOfRange" });
  });

  it("take hexadecimal of the one size", () => {
    assert.throws(() => new AbiWords(1).bytes32("0x00"), { code: "OutOfRange" });
    assert.throws(() => new AbiWords(1).address(`0x${"00".repeat(32)}`), { code: "OutOfRange" });
    assert.throws(() => new AbiWords(1).address(`0x${"zz".repeat(20)}`), { code: "BadHex" });
  });
});
