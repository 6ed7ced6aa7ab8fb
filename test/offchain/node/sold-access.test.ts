import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { SoldAccess } from "../../../offchain/node/sold-access.ts";
import type { Order } from "../../../offchain/ports/connector.ts";
import { SellerMeter } from "../../../offchain/settlement/metering/seller-meter.ts";
import { NOW } from "../../vectors/actors.ts";
import { BUYER, SELLER } from "../../vectors/scene.ts";

const TERMS = {
  ...{ schema: "parley-terms/1", category: "api", salt: `0x${"5a".repeat(32)}` },
  lines: [{ what: "translations", amount: "100", unit: "call" }],
  levels: [{ measure: "availability", bound: "least", amount: "100", unit: "percent" }],
  delivery: { by: "access", url: "https://api.example", calls: 100, seconds: 3_600 },
};

const ORDER = {
  ...{ dealHash: `0x${"d1".repeat(32)}` as Bytes32, transcript: `0x${"7a".repeat(32)}` as Bytes32 },
  ...{ deal: { buyer: BUYER.agent }, terms: TERMS },
} as unknown as Order;

describe("access that was sold, and is disputed", () => {
  it("is not held against its seller by calls that the buyer has under way just then", async () => {
    const clock = new SimulatedClock(NOW * 1_000);
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const { session: secret, certificate } = SELLER;
    const keys = fixedKey(new NodeCrypto().sessionSigner(secret), certificate);
    const history = { position: () => ({ status: "Delivered", since: NOW, now: NOW }) } as never;
    const sold = new SoldAccess(meter, { journal, clock, keys, history, onTrouble: (error) => assert.fail(error) });
    await sold.resume(ORDER);
    const begin = async (number: number) => {
      const admission = await meter.admit({ ...ORDER, agent: BUYER.agent, number });
      assert.ok(admission.admitted);
      return admission;
    };
    const session = { state: { brief: { self: SELLER.agent, certificate } } } as unknown as Session;
    await (await begin(1)).end("answered");
    const hanging = [await begin(2), await begin(3)];
    const first = await sold.defence(session, ORDER, 10_000);
    assert.deepEqual([first?.share, first?.showsBreach], [10_000, false]);
    await hanging[0]?.end("failed");
    // What is stated again says what its document says, whatever has come to its end meanwhile.
    assert.deepEqual(await sold.defence(session, ORDER, 10_000), first);
    assert.deepEqual(await sold.defence(session, ORDER, 9_000), { ...first, share: 9_000 });
    // As another process says: it has cut off what it had under way.
    const anew = new SoldAccess(new SellerMeter(journal, clock), {
      journal,
      clock,
      keys,
      history,
      onTrouble: assert.fail,
    });
    const second = await anew.defence(session, ORDER, 10_000);
    assert.deepEqual([second?.share, second?.showsBreach], [3_333, true]);
  });

  it("ends in its time though it was disputed before anybody has called", async () => {
    const clock = new SimulatedClock(NOW * 1_000);
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const { session: secret, certificate } = SELLER;
    const keys = fixedKey(new NodeCrypto().sessionSigner(secret), certificate);
    const history = {
      position: () => ({ status: "Disputed", since: NOW, now: Math.floor(clock.now() / 1_000) }),
    } as never;
    const sold = new SoldAccess(meter, { journal, clock, keys, history, onTrouble: (error) => assert.fail(error) });
    await sold.deliver(ORDER);
    const call = async (number: number) => await meter.admit({ ...ORDER, agent: BUYER.agent, number });
    assert.ok((await call(1)).admitted);
    clock.advance(3_700_000);
    assert.deepEqual(await call(2), { admitted: false, because: "UsedUp" });
  });
});
