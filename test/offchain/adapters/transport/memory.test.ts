import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Faults } from "../../../../offchain/adapters/transport/memory/faults.ts";
import { MemoryHub } from "../../../../offchain/adapters/transport/memory/hub.ts";
import { MemoryTransport } from "../../../../offchain/adapters/transport/memory/transport.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import { Recorder } from "../../../conformance/recorder.ts";

/** A listener and whoever connects to it, in a network of its own. */
async function network(faults: Faults = {}, seed = 1) {
  const clock = new SimulatedClock();
  const hub = new MemoryHub({ clock, entropy: new SeededEntropy(seed), faults });
  const [here, there] = [new Recorder(), new Recorder()];
  const listening = await new MemoryTransport(hub, "seller").listen("shop", there);
  const channel = new MemoryTransport(hub, "buyer").connect("shop", here);
  await setImmediate();
  return { clock, hub, here, there, channel, listening };
}

/** What arrives of 200 numbered frames, one a millisecond. */
async function arrivals(faults: Faults, seed?: number): Promise<(number | undefined)[]> {
  const { clock, channel, there } = await network(faults, seed);
  for (let number = 0; number < 200; number++) {
    channel.send(Uint8Array.of(number));
    clock.advance(1);
  }
  clock.advance(1_000);
  await setImmediate();
  return there.numbers;
}

const SENT = Array.from({ length: 200 }, (_, number) => number);

describe("MemoryTransport's network", () => {
  it("takes as long as it is told to", async () => {
    const { clock, channel, there } = await network({ delayMs: [30, 30] });
    channel.send(Uint8Array.of(1));
    clock.advance(29);
    await setImmediate();
    assert.deepEqual(there.numbers, []);
    clock.advance(1);
    assert.deepEqual(there.numbers, [1]);
  });

  it("keeps the order whatever the delays", async () => {
    assert.deepEqual(await arrivals({ delayMs: [0, 100] }), SENT);
  });

  it("loses frames", async () => {
    const arrived = await arrivals({ loss: 0.3 });
    assert.ok(arrived.length > 100 && arrived.length < 180, `${arrived.length} of 200 arrived`);
    assert.deepEqual(
      arrived,
      [...new Set(arrived)].sort((left, right) => Number(left) - Number(right)),
    );
    assert.deepEqual(await arrivals({ loss: 1 }), []);
  });

  it("duplicates frames", async () => {
    const arrived = await arrivals({ duplication: 0.3 });
    assert.ok(arrived.length > 220 && arrived.length < 300, `${arrived.length} arrived for 200`);
    assert.deepEqual([...new Set(arrived)], SENT);
  });

  it("reorders frames, and neither loses nor adds any", async () => {
    const arrived = await arrivals({ reordering: 0.3 });
    assert.notDeepEqual(arrived, SENT);
    assert.deepEqual(
      [...arrived].sort((left, right) => Number(left) - Number(right)),
      SENT,
    );
  });

  it("does the same again for the same seed, and something else for another", async () => {
    const faults = { delayMs: [1, 40], loss: 0.1, duplication: 0.1, reordering: 0.2 } as const;
    const first = await arrivals(faults, 7);
    assert.deepEqual(await arrivals(faults, 7), first);
    assert.notDeepEqual(await arrivals(faults, 8), first);
  });

  it("changes its faults when it is told to", async () => {
    const { hub, channel, there } = await network({ loss: 1 });
    channel.send(Uint8Array.of(1));
    hub.inject({});
    channel.send(Uint8Array.of(2));
    await setImmediate();
    assert.deepEqual(there.numbers, [2]);
  });

  it("refuses faults that can't be", () => {
    const options = { clock: new SimulatedClock(), entropy: new SeededEntropy(1) };
    const refused = { name: "ParleyError", code: "BadFaults" };
    for (const faults of [
      { loss: 1.1 },
      { duplication: -1 },
      { reordering: Number.NaN },
      { delayMs: [2, 1] },
    ] as const) {
      assert.throws(() => new MemoryHub({ ...options, faults }), refused);
    }
    assert.throws(() => new MemoryHub({ faults: { loss: 0.5 } }), refused);
  });
});

describe("a partition of MemoryTransport's network", () => {
  it("breaks connections, loses what is under way, and lets them come back when it is healed", async () => {
    const { clock, hub, here, there, channel } = await network({ delayMs: [10, 10] });
    channel.send(Uint8Array.of(1));
    hub.partition("seller", "buyer");
    channel.send(Uint8Array.of(2));
    clock.advance(60_000);
    await setImmediate();
    assert.deepEqual(there.numbers, []);
    assert.deepEqual([there.closes, here.closes, here.opens], [1, 0, 1]);

    hub.heal();
    clock.advance(60_000);
    channel.send(Uint8Array.of(3));
    clock.advance(10);
    await setImmediate();
    assert.deepEqual([here.opens, there.opens], [2, 2]);
    assert.deepEqual(there.numbers, [3]);
  });

  it("is between those two alone", async () => {
    const { hub, there } = await network();
    const witness = new Recorder();
    const channel = new MemoryTransport(hub, "witness").connect("shop", witness);
    await setImmediate();
    hub.partition("buyer", "seller");
    channel.send(Uint8Array.of(5));
    await setImmediate();
    assert.deepEqual(there.numbers, [5]);
  });

  it("keeps out who connects while it lasts", async () => {
    const { clock, hub } = await network();
    hub.partition("latecomer", "seller");
    const late = new Recorder();
    new MemoryTransport(hub, "latecomer").connect("shop", late);
    await setImmediate();
    assert.equal(late.opens, 0);
    hub.heal();
    clock.advance(1_000);
    assert.equal(late.opens, 1);
  });

  it("does not bring back a channel that was closed meanwhile", async () => {
    const { clock, hub, here, channel } = await network();
    hub.partition("seller", "buyer");
    channel.close();
    hub.heal();
    clock.advance(1_000);
    await setImmediate();
    assert.deepEqual([here.opens, here.closes], [1, 1]);
  });
});
