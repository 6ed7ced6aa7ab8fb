import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { GrpcOptions } from "../../../../../offchain/adapters/transport/grpc/options.ts";
import { GrpcTransport } from "../../../../../offchain/adapters/transport/grpc/transport.ts";
import type { ParleyError } from "../../../../../offchain/kernel/errors.ts";
import { makeAuthority } from "../../../../conformance/certificates.ts";
import { Recorder } from "../../../../conformance/recorder.ts";

const authority = makeAuthority("authority");
const other = makeAuthority("somebody else");
const server = authority.issue("server");
const trusting = { authorities: authority.certificate };
const serving = { ...trusting, ...server };

let opened: (() => unknown)[];

beforeEach(() => {
  opened = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

/** Resolves with an address by name, since an IP address is no name that TLS lets a client ask for. */
async function listen(there: Recorder, options: GrpcOptions): Promise<string> {
  const door = await new GrpcTransport(options).listen("grpcs://127.0.0.1:0", there);
  opened.push(() => door.close());
  assert.match(door.address, /^grpcs:/);
  return door.address.replace("127.0.0.1", "localhost");
}

/** Connects, and tells whether that opened a channel or failed, and how. */
function attempt(address: string, tls: GrpcOptions["tls"]): Promise<"open" | ParleyError> {
  return new Promise((resolve) => {
    const options: GrpcOptions = { report: resolve, handshakeMs: 60_000, firstRetryMs: 2 ** 30, lastRetryMs: 2 ** 30 };
    const transport = new GrpcTransport(tls === undefined ? options : { ...options, tls });
    const here = new Recorder(({ what }) => what === "open" && resolve("open"));
    const channel = transport.connect(address, here);
    opened.push(() => channel.close());
  });
}

async function assertRefused(attempted: Promise<"open" | ParleyError>): Promise<void> {
  const outcome = await attempted;
  assert.ok(outcome !== "open", "it was let in");
  assert.equal(outcome.code, "ConnectionFailed");
}

describe("GrpcTransport's TLS", () => {
  it("carries frames between those whose authority the other side trusts", async () => {
    const there = new Recorder();
    const address = await listen(there, { tls: serving });
    const here = new Recorder();
    const channel = new GrpcTransport({ tls: trusting }).connect(address, here);
    opened.push(() => channel.close());
    await Promise.all([here.until("open", 1), there.until("open", 1)]);
    channel.send(Uint8Array.of(1));
    there.channel.send(Uint8Array.of(2));
    await Promise.all([here.until("frame", 1), there.until("frame", 1)]);
    assert.deepEqual([there.numbers, here.numbers], [[1], [2]]);
    assert.match(there.channel.peer, /^127\.0\.0\.1:[0-9]+$/);
  });

  it("refuses a server of an authority that isn't trusted, and one without TLS", async () => {
    const there = new Recorder();
    const address = await listen(there, { tls: serving });
    await assertRefused(attempt(address, { authorities: other.certificate }));
    await assertRefused(attempt(address, undefined));
    const plain = await new GrpcTransport().listen("grpc://127.0.0.1:0", there);
    opened.push(() => plain.close());
    await assertRefused(attempt(plain.address.replace("grpc://127.0.0.1", "grpcs://localhost"), trusting));
    await assertRefused(attempt(address.replace("grpcs:", "grpc:"), trusting));
    assert.deepEqual(there.heard, []);
  });

  it("where it is mutual, lets in only who shows a certificate of the authorities", async () => {
    const there = new Recorder();
    const address = await listen(there, { tls: { ...serving, mutual: true } });
    await assertRefused(attempt(address, trusting));
    await assertRefused(attempt(address, { ...trusting, ...other.issue("stranger") }));
    assert.deepEqual(there.heard, []);
    assert.equal(await attempt(address, { ...trusting, ...authority.issue("client") }), "open");
  });

  it("does not begin with half of what it takes", async () => {
    const incomplete = { name: "ParleyError", code: "TlsIncomplete" };
    const { certificate, key } = server;
    for (const tls of [{}, { certificate }, { key }, { certificate, key, mutual: true }]) {
      await assert.rejects(new GrpcTransport({ tls }).listen("grpcs://127.0.0.1:0", new Recorder()), incomplete);
    }
    const mutual = { ...serving, mutual: true };
    await assert.rejects(new GrpcTransport({ tls: mutual }).listen("grpc://127.0.0.1:0", new Recorder()), incomplete);
  });
});
