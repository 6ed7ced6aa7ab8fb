/** What every transport over a network must do besides, as tests: networks break, and peers do what they like. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { TransportOptions } from "../../offchain/adapters/transport/common/options.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import type { Channel, Transport } from "../../offchain/ports/transport.ts";
import { Detour } from "./detour.ts";
import { Recorder } from "./recorder.ts";

export interface NetworkFixture {
  transport(options: TransportOptions): Transport;
  /** An address to listen on that nobody uses. */
  address(): string;
  /** The file and the class, for a process of its own. */
  readonly module: { readonly file: string; readonly name: string };
  readonly skip?: string;
}

const QUICK = { firstRetryMs: 2, lastRetryMs: 20 };

export function networkConformance(name: string, fixture: NetworkFixture): void {
  describe(`transport over a network: ${name}`, { skip: fixture.skip ?? false }, () => {
    let opened: (() => unknown)[];
    let reports: ParleyError[];
    let onReport: () => void;

    beforeEach(() => {
      opened = [];
      reports = [];
      onReport = () => undefined;
    });

    afterEach(async () => {
      for (const close of opened.reverse()) await close();
    });

    function transport(options: TransportOptions): Transport {
      // What a test before has left to say is not about this one.
      const ours = reports;
      const report = (error: ParleyError) => {
        ours.push(error);
        if (ours === reports) onReport();
      };
      return fixture.transport({ ...QUICK, report, ...options });
    }

    async function listen(recorder: Recorder, options: TransportOptions = {}): Promise<string> {
      const door = await transport(options).listen(fixture.address(), recorder);
      opened.push(() => door.close());
      return door.address;
    }

    function connect(address: string, recorder: Recorder, options: TransportOptions = {}): Channel {
      const channel = transport(options).connect(address, recorder);
      opened.push(() => channel.close());
      return channel;
    }

    async function detourTo(address: string): Promise<Detour> {
      const detour = await Detour.to(address);
      opened.push(() => detour.close());
      return detour;
    }

    it("connects again when the network breaks, and tells both sides", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const detour = await detourTo(await listen(there, { heartbeatMs: 100 }));
      const channel = connect(detour.address, here);
      await Promise.all([here.until("open", 1), there.until("open", 1)]);
      detour.cut();
      await Promise.all([here.until("open", 2), there.until("open", 2), there.until("close", 1)]);
      channel.send(Uint8Array.of(7));
      await there.until("frame", 1);
      assert.deepEqual(there.numbers, [7]);
      assert.equal(here.closes, 0);
      assert.ok(reports.every(({ code, retryable }) => code === "ConnectionFailed" && retryable));
    });

    it("notices a peer that is gone without a word, and connects again when it is back", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const detour = await detourTo(await listen(there, { heartbeatMs: 100 }));
      const channel = connect(detour.address, here, { heartbeatMs: 100, handshakeMs: 500 });
      await Promise.all([here.until("open", 1), there.until("open", 1)]);
      detour.freeze();
      await there.until("close", 1);
      detour.thaw();
      await Promise.all([here.until("open", 2), there.until("open", 2)]);
      channel.send(Uint8Array.of(7));
      await there.until("frame", 1);
      assert.equal(here.closes, 0);
    });

    it("leaves alone who is alive and has nothing to say", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      // An answer has the time of a beat to come back: on a busy machine a broker needs much of that.
      const beat = { heartbeatMs: 1_500 };
      const address = await listen(there, beat);
      connect(address, here, beat);
      await there.until("open", 1);
      // As long as three beats of the one take.
      const witness = new Recorder();
      const idle = await listen(witness, { ...beat, idleMs: 3_000 });
      connect(idle, new Recorder(), beat);
      await witness.until("close", 1);
      assert.deepEqual([here.opens, there.opens, there.closes], [1, 1, 0]);
    });

    it("drops who does not read, instead of keeping everything for them", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const detour = await detourTo(await listen(there, { maxBufferedBytes: 100_000 }));
      connect(detour.address, here, { handshakeMs: 500 });
      await there.until("open", 1);
      detour.freeze();
      const { channel } = there;
      const frame = new Uint8Array(65_536);
      // More than any system's socket buffers hold.
      for (let count = 0; count < 1_000; count++) channel.send(frame);
      await there.until("close", 1);
      assert.ok(reports.some(({ code, message }) => code === "ConnectionFailed" && /does not read/.test(message)));
    });

    it("carries what hundreds of negotiations say at once after a resume", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const channel = connect(await listen(there), here);
      await Promise.all([here.until("open", 1), there.until("open", 1)]);
      const frames = Array.from({ length: 6_000 }, (_, number) => {
        return new Uint8Array(400).fill(number % 256, 0, 1).fill(number / 256, 1, 2);
      });
      for (const frame of frames) channel.send(frame);
      for (const frame of frames) there.channel.send(frame);
      await Promise.all([here.until("frame", frames.length), there.until("frame", frames.length)]);
      for (const { frames: heard } of [here, there]) {
        assert.ok(heard.every((frame, number) => Buffer.compare(frame, frames[number] ?? frame.subarray(1)) === 0));
      }
      assert.deepEqual(reports, []);
    });

    it("holds as many connections as it is told to", async () => {
      const there = new Recorder();
      const address = await listen(there, { maxConnections: 2 });
      const [first, second, third] = [new Recorder(), new Recorder(), new Recorder()];
      const open = connect(address, first);
      connect(address, second);
      await Promise.all([first.until("open", 1), second.until("open", 1), there.until("open", 2)]);
      const refused = new Promise<void>((resolve) => {
        onReport = resolve;
      });
      connect(address, third, { handshakeMs: 100 });
      await refused;
      assert.equal(there.opens, 2);
      open.close();
      await third.until("open", 1);
    });

    it("ends accepted channels without frames", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      connect(await listen(there, { heartbeatMs: 100, idleMs: 100 }), here);
      await there.until("close", 1);
      await here.until("open", 2);
    });

    for (const what of ["open", "frame"] as const) {
      it(`ends the connection, not the process, of a listener that fails on ${what}`, async () => {
        let failures = 0;
        const there = new Recorder((heard) => {
          if (heard.what === what && failures++ === 0) throw new Error("a defect");
        });
        const here = new Recorder(({ what: heard, channel }) => heard === "open" && channel.send(Uint8Array.of(1)));
        connect(await listen(there), here);
        // Whoever connects may never have heard of the first one.
        await Promise.all([there.until("close", 1), here.until("open", 1), there.until("open", 2)]);
        const failed = reports.filter(({ code }) => code === "ListenerFailed");
        assert.deepEqual(
          failed.map(({ retryable }) => retryable),
          [false],
        );
      });
    }

    it("survives a listener that fails on close", async () => {
      const there = new Recorder(({ what }) => {
        if (what === "close") throw new Error("a defect");
      });
      const address = await listen(there);
      connect(address, new Recorder(({ what, channel }) => what === "open" && channel.close()));
      await there.until("close", 1);
      connect(address, new Recorder());
      await there.until("open", 2);
      assert.ok(reports.some(({ code }) => code === "ListenerFailed"));
    });

    it("ends with a close while it waits", async () => {
      const door = await transport({}).listen(fixture.address(), new Recorder());
      await door.close();
      const here = new Recorder();
      const refused = new Promise<void>((resolve) => {
        onReport = resolve;
      });
      const channel = connect(door.address, here, { firstRetryMs: 2 ** 30, lastRetryMs: 2 ** 30 });
      await refused;
      assert.equal(reports[0]?.code, "ConnectionFailed");
      channel.close();
      await here.until("close", 1);
      assert.equal(here.opens, 0);
    });

    it("refuses what is no address, and doesn't repeat a password", async () => {
      const bad = { name: "ParleyError", code: "BadEndpoint" };
      const { protocol } = new URL(fixture.address());
      for (const address of [
        "",
        "x",
        "127.0.0.1:80",
        "http://127.0.0.1:80/x",
        `${protocol}//`,
        `${protocol}//h:1/#x`,
      ]) {
        assert.throws(() => transport({}).connect(address, new Recorder()), bad, address);
        await assert.rejects(async () => transport({}).listen(address, new Recorder()), bad, address);
      }
      const secret = `${protocol}//me:swordfish@host:1/name`;
      assert.throws(
        () => transport({}).connect(secret, new Recorder()),
        (error) => {
          return (
            error instanceof Error && "code" in error && error.code === bad.code && !/swordfish/.test(error.message)
          );
        },
      );
    });

    it("lets its process end once everything is closed", async () => {
      const url = new URL(`../../offchain/adapters/transport/${fixture.module.file}`, import.meta.url).href;
      const program = `
        import { ${fixture.module.name} as Transport } from ${JSON.stringify(url)};
        const transport = new Transport();
        const door = await transport.listen(${JSON.stringify(fixture.address())}, {
          onFrame: (frame, channel) => channel.send(frame),
        });
        const { address } = door;
        await new Promise((resolve) => {
          const onOpen = (channel) => channel.send(Uint8Array.of(1));
          transport.connect(address, { onOpen, onFrame: (_, channel) => channel.close(), onClose: resolve });
        });
        await door.close();
        await new Promise((resolve) => transport.connect(address, { onFrame() {}, onClose: resolve }).close());
        console.log("closed");
      `;
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [[line], [code]] = await Promise.all([once(child.stdout, "data"), once(child, "exit")]);
      assert.deepEqual([String(line), code], ["closed\n", 0]);
    });
  });
}
