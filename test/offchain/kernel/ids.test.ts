import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toAddress, toAgentId, ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";

const MAX_256 = (2n ** 256n - 1n).toString();

describe("agent ids", () => {
  it("are decimal strings, or safe integers, from 1 to 2^256 - 1", () => {
    assert.equal(toAgentId("1"), 1n);
    assert.equal(toAgentId(17), 17n);
    assert.equal(toAgentId(MAX_256), 2n ** 256n - 1n);
  });

  const others = ["0", "", "01", "-1", "+1", "1.0", "0x1", " 1", "1\n", "1e3", 0, -1, 0.5, 2 ** 53, Number.NaN];
  for (const value of [...others, (2n ** 256n).toString(), "9".repeat(78), "9".repeat(79), 1n, null, [1]]) {
    it(`are not ${typeof value} ${String(value).slice(0, 20)}`, () => {
      assert.throws(() => toAgentId(value), { name: "ParleyError", code: "BadAgentId" });
    });
  }
});

describe("addresses", () => {
  it("are taken in either case, and kept in lower", () => {
    const mixed = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
    assert.equal(toAddress(mixed), mixed.toLowerCase());
  });

  it("are 20 bytes of hexadecimal and nothing else", () => {
    const mixed = "5FbDB2315678afecb367f032d93F642f64180aa3";
    for (const value of [mixed, `0X${mixed}`, `0x${mixed}00`, `0x${mixed.slice(2)}`, ZERO_32, "", null, 0, {}]) {
      assert.throws(() => toAddress(value), { name: "ParleyError", code: "BadAddress" });
    }
  });

  it("and hashes of nothing are zeros of their length", () => {
    assert.equal(ZERO_ADDRESS.length, 42);
    assert.equal(ZERO_32.length, 66);
  });
});
