import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { retryDelay } from "../../../../offchain/adapters/transport/websocket/backoff.ts";
import type { WebSocketOptions } from "../../../../offchain/adapters/transport/websocket/options.ts";
import { WebSocketTransport } from "../../../../offchain/adapters/transport/websocket/transport.ts";
import type { ParleyError } from "../../../../offchain/kernel/errors.ts";
import type { Channel, Listening } from "../../../../offchain/ports/transport.ts";
import { Recorder } from "../../../conformance/recorder.ts";

const ANY_PORT = "ws://127.0.0.1:0";

/** What a test has opened, in the order in which it is to be closed. */
let opened: (() => unknown)[];
let reports: ParleyError[];

beforeEach(() => {
  opened = [];
  reports = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

function transport(options: WebSocketOptions = {}): WebSocketTransport {
  return new WebSocketTransport({
    firstRetryMs: 2,
    lastRetryMs: 20,
    report: (error) => reports.push(error),
    ...options,
  });
}

async function listen(recorder: Recorder, options?: WebSocketOptions, address = ANY_PORT): Promise<Listening> {
  const listening = await transport(options).listen(address, recorder);
  opened.push(() => listening.close());
  return listening;
}

function connect(address: string, recorder: Recorder, options?: WebSocketOptions): Channel {
  const channel = transport(options).connect(address, recorder);
  opened.push(() => channel.close());
  return channel;
}

/** A client that is not ours, open. */
async function stranger(address: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(address, options);
  socket.on("error", () => undefined);
  opened.push(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

/** A client that does not even speak WebSocket. */
async function tcp(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connectTcp(Number(port), hostname);
  socket.on("error", () => undefined);
  opened.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** A stranger's connection after the handshake, to write frames to byte by byte. */
async function upgraded(address: string): Promise<Socket> {
  const socket = await tcp(address);
  const headers = ["Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`;
  socket.write(["GET / HTTP/1.1", ...headers, key, "", ""].join("\r\n"));
  await once(socket, "data");
  return socket;
}

/** A server that is not ours. */
async function strangeServer(onConnection: (socket: WebSocket) => void, options = {}): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  server.on("connection", onConnection);
  opened.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `ws://127.0.0.1:${address.port}`;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, "close");
  return code;
}

/** All that comes until the other side hangs up. */
async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "close");
  return Buffer.concat(chunks);
}

/** Somebody honest is still served. */
async function checkServed(address: string, there: Recorder): Promise<void> {
  const here = new Recorder();
  const channel = connect(address, here);
  await here.until("open", 1);
  const before = there.frames.length;
  channel.send(Uint8Array.of(42));
  await there.until("frame", before + 1);
  assert.equal(there.numbers.at(-1), 42);
}

describe("WebSocketTransport's addresses", () => {
  it("tell the port that was taken", async () => {
    const { address } = await listen(new Recorder());
    assert.match(address, /^ws:\/\/127\.0\.0\.1:[1-9][0-9]*$/);
  });

  it("may be of IPv6, and may have a path, which peers must name", async () => {
    const there = new Recorder();
    const { address } = await listen(there, {}, "ws://[::1]:0/parley");
    assert.match(address, /^ws:\/\/\[::1\]:[1-9][0-9]*\/parley$/);
    await checkServed(address, there);
    const [, response] = await once(new WebSocket(address.replace("parley", "other")), "unexpected-response");
    assert.equal(response.statusCode, 400);
    response.destroy();
  });

  it("are listened on, and no others of the machine", { skip: process.platform !== "linux" }, async () => {
    const { address } = await listen(new Recorder());
    await assert.rejects(tcp(address.replace("127.0.0.1", "127.0.0.2")), { code: "ECONNREFUSED" });
  });

  it("are refused where they are none", async () => {
    const bad = { name: "ParleyError", code: "BadEndpoint" };
    for (const address of [
      "",
      "x",
      "127.0.0.1:80",
      "http://127.0.0.1:80",
      "ws://",
      "ws://me:pw@host:1",
      "ws://host:1/#x",
    ]) {
      assert.throws(() => transport().connect(address, new Recorder()), bad, address);
      await assert.rejects(async () => transport().listen(address, new Recorder()), bad, address);
    }
    assert.throws(() => transport().connect(ANY_PORT, new Recorder()), bad);
    await assert.rejects(async () => transport().listen("wss://127.0.0.1:0", new Recorder()), bad);
  });

  it("are refused where they are somebody else's", async () => {
    const unavailable = { name: "ParleyError", code: "AddressUnavailable" };
    await assert.rejects(transport().listen("ws://192.0.2.1:0", new Recorder()), unavailable);
  });
});

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

  it("holds as many connections as it is told to", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { maxConnections: 2 });
    const first = await stranger(address);
    await stranger(address);
    await assert.rejects(stranger(address));
    first.close();
    await there.until("close", 1);
    await checkServed(address, there);
  });

  it("ends connections without frames", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { heartbeatMs: 200, idleMs: 200 });
    assert.equal(await closeCode(await stranger(address)), 1001);
  });

  it("drops who does not read, instead of keeping everything for them", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { maxBufferedBytes: 100_000 });
    const socket = await stranger(address);
    socket.pause();
    await there.until("open", 1);
    const frame = new Uint8Array(65_536);
    // More than any system's socket buffers hold.
    for (let count = 0; count < 1_000; count++) there.channel.send(frame);
    await there.until("close", 1);
    assert.deepEqual(
      reports.map(({ code }) => code),
      ["ConnectionFailed"],
    );
    assert.match(reports[0]?.message ?? "", /does not read/);
  });
});

describe("WebSocketTransport's heartbeat", () => {
  it("notices a client that is dead", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { heartbeatMs: 10 });
    await stranger(address, { autoPong: false });
    await there.until("close", 1);
    assert.match(reports[0]?.message ?? "", /no sign of life/);
  });

  it("notices a server that is dead, and connects again", async () => {
    const here = new Recorder();
    const address = await strangeServer(() => undefined, { autoPong: false });
    connect(address, here, { heartbeatMs: 10 });
    await here.until("open", 3);
    assert.equal(here.closes, 0);
    assert.ok(reports.every(({ code, retryable }) => code === "ConnectionFailed" && retryable));
  });

  it("leaves alone who is alive, and who says something instead of answering", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { heartbeatMs: 100 });
    const [answering, talking] = [await stranger(address), await stranger(address, { autoPong: false })];
    talking.on("ping", () => talking.send(Uint8Array.of(1)));
    for (let beats = 0; beats < 3; beats++) await Promise.all([once(answering, "ping"), once(talking, "ping")]);
    assert.equal(there.closes, 0);
    assert.equal(answering.readyState, WebSocket.OPEN);
  });
});

describe("WebSocketTransport's reconnection", () => {
  it("goes on through refusals, slammed doors and wrong answers", async () => {
    let connections = 0;
    const here = new Recorder();
    const address = await strangeServer((socket) => {
      connections++;
      if (connections === 1) socket.terminate();
      else if (connections === 2) socket.close(1013);
      else if (connections === 3) socket.send("text");
      else socket.send(Uint8Array.of(connections));
    });
    const channel = connect(address, here);
    await here.until("frame", 1);
    assert.deepEqual([here.numbers, here.closes], [[4], 0]);
    channel.close();
    await here.until("close", 1);
    assert.equal(connections, 4);
  });

  it("waits twice as long each time, up to a limit, and not all peers equally", () => {
    const whole = [0, 1, 2, 3, 4, 1_000].map((attempt) => retryDelay(attempt, 50, 600, 1));
    assert.deepEqual(whole, [50, 100, 200, 400, 600, 600]);
    assert.deepEqual([retryDelay(1, 50, 600, 0), retryDelay(1, 50, 600, 0.5)], [50, 75]);
  });

  it("ends with a close while it waits", async () => {
    const { address, close } = await transport().listen(ANY_PORT, new Recorder());
    await close();
    const here = new Recorder();
    const refused = Promise.withResolvers<ParleyError>();
    const channel = connect(address, here, { firstRetryMs: 2 ** 30, lastRetryMs: 2 ** 30, report: refused.resolve });
    assert.equal((await refused.promise).code, "ConnectionFailed");
    channel.close();
    await here.until("close", 1);
    assert.equal(here.opens, 0);
  });
});

describe("WebSocketTransport's listeners", () => {
  for (const what of ["open", "frame"] as const) {
    it(`end their connection, not the process, by failing on ${what}`, async () => {
      let failures = 0;
      const there = new Recorder((heard) => {
        if (heard.what === what && failures++ === 0) throw new Error("a defect");
      });
      const { address } = await listen(there);
      const socket = await stranger(address);
      socket.send(Uint8Array.of(1));
      await there.until("close", 1);
      assert.deepEqual(
        reports.map(({ code, retryable }) => [code, retryable]),
        [["ListenerFailed", false]],
      );
      await checkServed(address, there);
    });
  }

  it("may fail on close", async () => {
    const there = new Recorder(({ what }) => {
      if (what === "close") throw new Error("a defect");
    });
    const { address } = await listen(there);
    (await stranger(address)).close();
    await there.until("close", 1);
    assert.deepEqual(
      reports.map(({ code }) => code),
      ["ListenerFailed"],
    );
    await checkServed(address, there);
  });
});

describe("a process with a WebSocketTransport", () => {
  it("ends by itself once everything is closed", async () => {
    const module = new URL("../../../../offchain/adapters/transport/websocket/transport.ts", import.meta.url).href;
    const program = `
      import { WebSocketTransport } from ${JSON.stringify(module)};
      const transport = new WebSocketTransport();
      const listening = await transport.listen("${ANY_PORT}", { onFrame: (frame, channel) => channel.send(frame) });
      const { address } = listening;
      await new Promise((resolve) => {
        const onOpen = (channel) => channel.send(Uint8Array.of(1));
        transport.connect(address, { onOpen, onFrame: (_, channel) => channel.close(), onClose: resolve });
      });
      await listening.close();
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
