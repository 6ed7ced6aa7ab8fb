import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { BoughtCalls, type Line } from "../../../offchain/node/bought-calls.ts";
import { SystemClock } from "../../../offchain/node/clock.ts";
import { BUYER } from "../../vectors/scene.ts";

const TRANSCRIPT: Bytes32 = `0x${"7a".repeat(32)}`;

it("calls on account of the newest deal go to one that still takes them, though a newer one isn't settled yet", async (t) => {
  const bought = await open(t);
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

it("calls that hang take the places of their own deal only", async (t) => {
  const bought = await open(t);
  const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
  let hanging = 0;
  const line = { stop: () => undefined, end: async () => undefined, close: async () => undefined };
  const answer = { status: 200, headers: {}, body: new Uint8Array() };
  const [slow, quick] = [`0x${"d1".repeat(32)}`, `0x${"d2".repeat(32)}`] as const;
  const call = async () => {
    hanging++;
    await goOn;
    return answer;
  };
  bought.add({ dealHash: slow, transcript: TRANSCRIPT }, { ...line, call });
  bought.add({ dealHash: quick, transcript: TRANSCRIPT }, { ...line, call: async () => answer });
  const statusAt = async (deal: string) => {
    return (await fetch(`${bought.url}/hello`, { headers: { "parley-deal": deal } })).status;
  };
  const all = Array.from({ length: 64 }, () => statusAt(slow));
  while (hanging < 64) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([await statusAt(slow), await statusAt(quick)], [503, 200]);
  letGo();
  assert.deepEqual(new Set(await Promise.all(all)), new Set([200]));
  assert.equal(await statusAt(slow), 200);
});

async function open(t: TestContext): Promise<BoughtCalls> {
  const keys = fixedKey(new NodeCrypto().sessionSigner(BUYER.session), BUYER.certificate);
  const bought = await BoughtCalls.open(
    { folder: "unused", allow: new Set(), mostBytes: 1_000, mostCallBytes: 1_000, calls: "http://127.0.0.1:0" },
    {
      ...{ journal: new MemoryJournal(), clock: new SystemClock(), keys, introduce: async () => "" },
      onTrouble: (error) => assert.fail(error),
    },
  );
  t.after(() => bought.close());
  return bought;
}
