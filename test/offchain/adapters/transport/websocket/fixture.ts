/** WebSockets of ours, and strangers that are not, all closed after each test. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import type { TransportOptions } from "../../../../../offchain/adapters/transport/common/options.ts";
import { WebSocketTransport } from "../../../../../offchain/adapters/transport/websocket/transport.ts";
import type { ParleyError } from "../../../../../offchain/kernel/errors.ts";
import type { Channel, Listening } from "../../../../../offchain/ports/transport.ts";
import { Recorder } from "../../../../conformance/recorder.ts";

export const ANY_PORT = "ws://127.0.0.1:0";

/** What a test has opened, in the order in which it is to be closed. */
let opened: (() => unknown)[];
export let reports: ParleyError[];

beforeEach(() => {
  opened = [];
  reports = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

export function transport(options: TransportOptions = {}): WebSocketTransport {
  return new WebSocketTransport({
    firstRetryMs: 2,
    lastRetryMs: 20,
    report: (error) => reports.push(error),
    ...options,
  });
}

export async function listen(recorder: Recorder, options?: TransportOptions, address = ANY_PORT): Promise<Listening> {
  const listening = await transport(options).listen(address, recorder);
  opened.push(() => listening.close());
  return listening;
}

export function connect(address: string, recorder: Recorder, options?: TransportOptions): Channel {
  const channel = transport(options).connect(address, recorder);
  opened.push(() => channel.close());
  return channel;
}

/** A client that is not ours, open. */
export async function stranger(address: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(address, options);
  socket.on("error", () => undefined);
  opened.push(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

/** A client that does not even speak WebSocket. */
export async function tcp(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connectTcp(Number(port), hostname);
  socket.on("error", () => undefined);
  opened.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** A stranger's connection after the handshake, to write frames to byte by byte. */
export async function upgraded(address: string): Promise<Socket> {
  const socket = await tcp(address);
  const headers = ["Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`;
  socket.write(["GET / HTTP/1.1", ...headers, key, "", ""].join("\r\n"));
  await once(socket, "data");
  return socket;
}

/** A server that is not ours. */
export async function strangeServer(onConnection: (socket: WebSocket) => void, options = {}): Promise<string> {
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

export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, "close");
  return code;
}

/** All that comes until the other side hangs up. */
export async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "close");
  return Buffer.concat(chunks);
}

/** Somebody honest is still served. */
export async function checkServed(address: string, there: Recorder): Promise<void> {
  const here = new Recorder();
  const channel = connect(address, here);
  await here.until("open", 1);
  const before = there.frames.length;
  channel.send(Uint8Array.of(42));
  await there.until("frame", before + 1);
  assert.equal(there.numbers.at(-1), 42);
}
