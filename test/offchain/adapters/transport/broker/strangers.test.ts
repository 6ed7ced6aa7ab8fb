import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { encodeClaim, encodeHello, makeInbox } from "../../../../../offchain/adapters/transport/broker/handshake.ts";
import { type BrokerOptions, brokerSettingsOf } from "../../../../../offchain/adapters/transport/broker/options.ts";
import { makeHalf } from "../../../../../offchain/adapters/transport/common/seal.ts";
import type { ParleyError } from "../../../../../offchain/kernel/errors.ts";
import type { Channel } from "../../../../../offchain/ports/transport.ts";
import { Recorder } from "../../../../conformance/recorder.ts";
import { Hub, type Message } from "./hub.ts";

const ADDRESS = "hub://host/agent.7";
const DOOR = "parley/door/agent/7/hello";

let hub: Hub;
let opened: (() => unknown)[];
let reports: ParleyError[];

beforeEach(() => {
  hub = new Hub();
  opened = [];
  reports = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

const report = (error: ParleyError) => reports.push(error);

async function listen(there: Recorder, options: BrokerOptions = {}): Promise<void> {
  const door = await hub.transport({ report, ...options }).listen(ADDRESS, there);
  opened.push(() => door.close());
}

function connect(here: Recorder, options: BrokerOptions = {}): Channel {
  const channel = hub.transport({ report, ...options }).connect(ADDRESS, here);
  opened.push(() => channel.close());
  return channel;
}

/** Both ends of an open channel. */
async function pair() {
  const [here, there] = [new Recorder(), new Recorder()];
  await listen(there);
  const channel = connect(here);
  await Promise.all([here.until("open", 1), there.until("open", 1)]);
  return { here, there, channel };
}

function hello(): Uint8Array {
  return encodeHello(makeInbox(), makeHalf().publicKey);
}

/** Those of what was published that went to the listener, or to who connected, of the channel. */
function passing(): { toListener: Message[]; toDialler: Message[] } {
  const messages = hub.published.filter(({ topic }) => topic !== DOOR);
  return {
    toListener: messages.filter(({ topic }) => topic.startsWith("parley/door/")),
    toDialler: messages.filter(({ topic }) => topic.startsWith("parley/inbox/")),
  };
}

describe("a channel over a broker, with others at the broker", () => {
  it("shows them nothing of what passes", async () => {
    const { here, there, channel } = await pair();
    const secret = Buffer.from("what nobody else should read");
    channel.send(secret);
    there.channel.send(secret);
    await Promise.all([here.until("frame", 1), there.until("frame", 1)]);
    assert.ok(hub.published.every(({ payload }) => !Buffer.from(payload).includes(secret)));
  });

  it("takes nothing from them, and goes on", async () => {
    const { here, there, channel } = await pair();
    const { toListener, toDialler } = passing();
    for (const messages of [toListener, toDialler]) {
      const [{ topic, payload } = { topic: "", payload: new Uint8Array() }] = messages.slice(-1);
      const changed = Uint8Array.from(payload).fill(0xff, 9, 10);
      // Rubbish, what was said before, what was said in the other direction, and what was changed a little.
      const others = [...toListener, ...toDialler].map((message) => message.payload);
      for (const injected of [new Uint8Array(), new Uint8Array(600_000), changed, ...others])
        hub.publish(topic, injected);
    }
    await hub.quiet();
    channel.send(Uint8Array.of(1));
    there.channel.send(Uint8Array.of(2));
    await Promise.all([here.until("frame", 1), there.until("frame", 1)]);
    assert.deepEqual([there.numbers, here.numbers], [[1], [2]]);
    assert.deepEqual([here.opens, there.opens, reports.length], [1, 1, 0]);
  });

  it("can't be opened again by saying again what once opened it", async () => {
    const { there, channel } = await pair();
    channel.send(Uint8Array.of(1));
    await there.until("frame", 1);
    const once = [...hub.published];
    channel.close();
    await there.until("close", 1);
    for (const { topic, payload } of once) hub.publish(topic, payload);
    await hub.quiet();
    assert.deepEqual([there.opens, there.frames.length], [1, 1]);
  });

  it("is not had by who answers in the listener's place with a key of somebody else", async () => {
    const [here, there] = [new Recorder(), new Recorder()];
    await listen(there);
    hub.tamper = (topic, payload) => {
      if (topic === DOOR || !topic.startsWith("parley/inbox/") || payload[1] !== 2) return [payload];
      const forged = Uint8Array.from(payload);
      forged.set(makeHalf().publicKey, 2);
      return [forged, new Uint8Array(50).fill(1), payload.subarray(0, 49), payload];
    };
    connect(here);
    await Promise.all([here.until("open", 1), there.until("open", 1)]);
    assert.equal(reports.length, 0);
  });

  it("ends where the broker lost something, and the next one goes on", async () => {
    const { here, there, channel } = await pair();
    let isLost = false;
    hub.tamper = (topic, payload) => {
      if (isLost || !topic.startsWith("parley/door/") || payload.length < 500) return [payload];
      isLost = true;
      return [];
    };
    for (const number of [1, 2, 3]) channel.send(new Uint8Array(500).fill(number, 0, 1));
    await Promise.all([there.until("close", 1), here.until("open", 2), there.until("open", 2)]);
    assert.deepEqual(there.numbers, [], "nothing arrives out of its place");
    assert.match(reports[0]?.message ?? "", /lost something/);
    channel.send(Uint8Array.of(4));
    await there.until("frame", 1);
    assert.deepEqual(there.numbers, [4]);
  });

  it("carries each frame once, whatever arrives twice", async () => {
    const { here, there, channel } = await pair();
    hub.tamper = (_topic, payload) => [payload, payload];
    for (let number = 0; number < 50; number++) channel.send(Uint8Array.of(number));
    await there.until("frame", 50);
    await hub.quiet();
    assert.deepEqual(
      there.numbers,
      Array.from({ length: 50 }, (_, number) => number),
    );
    assert.deepEqual([here.opens, there.opens], [1, 1]);
  });

  it("leaves no more than a mebibyte at the broker, however much is to be sent", async () => {
    const { there, channel } = await pair();
    let held: Message[] = [];
    hub.tamper = (topic, payload) => {
      if (!topic.startsWith("parley/door/")) return [payload];
      held.push({ topic, payload });
      return [];
    };
    for (let count = 0; count < 1_000; count++) channel.send(new Uint8Array(5_000).fill(count, 0, 1));
    let most = 0;
    while (there.frames.length < 1_000) {
      await hub.quiet();
      const now = held;
      held = [];
      most = Math.max(
        most,
        now.reduce((sum, { payload }) => sum + payload.length, 0),
      );
      const tamper = hub.tamper;
      hub.tamper = (_topic, payload) => [payload];
      for (const { topic, payload } of now) hub.publish(topic, payload);
      hub.tamper = tamper;
      assert.ok(now.length > 0 || there.frames.length === 1_000, "it stands still");
    }
    assert.ok(most <= (1 << 20) + 100_000 && most > 500_000, `${most} bytes`);
    assert.deepEqual(
      there.numbers,
      Array.from({ length: 1_000 }, (_, count) => count % 256),
    );
  });
});

describe("who listens behind a broker", () => {
  it("hears nothing of who says hello and no more", async () => {
    const there = new Recorder();
    await listen(there);
    for (let count = 0; count < 100; count++) hub.publish(DOOR, hello());
    await hub.quiet();
    assert.deepEqual(there.heard, []);
    assert.equal(passing().toDialler.length, 100);
  });

  it("lets in who is honest, however many say hello", async () => {
    const [here, there] = [new Recorder(), new Recorder()];
    await listen(there, { maxConnections: 8 });
    for (let count = 0; count < 30; count++) hub.publish(DOOR, hello());
    await hub.quiet();
    // Some more than are honest come between any two steps of who is.
    const flood = Array.from({ length: 40 }, hello);
    hub.tamper = (_topic, payload) => {
      if (!flood.includes(payload)) for (const more of flood.splice(0, 5)) hub.publish(DOOR, more);
      return [payload];
    };
    const channel = connect(here);
    await there.until("open", 1);
    channel.send(Uint8Array.of(1));
    await there.until("frame", 1);
    assert.deepEqual(there.numbers, [1]);
  });

  it("has no more guests than it may, and throws none out for those who come later", async () => {
    const there = new Recorder();
    await listen(there, { maxConnections: 2 });
    const guests = [new Recorder(), new Recorder()];
    for (const guest of guests) connect(guest);
    await there.until("open", 2);
    for (let count = 0; count < 20; count++) hub.publish(DOOR, hello());
    await hub.quiet();
    assert.equal(passing().toDialler.filter(({ payload }) => payload[1] === 2).length, 2);
    assert.deepEqual([there.opens, there.closes], [2, 0]);
  });

  it("answers nothing that is neither hello nor claim", async () => {
    const there = new Recorder();
    await listen(there);
    const [ours, claim] = [hello(), encodeClaim(makeInbox())];
    for (const rubbish of [
      new Uint8Array(),
      Uint8Array.of(1),
      ours.subarray(1),
      ours.subarray(0, -1),
      Buffer.concat([ours, Buffer.of(0)]),
      claim.subarray(0, -1),
      Uint8Array.from(ours).fill(2, 0, 1),
      Uint8Array.from(ours).fill(9, 1, 2),
      // A hello whose key would make the secrets known to everybody.
      Uint8Array.from(ours).fill(0, 18),
      new Uint8Array(600_000),
    ]) {
      hub.publish(DOOR, rubbish);
    }
    await hub.quiet();
    assert.deepEqual([there.heard, passing().toDialler], [[], []]);
  });

  it("takes an address over from who is subscribed but dead", async () => {
    const dead = await hub.open(
      { host: "host", port: 1, isSecure: false, name: ["agent", "7"], href: ADDRESS },
      brokerSettingsOf({}),
      { onMessage: () => undefined, onEnd: () => undefined },
    );
    await dead.subscribe(["parley", "door", "agent", "7", "*"]);
    const [here, there] = [new Recorder(), new Recorder()];
    await listen(there, { handshakeMs: 20 });
    connect(here);
    await there.until("open", 1);
  });

  it("comes back when its broker does", async () => {
    const { here, there, channel } = await pair();
    hub.outage = new Error("the hub is down");
    hub.restart();
    await there.until("close", 1);
    hub.outage = null;
    await Promise.all([here.until("open", 2), there.until("open", 2)]);
    channel.send(Uint8Array.of(1));
    await there.until("frame", 1);
    assert.ok(reports.every(({ code, retryable }) => code === "ConnectionFailed" && retryable));
  });

  it("says so where there is no broker", async () => {
    hub.outage = new Error("the hub is down");
    await assert.rejects(listen(new Recorder()), { code: "AddressUnavailable", retryable: true });
  });
});
