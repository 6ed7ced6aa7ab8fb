import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recorder } from "../../../../conformance/recorder.ts";
import { checkServed, closeCode, listen, rest, stranger, tcp, upgraded } from "./fixture.ts";

describe("WebSocketTransport, towards strangers", () => {
  it("hangs up on text", async () => {
    const there = new Recorder();
    const { address } = await listen(there);
    const socket = await stranger(address);
    socket.send("hello");
    assert.equal(await closeCode(socket), 1003);
    assert.deepEqual(there.frames, []);
    await checkServed(address, there);
  });

  it("agrees to no compression", async () => {
    const { address } = await listen(new Recorder());
    assert.equal((await stranger(address, { perMessageDeflate: true })).extensions, "");
  });

  it("hangs up on more than a mebibyte, announced or in parts", async () => {
    const there = new Recorder();
    const { address } = await listen(there);
    const whole = await stranger(address);
    whole.send(new Uint8Array((1 << 20) + 1));
    assert.equal(await closeCode(whole), 1009);
    const parts = await stranger(address);
    for (let part = 0; part < 9; part++) parts.send(new Uint8Array(1 << 17), { fin: false });
    assert.equal(await closeCode(parts), 1009);
    const liar = await upgraded(address);
    liar.write(Buffer.from("82ff7fffffffffffffff00000000", "hex"));
    assert.equal((await rest(liar)).readUInt16BE(2), 1009);
    assert.deepEqual(there.frames, []);
    await checkServed(address, there);
  });

  for (const [what, hex, code] of [
    ["a frame without mask", "820101", 1002],
    ["a reserved opcode", "838100000000ff", 1002],
    ["a reserved bit", "c28100000000ff", 1002],
    ["a continuation of nothing", "808100000000ff", 1002],
    ["a broken ping", "09fe00800000000000", 1002],
  ] as const) {
    it(`hangs up on ${what}`, async () => {
      const there = new Recorder();
      const { address } = await listen(there);
      const socket = await upgraded(address);
      socket.write(Buffer.from(hex, "hex"));
      assert.equal((await rest(socket)).readUInt16BE(2), code);
      await there.until("close", 1);
      assert.deepEqual(there.frames, []);
      await checkServed(address, there);
    });
  }

  it("survives who leaves in the middle of a frame", async () => {
    const there = new Recorder();
    const { address } = await listen(there);
    const socket = await upgraded(address);
    socket.write(Buffer.from("82fe10000000", "hex"));
    socket.resetAndDestroy();
    await there.until("close", 1);
    await checkServed(address, there);
  });

  it("survives rubbish instead of a handshake", async () => {
    const there = new Recorder();
    const { address } = await listen(there);
    for (const rubbish of [
      "\x16\x03\x01\x02\x00",
      "GET\r\n\r\n",
      `GET / HTTP/1.1\r\nX: ${"y".repeat(20_000)}\r\n\r\n`,
    ]) {
      const socket = await tcp(address);
      socket.write(rubbish);
      await rest(socket);
    }
    const badKey = await tcp(address);
    badKey.write(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
    );
    assert.match((await rest(badKey)).toString(), /^HTTP\/1\.1 400 /);
    assert.deepEqual(there.heard, []);
    await checkServed(address, there);
  });

  it("tells browsers that this is no web site", async () => {
    const { address } = await listen(new Recorder());
    assert.equal((await fetch(address.replace("ws:", "http:"))).status, 426);
  });

  it("ends who never finishes the handshake", async () => {
    const { address } = await listen(new Recorder(), { handshakeMs: 20 });
    const socket = await tcp(address);
    socket.write("GET / HTTP/1.1\r\n");
    await rest(socket);
  });
});
