import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Client, type ClientDuplexStream, credentials, Metadata, status } from "@grpc/grpc-js";
import { OPEN } from "../../../../../offchain/adapters/transport/grpc/frame.ts";
import type { GrpcOptions } from "../../../../../offchain/adapters/transport/grpc/options.ts";
import { GrpcTransport } from "../../../../../offchain/adapters/transport/grpc/transport.ts";
import { Recorder } from "../../../../conformance/recorder.ts";

let opened: (() => unknown)[];

beforeEach(() => {
  opened = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

async function listen(recorder: Recorder, options: GrpcOptions = {}): Promise<string> {
  const door = await new GrpcTransport(options).listen("grpc://127.0.0.1:0", recorder);
  opened.push(() => door.close());
  return door.address;
}

/** A client that is not ours, and sends what bytes it likes. */
function stranger(address: string, options: Record<string, number> = {}): Client {
  const client = new Client(new URL(address).host, credentials.createInsecure(), options);
  opened.push(() => client.close());
  return client;
}

type RawCall = ClientDuplexStream<Uint8Array, Uint8Array>;

function call(client: Client, path = OPEN.path, metadata = new Metadata()): RawCall {
  const raw = client.makeBidiStreamRequest(path, Buffer.from, (bytes) => bytes, metadata, {});
  raw.on("error", () => undefined);
  raw.resume();
  return raw;
}

function statusOf(raw: RawCall): Promise<number> {
  return new Promise((resolve) => raw.once("status", ({ code }) => resolve(code)));
}

async function tcp(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connectTcp(Number(port), hostname)
    .on("error", () => undefined)
    .resume();
  opened.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Somebody honest is still served. */
async function checkServed(address: string, there: Recorder): Promise<void> {
  const here = new Recorder();
  const channel = new GrpcTransport({ firstRetryMs: 2, lastRetryMs: 20 }).connect(address, here);
  opened.push(() => channel.close());
  await here.until("open", 1);
  const before = there.frames.length;
  channel.send(Uint8Array.of(42));
  await there.until("frame", before + 1);
  assert.equal(there.numbers.at(-1), 42);
}

describe("GrpcTransport, towards strangers", () => {
  it("serves whoever speaks its protocol, and ends when they do", async () => {
    const there = new Recorder();
    const address = await listen(there);
    const raw = call(stranger(address));
    raw.write(Buffer.from("0a0163", "hex"));
    raw.end();
    assert.equal(await statusOf(raw), status.OK);
    await there.until("close", 1);
    assert.deepEqual(there.numbers, [0x63]);
  });

  it("ends a call that says what is no frame", async () => {
    const there = new Recorder();
    const address = await listen(there);
    const raw = call(stranger(address));
    raw.write(Buffer.from("1201ff", "hex"));
    assert.equal(await statusOf(raw), status.INTERNAL);
    await there.until("close", 1);
    assert.deepEqual(there.frames, []);
    await checkServed(address, there);
  });

  it("ends a call that says more than a mebibyte at once, packed or not", async () => {
    const there = new Recorder();
    const address = await listen(there);
    const large = call(stranger(address));
    large.write(new Uint8Array((1 << 20) + 100));
    assert.equal(await statusOf(large), status.RESOURCE_EXHAUSTED);
    const bomb = call(stranger(address, { "grpc.default_compression_algorithm": 2 }));
    assert.ok(gzipSync(new Uint8Array(64 << 20)).length < 1 << 20);
    bomb.write(new Uint8Array(64 << 20));
    assert.equal(await statusOf(bomb), status.RESOURCE_EXHAUSTED);
    await there.until("close", 2);
    assert.deepEqual(there.frames, []);
    await checkServed(address, there);
  });

  it("answers other calls with what it doesn't know", async () => {
    const there = new Recorder();
    const address = await listen(there);
    assert.equal(await statusOf(call(stranger(address), "/parley.transport.v1.Channels/Close")), status.UNIMPLEMENTED);
    assert.deepEqual(there.heard, []);
  });

  it("counts calls, not only connections", async () => {
    const there = new Recorder();
    const address = await listen(there, { maxConnections: 3 });
    const client = stranger(address);
    const calls = [call(client), call(client), call(client)];
    await there.until("open", 3);
    assert.equal(await statusOf(call(client)), status.RESOURCE_EXHAUSTED);
    calls[0]?.end();
    await there.until("close", 1);
    call(client);
    await there.until("open", 4);
  });

  it("survives rubbish instead of HTTP/2", async () => {
    const there = new Recorder();
    const address = await listen(there);
    for (const rubbish of ["\x16\x03\x01\x02\x00", "GET / HTTP/1.1\r\n\r\n", "\0".repeat(50_000)]) {
      const socket = await tcp(address);
      socket.write(rubbish);
      await once(socket, "close");
    }
    assert.deepEqual(there.heard, []);
    await checkServed(address, there);
  });

  it("ends who connects and never calls", async () => {
    const there = new Recorder();
    const address = await listen(there, { handshakeMs: 50 });
    await once(await tcp(address), "close");
    assert.deepEqual(there.heard, []);
  });

  it("survives who leaves in the middle of a frame", async () => {
    const there = new Recorder();
    const address = await listen(there);
    const client = stranger(address);
    const raw = call(client);
    raw.write(new Uint8Array(1 << 19));
    await there.until("open", 1);
    raw.cancel();
    await there.until("close", 1);
    await checkServed(address, there);
  });
});
