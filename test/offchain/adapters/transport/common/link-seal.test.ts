import assert from "node:assert/strict";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  answerOffer,
  type LinkSeal,
  type Sealing,
  SealOffer,
} from "../../../../../offchain/adapters/transport/common/link-seal.ts";
import { GrpcTransport } from "../../../../../offchain/adapters/transport/grpc/transport.ts";
import { WebSocketTransport } from "../../../../../offchain/adapters/transport/websocket/transport.ts";
import { utf8 } from "../../../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../../../offchain/kernel/errors.ts";
import type { Transport } from "../../../../../offchain/ports/transport.ts";
import { Recorder } from "../../../../conformance/recorder.ts";

function pair(): [here: LinkSeal, there: LinkSeal] {
  const offer = new SealOffer();
  const answer = answerOffer(offer.header);
  const here = offer.take(answer?.header);
  assert.ok(answer !== null && here !== null);
  return [here, answer.seal];
}

describe("the seal of a connection", () => {
  it("carries frames both ways, in order", () => {
    const [here, there] = pair();
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (frame, outward) => {
        const [from, to] = outward ? [here, there] : [there, here];
        assert.deepEqual(to.open(from.close(frame)), frame);
      }),
    );
  });

  it("opens nothing that was changed, repeated, left out or said by another", () => {
    const [here, there] = pair();
    const [stranger] = pair();
    const [first, second] = [here.close(utf8.encode("one")), here.close(utf8.encode("two"))];
    assert.equal(there.open(second), null);
    for (let at = 0; at < first.length; at++) {
      const changed = Uint8Array.from(first);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(there.open(changed), null);
    }
    assert.equal(there.open(stranger.close(utf8.encode("one"))), null);
    assert.equal(there.open(new Uint8Array()), null);
    assert.deepEqual(there.open(first), utf8.encode("one"));
    assert.equal(there.open(first), null);
    assert.deepEqual(there.open(second), utf8.encode("two"));
  });

  it("is agreed on with nobody whose key is none", () => {
    for (const key of [undefined, "", Buffer.alloc(32).toString("base64url"), ["a"], "!".repeat(43)]) {
      assert.equal(answerOffer(key), null);
      assert.equal(new SealOffer().take(key), null);
    }
    assert.equal(new SealOffer().take(Buffer.alloc(48).toString("base64url")), null);
  });
});

const SECRET = "a price that nobody else is to know, 0123456789 times over";

/** Somebody on the way, who sees every byte. */
class Wire {
  readonly seen: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number, meddle: (bytes: Buffer) => Buffer = (bytes) => bytes) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (bytes) => {
          this.seen.push(bytes);
          to.write(from === near ? meddle(bytes) : bytes);
        });
        from.on("close", () => to.destroy()).on("error", () => to.destroy());
      }
    });
  }

  open(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

for (const [name, scheme, make] of [
  ["WebSocket", "ws", (seal?: Sealing) => new WebSocketTransport({ ...(seal && { seal }), report: () => undefined })],
  ["gRPC", "grpc", (seal?: Sealing) => new GrpcTransport({ ...(seal && { seal }), report: () => undefined })],
] as readonly (readonly [string, string, (seal?: Sealing) => Transport])[]) {
  describe(`what passes over ${name} without TLS`, () => {
    async function carry(here: Sealing | undefined, there: Sealing | undefined): Promise<Buffer> {
      const heard = new Recorder(({ what, frame, channel }) => {
        if (what === "frame") channel.send(frame);
      });
      const listening = await make(there).listen(`${scheme}://127.0.0.1:0`, heard);
      const wire = new Wire(Number(new URL(listening.address).port));
      const back = new Recorder();
      const channel = make(here).connect(`${scheme}://127.0.0.1:${await wire.open()}`, back);
      try {
        await back.until("open", 1);
        channel.send(utf8.encode(SECRET));
        await back.until("frame", 1);
        assert.deepEqual(back.frames, [utf8.encode(SECRET)]);
        return Buffer.concat(wire.seen);
      } finally {
        channel.close();
        await listening.close();
        wire.close();
      }
    }

    it("can't be read on the way, with nothing to be set", async () => {
      const seen = await carry(undefined, undefined);
      assert.ok(seen.length > 2 * SECRET.length);
      // A client masks what it sends over a WebSocket: what comes back would be plain.
      assert.equal(seen.includes(SECRET), false);
      assert.equal((await carry("required", "required")).includes(SECRET), false);
    });

    it("is plain where one end can't do otherwise, and the other doesn't insist", async () => {
      assert.equal((await carry("off", "offered")).includes(SECRET), true);
      assert.equal((await carry("offered", "off")).includes(SECRET), true);
    });

    for (const [here, there] of [
      ["required", "off"],
      ["off", "required"],
    ] as const) {
      it(`is nothing where the ${here === "off" ? "one who listens" : "one who connects"} insists on what the other can't`, async () => {
        const troubles: ParleyError[] = [];
        const listening = await make(there).listen(`${scheme}://127.0.0.1:0`, new Recorder());
        const options = { seal: here, firstRetryMs: 5, report: (error: ParleyError) => troubles.push(error) };
        const transport = scheme === "ws" ? new WebSocketTransport(options) : new GrpcTransport(options);
        const heard = new Recorder();
        const channel = transport.connect(listening.address, heard);
        for (let wait = 0; wait < 200 && troubles.length === 0 && heard.opens < 2; wait++) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        channel.send(utf8.encode(SECRET));
        channel.close();
        await listening.close();
        assert.ok(troubles.every((error) => error instanceof ParleyError && error.code === "ConnectionFailed"));
        assert.ok(troubles.length > 0 || heard.opens >= 2);
        assert.deepEqual(heard.frames, []);
      });
    }
  });
}

describe("a server that insists on encryption", () => {
  it("outlives who doesn't offer it and then sends what is no frame", async () => {
    const listening = await new WebSocketTransport({ seal: "required", report: () => undefined }).listen(
      "ws://127.0.0.1:0",
      new Recorder(),
    );
    const socket = connect(Number(new URL(listening.address).port), "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.write(
      "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n" +
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    // A reserved bit, and no mask.
    socket.write(Uint8Array.of(0xf2, 0x01, 0x00));
    await ended;
    await listening.close();
  });
});

describe("a connection that somebody meddles with", () => {
  it("is dropped, and made anew", async () => {
    const there = new Recorder();
    const listening = await new WebSocketTransport({ report: () => undefined }).listen("ws://127.0.0.1:0", there);
    let spoil = false;
    const wire = new Wire(Number(new URL(listening.address).port), (bytes) => {
      if (!spoil) return bytes;
      spoil = false;
      const changed = Buffer.from(bytes);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      return changed;
    });
    const here = new Recorder();
    const transport = new WebSocketTransport({ firstRetryMs: 5, report: () => undefined });
    const channel = transport.connect(`ws://127.0.0.1:${await wire.open()}`, here);
    await here.until("open", 1);
    spoil = true;
    channel.send(utf8.encode(SECRET));
    await here.until("open", 2);
    channel.send(utf8.encode("good"));
    await there.until("frame", 1);
    assert.deepEqual(there.frames, [utf8.encode("good")]);
    channel.close();
    await listening.close();
    wire.close();
  });
});
