import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { serveKnown } from "../../../../offchain/adapters/connector/http/places.ts";
import { type ListenOptions, listenHttp } from "../../../../offchain/adapters/connector/http/server.ts";
import { makeAuthority, makeIdentity } from "../transport/x509.ts";

describe("places at a server", () => {
  const closing: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it("are held by no stranger, whatever it sends and however often it comes", async () => {
    const { url } = await listen((_, response) => response.end("here"));
    const strangers: Socket[] = [];
    for (const from of Array.from({ length: 9 }, (_, host) => `127.0.0.${host + 2}`)) {
      const some = await Promise.all(Array.from({ length: 128 }, () => open(url, from)));
      some[0]?.write("GET / HTTP/1.1\r\nHost: x\r\nSlow: ");
      some[1]?.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na");
      strangers.push(...some);
    }
    const [first] = strangers;
    assert.equal(await (await fetch(url)).text(), "here");
    assert.ok(strangers.filter(isOpen).length <= 1_024);
    assert.ok(first !== undefined && !isOpen(first), "the oldest goes first");
  });

  it("are a host's own to lose, where it opens more than its part", async () => {
    const { url } = await listen(() => assert.fail(), { perHost: 3 });
    const other = await open(url, "127.0.0.2");
    const own: Socket[] = [];
    for (let count = 0; count < 5; count++) own.push(await open(url, "127.0.0.3"));
    await until(() => own.filter(isOpen).length === 3);
    assert.deepEqual(own.map(isOpen), [false, false, true, true, true]);
    assert.ok(isOpen(other));
  });

  it("are kept by who is served, until it has its answer", async () => {
    const served: ServerResponse[] = [];
    const { url } = await listen(
      (request, response) => {
        serveKnown(request, response);
        served.push(response);
      },
      { perHost: 2 },
    );
    const buyers: Socket[] = [];
    for (let count = 0; count < 5; count++) {
      const buyer = await open(url);
      buyer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      buyers.push(buyer);
      await until(() => served.length === count + 1);
    }
    for (let count = 0; count < 5; count++) await open(url);
    assert.ok(buyers.every(isOpen));
    for (const response of served) response.end();
    await until(() => buyers.every((buyer) => buyer.bytesRead > 0));
    await until(() => buyers.filter(isOpen).length === 2);
  });

  it("are told apart under TLS too", async () => {
    const authority = makeAuthority("ours");
    const { url } = await listen(
      (request, response) => {
        serveKnown(request, response);
        response.write("a");
      },
      { perHost: 2, tls: makeIdentity(authority, "IP:127.0.0.1") },
      "https://127.0.0.1:0",
    );
    const { port } = new URL(url);
    const secure = async () => {
      const socket = connectTls({ host: "127.0.0.1", port: Number(port), ca: authority.cert });
      await once(watched(socket), "secureConnect");
      return socket;
    };
    const buyer = await secure();
    buyer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => buyer.bytesRead > 0);
    const strangers: Socket[] = [];
    for (let count = 0; count < 2; count++) strangers.push(await secure());
    for (let count = 0; count < 2; count++) await open(url);
    await until(() => !strangers.some(isOpen));
    assert.ok(isOpen(buyer));
  });

  it("serve one request of a connection at a time, and few wait for that", async () => {
    const served: ServerResponse[] = [];
    const { url } = await listen((_, response) => {
      served.push(response);
    });
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const patient = await open(url);
    patient.write(get("/first") + get("/second"));
    await until(() => served.length === 1);
    served[0]?.end("1");
    await until(() => served.length === 2);
    served[1]?.end("2");
    await until(() => patient.bytesRead > 0 && served[1]?.writableFinished === true);
    assert.ok(isOpen(patient));
    const hasty = await open(url);
    hasty.write(Array.from({ length: 10 }, () => get("/")).join(""));
    await until(() => !isOpen(hasty));
    assert.equal(served.length, 3, "who has hung up is served no more");
  });

  async function listen(onRequest: RequestListener, options?: ListenOptions, address = "http://127.0.0.1:0") {
    const listening = await listenHttp(address, onRequest, options);
    closing.push(() => listening.close());
    return listening;
  }

  async function open(url: string, localAddress = "127.0.0.1"): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = watched(connect({ host: hostname, port: Number(port), localAddress }));
    await once(socket, "connect");
    return socket;
  }

  function watched<S extends Socket>(socket: S): S {
    closing.push(() => void socket.destroy());
    // What it is hung up on with is no matter; that it has to be seen is.
    return socket.on("error", () => undefined).resume();
  }
});

function isOpen({ closed, readableEnded }: Socket): boolean {
  return !closed && !readableEnded;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
