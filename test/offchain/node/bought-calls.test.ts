import assert from "node:assert/strict";
import { it } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { BoughtCalls, type Line } from "../../../offchain/node/bought-calls.ts";
import { SystemClock } from "../../../offchain/node/clock.ts";
import { BUYER } from "../../vectors/scene.ts";

const TRANSCRIPT: Bytes32 = `0x${"7a".repeat(32)}`;

it("calls on account of the newest deal go to one that still takes them, though a newer one isn't settled yet", async (t) => {
  const keys = fixedKey(new NodeCrypto().sessionSigner(BUYER.session), BUYER.certificate);
  const bought = await BoughtCalls.open(
    { folder: "unused", allow: new Set(), mostBytes: 1_000, mostCallBytes: 1_000, calls: "http://127.0.0.1:0" },
    {
      ...{ journal: new MemoryJournal(), clock: new SystemClock(), keys, introduce: async () => "" },
      onTrouble: (error) => assert.fail(error),
    },
  );
  t.after(() => bought.close());
  const lineOf = (name: string, isOver: boolean): Line => ({
    ...{ isOver, stop: () => undefined, end: async () => undefined, close: async () => undefined },
    call: async () => ({ status: 200, headers: {}, body: Buffer.from(name) }),
  });
  const called = async () => {
    const answer = await fetch(`${bought.url}/hello`, { headers: { "parley-deal": "newest" } });
    return await answer.text();
  };
  bought.add({ dealHash: `0x${"d1".repeat(32)}`, transcript: TRANSCRIPT }, lineOf("older", false));
  assert.equal(await called(), "older");
  bought.add({ dealHash: `0x${"d2".repeat(32)}`, transcript: TRANSCRIPT }, lineOf("over", true));
  assert.equal(await called(), "older");
  bought.add({ dealHash: `0x${"d3".repeat(32)}`, transcript: TRANSCRIPT }, lineOf("newer", false));
  assert.equal(await called(), "newer");
});
