import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPrivateAddress, lookupPublic } from "../../../../offchain/adapters/outward/public-addresses.ts";

describe("addresses from outside", () => {
  it("are told apart by the network that they lead into, however they are written", () => {
    for (const host of ["8.8.8.8", "172.15.0.1", "2606:4700::1111", "[2606:4700::1111]", "a.name"]) {
      assert.ok(!isPrivateAddress(host), host);
    }
    for (const host of ["10.1.2.3", "172.31.0.1", "::1", "[::1]", "::ffff:10.0.0.1", "fe80::1", "64:ff9b::a00:1"]) {
      assert.ok(isPrivateAddress(host), host);
    }
  });

  it("are refused by what their name leads to, whatever form the answer is wanted in", async () => {
    for (const options of [{}, { all: true }]) {
      const { promise, resolve } = Promise.withResolvers<Error | null>();
      lookupPublic("localhost", options, resolve);
      assert.match(String(await promise), /inside a network/);
    }
  });
});
