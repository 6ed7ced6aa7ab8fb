import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAccounts, requireAccountsKept } from "../../../offchain/node/accounts-config.ts";
import type { Json, JsonObject } from "../../../offchain/terms/canonical-json.ts";

const TOKEN = `0x${"9f".repeat(20)}` as const;
const SALT = `0x${"5a".repeat(32)}` as const;

const ONE: JsonObject = {
  ...{ agent: "9", token: TOKEN, salt: SALT, ours: "1000", theirs: "900", settleAt: "800" },
  ...{ url: "http://peer.example:7820/", address: "ws://peer.example:7700" },
};
const { url: _, ...CALLED } = ONE;
const { address: __, ...SILENT } = ONE;

const read = (value: Json) => readAccounts(value, "accounts");

describe("the running accounts that an agent is configured to keep", () => {
  it("are with agents, in tokens, up to a credit of either side", () => {
    assert.deepEqual(read({ with: [ONE] }), {
      ...{ serving: null, mostShare: 200 },
      with: [
        {
          ...{ agent: 9n, token: TOKEN, salt: SALT, ours: 1_000n, theirs: 900n, settleAt: 800n },
          ...{ url: "http://peer.example:7820", address: "ws://peer.example:7700" },
        },
      ],
    });
    const served = read({ listen: "http://127.0.0.1:7820", mostShare: 50, with: [{ ...CALLED, ours: "0" }] });
    assert.deepEqual(served.serving, { listen: "http://127.0.0.1:7820", url: null, tls: null, perHost: null });
    assert.deepEqual([served.mostShare, served.with[0]?.url], [50, null]);
  });

  it("are refused with the field that is wrong", () => {
    const bad = (more: JsonObject, base = ONE) => ({ with: [{ ...base, ...more }] });
    for (const [value, path] of [
      [{}, "accounts.with"],
      [{ with: [] }, "accounts.with"],
      [{ with: ONE }, "accounts.with"],
      [{ with: [ONE, ONE] }, "accounts.with.1"],
      [{ with: [ONE], more: 1 }, "accounts.more"],
      [{ with: [ONE], mostShare: 10_001 }, "accounts.mostShare"],
      [{ with: [ONE], listen: "ws://127.0.0.1:1" }, "accounts.listen"],
      [{ with: [ONE], listen: "https://127.0.0.1:1" }, "accounts.tls"],
      [bad({}, CALLED), "accounts.with.0.url"],
      [bad({}, SILENT), "accounts.with.0.address"],
      [bad({ agent: "nine" }), "accounts.with.0.agent"],
      [bad({ token: "0x12" }), "accounts.with.0.token"],
      [bad({ salt: "0x12" }), "accounts.with.0.salt"],
      [bad({ salt: `0x${"00".repeat(32)}` }), "accounts.with.0.salt"],
      [bad({ ours: 1_000 }), "accounts.with.0.ours"],
      [bad({ ours: "0", theirs: "0" }), "accounts.with.0.ours"],
      [bad({ settleAt: "0" }), "accounts.with.0.settleAt"],
      [bad({ settleAt: "901" }), "accounts.with.0.settleAt"],
      [bad({ url: "peer.example" }), "accounts.with.0.url"],
      [bad({ address: "http://peer.example:7700" }), "accounts.with.0.address"],
      [bad({ more: 1 }), "accounts.with.0.more"],
    ] as const) {
      assert.throws(() => read(value as Json), { code: "Malformed", facts: { path } }, path);
    }
  });

  it("need an agent that can be reached by who owes it, and that settles", () => {
    const accounts = read({ with: [ONE] });
    const good = { accounts, agent: 2n, journal: "two.sqlite", listen: "ws://127.0.0.1:7700", settle: true };
    requireAccountsKept(good);
    requireAccountsKept({ ...good, accounts: read({ with: [{ ...ONE, theirs: "0" }] }), listen: null });
    for (const [more, path] of [
      [{ listen: null }, "listen"],
      [{ settle: false }, "settle"],
      [{ journal: ":memory:" }, "journal"],
      [{ agent: 9n }, "accounts.with.0.agent"],
    ] as const) {
      assert.throws(() => requireAccountsKept({ ...good, ...more }), { code: "Malformed", facts: { path } });
    }
  });
});
