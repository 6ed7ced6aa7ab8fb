import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROTOCOLS, protocolNamed } from "../../../../offchain/negotiation/protocols/registry.ts";

describe("protocols by name", () => {
  it("are those there are, each with a line about it", () => {
    const names = Object.keys(PROTOCOLS);
    assert.deepEqual(names, [
      "alternating-offers",
      "one-shot",
      "stacked-alternating-offers",
      "monotonic-concession",
      "monotonic-concession-private",
      "rubinstein",
    ]);
    for (const name of names) {
      assert.equal(protocolNamed(name).name, name);
      assert.match(PROTOCOLS[name]?.about ?? "", /^[a-z][^\n]{10,100}$/);
    }
  });

  it("are refused by name, with those that there are", () => {
    for (const name of ["", "alternating", "toString", "__proto__"]) {
      assert.throws(() => protocolNamed(name), {
        code: "BadProtocol",
        message: /only alternating-offers, .*rubinstein/,
      });
    }
  });
});
