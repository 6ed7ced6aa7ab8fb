/** What every implementation of the Transport port must do, as tests. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Channel, Listening, Transport } from "../../offchain/ports/transport.ts";
import { MAX_MESSAGE_BYTES } from "../../offchain/terms/message.ts";
import { Recorder } from "./recorder.ts";

export interface TransportFixture {
  /** A new transport that reaches the others of this fixture. */
  transport(): Transport;
  /** An address to listen on that nobody uses. */
  address(): string;
  /** Why it can't be tested here. */
  readonly skip?: string;
}

export function transportConformance(name: string, fixture: TransportFixture): void {
  describe(`transport: ${name}`, { skip: fixture.skip ?? false }, () => {
    let channels: Channel[];
    let doors: Listening[];

    beforeEach(() => {
      channels = [];
      doors = [];
    });

    afterEach(async () => {
      for (const channel of channels) channel.close();
      for (const door of doors) await door.close();
    });

    async function listen(recorder: Recorder, address = fixture.address()): Promise<string> {
      const door = await fixture.transport().listen(address, recorder);
      doors.push(door);
      return door.address;
    }

    function connect(address: string, recorder: Recorder): Channel {
      const channel = fixture.transport().connect(address, recorder);
      channels.push(channel);
      return channel;
    }

    /** Both ends of a connection that is open. */
    async function pair(here = new Recorder(), there = new Recorder()) {
      const address = await listen(there);
      const channel = connect(address, here);
      await Promise.all([here.until("open", 1), there.until("open", 1)]);
      return { address, here, there, channel, accepted: there.channel };
    }

    it("carries whole frames in order, both ways", async () => {
      const { here, there, channel, accepted } = await pair();
      for (let number = 0; number < 200; number++) {
        channel.send(numbered(number, number));
        accepted.send(numbered(number, 2 * number));
      }
      await Promise.all([here.until("frame", 200), there.until("frame", 200)]);
      assert.deepEqual(
        there.frames,
        range(200).map((number) => numbered(number, number)),
      );
      assert.deepEqual(
        here.frames,
        range(200).map((number) => numbered(number, 2 * number)),
      );
      assert.ok(here.heard.every((heard) => heard.channel === channel));
      assert.ok(there.heard.every((heard) => heard.channel === accepted));
    });

    it("carries empty frames and the protocol's largest", async () => {
      const { here, there, channel, accepted } = await pair();
      for (const [from, to] of [
        [channel, there],
        [accepted, here],
      ] as const) {
        const frames = [0, 1, 125, 126, 65_535, MAX_MESSAGE_BYTES].map((size) => numbered(7, size));
        for (const frame of frames) from.send(frame);
        await to.until("frame", frames.length);
        assert.deepEqual(to.frames, frames);
      }
    });

    it("passes on what is only over the protocol's limit, for the listener to refuse by name", async () => {
      const { there, channel } = await pair();
      channel.send(numbered(1, MAX_MESSAGE_BYTES + 1));
      await there.until("frame", 1);
      assert.equal(there.frames[0]?.length, MAX_MESSAGE_BYTES + 1);
    });

    it("hands over plain bytes", async () => {
      const { there, channel } = await pair();
      channel.send(Buffer.from([1, 2]));
      await there.until("frame", 1);
      assert.deepEqual(there.frames, [Uint8Array.of(1, 2)]);
    });

    it("delivers later, never while it is being called", async () => {
      const there = new Recorder(({ what, frame, channel }) => what === "frame" && channel.send(frame));
      const { here, channel } = await pair(new Recorder(), there);
      channel.send(numbered(1, 1));
      assert.deepEqual([here.frames, there.frames], [[], []]);
      await here.until("frame", 1);
      const lazy = new Recorder();
      connect(doors[0]?.address ?? "", lazy);
      assert.deepEqual(lazy.heard, []);
      await lazy.until("open", 1);
    });

    it("keeps many channels apart", async () => {
      const there = new Recorder(({ what, frame, channel }) => what === "frame" && channel.send(frame));
      const address = await listen(there);
      const recorders = range(25).map(() => new Recorder());
      const open = recorders.map((recorder) => connect(address, recorder));
      await Promise.all(recorders.map((recorder) => recorder.until("open", 1)));
      for (const round of range(4)) for (const [at, channel] of open.entries()) channel.send(numbered(at, round + 1));
      await Promise.all(recorders.map((recorder) => recorder.until("frame", 4)));
      for (const [at, { frames }] of recorders.entries()) {
        assert.deepEqual(
          frames,
          range(4).map((round) => numbered(at, round + 1)),
        );
      }
    });

    it("connects once somebody listens", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const address = await listen(new Recorder());
      await doors.pop()?.close();
      const channel = connect(address, here);
      channel.send(numbered(9, 1));
      await listen(there, address);
      await here.until("open", 1);
      channel.send(numbered(1, 1));
      await there.until("frame", 1);
      assert.deepEqual(there.numbers, [1], "what was sent before it was open is dropped");
      assert.equal(here.closes, 0);
    });

    it("connects again when the other side hangs up, says so, and carries what is sent from then on", async () => {
      const { here, there, channel, accepted } = await pair();
      accepted.close();
      await Promise.all([here.until("open", 2), there.until("open", 2)]);
      assert.notEqual(there.channel, accepted, "whoever comes back gets another channel");
      channel.send(numbered(1, 1));
      there.channel.send(numbered(2, 1));
      await Promise.all([here.until("frame", 1), there.until("frame", 1)]);
      assert.deepEqual([here.numbers, there.numbers], [[2], [1]]);
      assert.deepEqual([here.closes, there.closes], [0, 1]);
      assert.ok(here.heard.every((heard) => heard.channel === channel));
    });

    it("connects again to a listener that was restarted", async () => {
      const { here, there, address, channel } = await pair();
      await doors.pop()?.close();
      await there.until("close", 1);
      channel.send(numbered(9, 1));
      const restarted = new Recorder();
      await listen(restarted, address);
      await here.until("open", 2);
      channel.send(numbered(1, 1));
      await restarted.until("frame", 1);
      assert.deepEqual(restarted.numbers, [1]);
    });

    it("delivers what was sent before a close, and nothing that was sent after", async () => {
      const { here, there, channel, accepted } = await pair();
      for (const number of range(20)) channel.send(numbered(number, 50));
      channel.close();
      channel.send(numbered(99, 1));
      accepted.send(numbered(99, 1));
      await Promise.all([here.until("close", 1), there.until("close", 1)]);
      assert.deepEqual(there.numbers, range(20));
      assert.deepEqual(here.frames, [], "who has closed a channel hears nothing of it");
    });

    it("tells of a close once, not while it is being asked for, and connects no more", async () => {
      const { here, there, channel } = await pair();
      channel.close();
      channel.close();
      assert.equal(here.closes, 0);
      await Promise.all([here.until("close", 1), there.until("close", 1)]);
      const after = new Recorder();
      connect(doors[0]?.address ?? "", after);
      await after.until("open", 1);
      assert.deepEqual([here.opens, here.closes, there.closes], [1, 1, 1]);
    });

    it("reads nothing more once it is dropped, and tells of it once", async () => {
      const there = new Recorder(({ what, channel: from }) => {
        if (what === "frame") from.drop();
      });
      const { here, channel } = await pair(new Recorder(), there);
      for (const number of range(20)) channel.send(numbered(number, 50));
      await there.until("close", 1);
      // The other end connects again, as after any loss.
      await here.until("open", 2);
      assert.deepEqual([there.numbers, there.closes], [[0], 1]);
      channel.close();
      await here.until("close", 1);
    });

    it("can be closed before it was ever open", async () => {
      const [here, nobody] = [new Recorder(), new Recorder()];
      const address = await listen(here);
      connect(address, nobody).close();
      await nobody.until("close", 1);
      assert.equal(nobody.opens, 0);
    });

    it("survives a frame that no transport would carry", async () => {
      const { here, there, channel } = await pair();
      channel.send(numbered(9, 3 << 20));
      await here.until("open", 2);
      channel.send(numbered(1, 1));
      await there.until("frame", 1);
      assert.deepEqual(there.numbers, [1]);
    });

    it("refuses an address where somebody listens, until they stop", async () => {
      const address = await listen(new Recorder());
      const inUse = { name: "ParleyError", code: "AddressInUse" };
      await assert.rejects(fixture.transport().listen(address, new Recorder()), inUse);
      await doors.pop()?.close();
      assert.equal(await listen(new Recorder(), address), address);
    });

    it("listens on two addresses at once", async () => {
      const transport = fixture.transport();
      const [one, two] = [new Recorder(), new Recorder()];
      doors.push(await transport.listen(fixture.address(), one), await transport.listen(fixture.address(), two));
      const [here, alsoHere] = [new Recorder(), new Recorder()];
      connect(doors[0]?.address ?? "", here);
      connect(doors[1]?.address ?? "", alsoHere);
      await Promise.all([one.until("open", 1), two.until("open", 1)]);
      assert.deepEqual([one.opens, two.opens], [1, 1]);
    });

    it("ends every accepted channel when it stops listening, which can be said twice", async () => {
      const { here, there, accepted } = await pair();
      await doors[0]?.close();
      await doors[0]?.close();
      await there.until("close", 1);
      accepted.send(numbered(1, 1));
      assert.equal(here.closes, 0, "the side that connects has not closed its channel");
      assert.deepEqual(here.frames, []);
    });
  });
}

/** A frame of that length that begins with its number. */
function numbered(number: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(number, 0, 1);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
