import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import { createPublicClient, HttpRequestError, RpcRequestError, TimeoutError } from "viem";
import { jsonRpc } from "../../../../offchain/adapters/chain/json-rpc.ts";
import { isRefusal } from "../../../../offchain/adapters/chain/node-connection.ts";

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

/** Of a server that goes on in another protocol. */
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n";

type Reply = (asked: Asked | readonly Asked[], response: ServerResponse, request: IncomingMessage) => void;

describe("asking a node by JSON-RPC", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  it("puts questions of one moment into one request, and tells the answers apart by their ids", async () => {
    const requests: number[] = [];
    const ask = await node((asked, response) => {
      const all = asked as readonly Asked[];
      requests.push(all.length);
      // In whatever order: some nodes answer as they get done.
      json(response, all.map(({ id, method }) => ({ jsonrpc: "2.0", id, result: `of ${method}` })).reverse());
    });
    const methods = ["one", "two", "three"];
    assert.deepEqual(await Promise.all(methods.map((method) => ask(method))), ["of one", "of two", "of three"]);
    assert.deepEqual(requests, [3]);
  });

  it("asks no more at once than it may, and a question that is alone by itself", async () => {
    const sizes: number[] = [];
    const ask = await node((asked, response) => {
      const all = Array.isArray(asked) ? (asked as Asked[]) : [asked as Asked];
      sizes.push(Array.isArray(asked) ? all.length : 0);
      const answers = all.map(({ id }) => ({ jsonrpc: "2.0", id, result: id }));
      json(response, Array.isArray(asked) ? answers : answers[0]);
    }, 2);
    await Promise.all(["a", "b", "c", "d", "e"].map((method) => ask(method)));
    assert.deepEqual(sizes.sort(), [0, 2, 2]);
  });

  it("says what the node says, of each question by itself", async () => {
    const ask = await node((asked, response) => {
      const [first, second, third] = asked as readonly Asked[];
      const error = { code: 3, message: "execution reverted", data: "0x1234" };
      json(response, [
        { id: first?.id, error },
        { id: second?.id, result: "0x1" },
      ]);
      assert.notEqual(third, undefined);
    });
    const [one, two, three] = await Promise.allSettled([ask("one"), ask("two"), ask("three")]);
    assert.ok(one.status === "rejected" && one.reason instanceof Error);
    const told = walked(one.reason, RpcRequestError);
    assert.deepEqual([told.code, told.data], [3, "0x1234"]);
    assert.deepEqual(two, { status: "fulfilled", value: "0x1" });
    assert.ok(three.status === "rejected");
    assert.match(walked(three.reason, HttpRequestError).details, /no answer/);
  });

  it("takes one error for a whole request as the answer to all that is in it", async () => {
    const error = { code: -32_005, message: "too many requests" };
    const ask = await node((_, response) => json(response, { jsonrpc: "2.0", id: null, error }, 429));
    for (const one of await Promise.allSettled([ask("one"), ask("two")])) {
      assert.ok(one.status === "rejected");
      assert.equal(walked(one.reason, RpcRequestError).code, -32_005);
    }
  });

  it("tells an answer that isn't one from one that is no", async () => {
    const cases: [Reply, RegExp, number?][] = [
      [(_, response) => response.end("<html>"), /not JSON/, 200],
      [(_, response) => json(response, "busy"), /no answer/],
      [(_, response) => json(response, [null]), /no answer/],
      [(_, response) => json(response, { a: 1 }, 502), /Bad Gateway/, 502],
      [(_, response) => response.writeHead(413).end("x"), /Too Large/, 413],
      [(_, response) => response.socket?.end(SWITCHED), /closed|hang up|ECONNRESET/],
      [(_, response) => response.socket?.destroy(), /hang up|ECONNRESET/],
      [(_, response) => void response.write("[", () => response.socket?.destroy()), /broke off|aborted/],
    ];
    for (const [reply, what, status] of cases) {
      const ask = await node(reply);
      const [one] = await Promise.allSettled([ask("one"), ask("two")]);
      assert.ok(one.status === "rejected");
      const error = walked(one.reason, HttpRequestError);
      assert.match(`${error.details} ${error.cause}`, what);
      if (status !== undefined) assert.equal(error.status, status);
    }
  });

  it("gives up an answer without an end, so that less is asked for at once", async () => {
    const ask = await node((_, response) => {
      const piece = "x".repeat(1 << 20);
      const more = () => void response.write(piece, (error) => error || more());
      more();
    });
    await assert.rejects(ask("one"), (error) => isRefusal(error));
  });

  it("waits for a node that is silent as long as it is told to", async () => {
    const ask = await node(() => undefined, 10, 50);
    await assert.rejects(ask("one"), (error) => walked(error, TimeoutError) !== undefined);
  });

  it("shows the name and password that the address has, and to nobody else", async () => {
    let shown: string | undefined;
    const url = await served((asked, response, request) => {
      shown = request.headers.authorization;
      json(response, { id: (asked as Asked).id, error: { code: -32_601, message: "no such method" } });
    });
    const ask = client(url.replace("http://", "http://name:p%40ss@"));
    await assert.rejects(ask("one"), (error: Error) => !/p@ss|p%40ss/.test(error.message));
    assert.equal(shown, `Basic ${Buffer.from("name:p@ss").toString("base64")}`);
  });

  it("refuses what is no address of a node", () => {
    for (const address of ["", "wat", "ws://127.0.0.1:1", "file:///etc/passwd"]) {
      assert.throws(() => jsonRpc(address, { batch: 1, timeoutMs: 1_000 }), { code: "BadEndpoint" });
    }
  });

  async function node(reply: Reply, batch = 10, timeoutMs = 5_000) {
    return client(await served(reply), batch, timeoutMs);
  }

  async function served(reply: Reply): Promise<string> {
    const server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
      reply(JSON.parse(Buffer.concat(pieces).toString()), response, request);
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});

function client(url: string, batch = 10, timeoutMs = 5_000) {
  const { request } = createPublicClient({ transport: jsonRpc(url, { batch, timeoutMs }) });
  return (method: string): Promise<unknown> => request({ method, params: [] } as never);
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function walked<E extends Error>(thrown: unknown, kind: abstract new (...args: never[]) => E): E {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error instanceof kind) return error;
  throw new assert.AssertionError({ message: `${thrown} is no ${kind.name}` });
}
