import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { originOf } from "../../../../offchain/adapters/outward/origin.ts";

describe("the origin of a connection", () => {
  for (const [address, origin] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, ""],
  ] as const) {
    it(`of ${address} is ${origin === "" ? "nothing" : origin}`, () => {
      assert.equal(originOf(address), origin);
    });
  }
});
