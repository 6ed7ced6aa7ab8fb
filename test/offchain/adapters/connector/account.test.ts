import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, describe, it } from "node:test";
import { AccountClient } from "../../../../offchain/adapters/connector/account/client.ts";
import {
  decodeExchange,
  encodeExchange,
  MOST_EXCHANGE_BYTES,
  MOST_MESSAGES,
} from "../../../../offchain/adapters/connector/account/exchange.ts";
import { type AccountServerOptions, serveAccounts } from "../../../../offchain/adapters/connector/account/server.ts";
import { type HttpListening, listenHttp } from "../../../../offchain/adapters/connector/http/server.ts";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";

const ACCOUNT: Bytes32 = `0x${"ac".repeat(32)}`;
const OTHER: Bytes32 = `0x${"0d".repeat(32)}`;
const PEER = 9n;

describe("running accounts by HTTP", () => {
  let server: HttpListening | null = null;
  let heard: (readonly string[])[] = [];
  const { signal } = new AbortController();

  afterEach(async () => {
    await server?.close();
    server = null;
    heard = [];
  });

  it("bring what one side says to the other, and its answer back", async () => {
    const url = await serve({});
    assert.deepEqual(await clientOf(url).exchange(ACCOUNT, ["one", "two"], signal), ["answer to one,two"]);
    const nested = await clientOf(`${url}/behind/a/proxy/`).exchange(ACCOUNT, [], signal);
    assert.deepEqual(nested, ["answer to "]);
  });

  it("let nobody in but the other side of each", async () => {
    const url = await serve({});
    for (const [token, account, status] of [
      [null, ACCOUNT, 401],
      ["Bearer nobody", ACCOUNT, 401],
      ["Bearer agent 8", ACCOUNT, 404],
      ["Bearer agent 9", OTHER, 404],
      ["Bearer agent 9", "0x12", 404],
    ] as const) {
      assert.equal((await post(url, account, encodeExchange([]), token)).status, status, `${token} ${account}`);
    }
    assert.equal((await fetch(`${url}/${ACCOUNT}`, { headers: { authorization: "Bearer agent 9" } })).status, 405);
    await assert.rejects(clientOf(url).exchange(OTHER, [], signal), { code: "UnknownAccount", retryable: true });
    assert.deepEqual(heard, []);
  });

  it("read nothing of who has no such account", async () => {
    const url = new URL(await serve({}));
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(Number(url.port), url.hostname);
    let answer = "";
    socket.on("data", (piece) => {
      answer += piece;
      resolve(answer);
    });
    // A body is announced, and never sent: who waits for it doesn't answer.
    const head = [`POST /${OTHER} HTTP/1.1`, "host: here", "authorization: Bearer agent 9", "content-length: 1000"];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    assert.match(await promise, /^HTTP\/1.1 404 /);
    socket.destroy();
  });

  it("take nothing that is too long, or no exchange", async () => {
    const url = await serve({});
    const many = encodeExchange(Array.from({ length: MOST_MESSAGES + 1 }, () => ""));
    for (const [body, status] of [
      [utf8.encode("rubbish"), 400],
      [utf8.encode('{"messages": [], "version": 1}'), 400],
      [utf8.encode('{"messages":[1],"version":1}'), 400],
      [utf8.encode('{"messages":[],"more":1,"version":1}'), 400],
      [utf8.encode('{"messages":[],"version":2}'), 400],
      [new Uint8Array([0xff, 0xfe]), 422],
      [many, 400],
      [new Uint8Array(MOST_EXCHANGE_BYTES + 1), 413],
    ] as const) {
      assert.equal((await post(url, ACCOUNT, body, "Bearer agent 9")).status, status, utf8.decode(body.slice(0, 0)));
    }
    assert.deepEqual(heard, []);
    assert.throws(() => decodeExchange(many), { code: "Malformed" });
  });

  it("look at few requests of one agent at a time", async () => {
    const gate = Promise.withResolvers<void>();
    const url = await serve({
      hear: async (_account, agent) => {
        if (agent === PEER) await gate.promise;
        return [];
      },
    });
    const flood = Array.from({ length: 20 }, () => post(url, ACCOUNT, encodeExchange([]), "Bearer agent 9"));
    const refused = flood.slice(4).length;
    const early: number[] = [];
    const counted = Promise.withResolvers<void>();
    for (const one of flood) {
      void one.then(({ status }) => {
        if (early.push(status) === refused) counted.resolve();
      });
    }
    await counted.promise;
    assert.deepEqual(new Set(early), new Set([429]));
    assert.equal((await post(url, ACCOUNT, encodeExchange([]), "Bearer agent 8")).status, 200);
    gate.resolve();
    assert.equal((await Promise.all(flood)).filter(({ status }) => status === 200).length, 4);
  });

  it("say by name what is refused, and what is worth another try", async () => {
    const troubles: string[] = [];
    let thrown: unknown = new ParleyError("BadEntry", "an entry of the account takes back what was owed");
    const url = await serve({
      hear: async () => {
        throw thrown;
      },
      onTrouble: ({ code }) => troubles.push(code),
    });
    const client = clientOf(url);
    await assert.rejects(client.exchange(ACCOUNT, [], signal), { code: "AccountRefused", message: /422 BadEntry/ });
    assert.deepEqual(troubles, []);
    thrown = new Error("the disk is full");
    await assert.rejects(client.exchange(ACCOUNT, [], signal), { code: "AccountRefused", retryable: true });
    assert.deepEqual(troubles, ["AccountUnavailable"]);
    await server?.close();
    await assert.rejects(client.exchange(ACCOUNT, [], signal), { code: "AccountUnreachable", retryable: true });
  });

  it("say where something else answers, and what to look at", async () => {
    const answers = ["hello", '{"messages":[1],"version":1}', new Uint8Array([0xff, 0xfe])];
    const others = await listenHttp("http://127.0.0.1:0", (_request, response) => response.end(answers.shift()));
    while (answers.length > 0) {
      await assert.rejects(clientOf(others.url).exchange(ACCOUNT, [], signal), (error: ParleyError) => {
        assert.deepEqual([error.code, error.retryable], ["AccountRefused", true]);
        assert.match(error.message, new RegExp(`^${others.url} answers with something else than an account`));
        assert.match(error.hint ?? "", /`url`/);
        return true;
      });
    }
    await others.close();
  });

  async function serve(options: Partial<AccountServerOptions>): Promise<string> {
    server = await serveAccounts("http://127.0.0.1:0", {
      authenticator: {
        challenge: "Bearer",
        authenticate: async ({ authorization }) => {
          const agent = /^Bearer agent (\d+)$/.exec(authorization ?? "")?.[1];
          if (agent === undefined && authorization !== null) throw new ParleyError("BadSignature", "no good");
          return agent === undefined ? null : BigInt(agent);
        },
      },
      onTrouble: () => undefined,
      knows: (account, agent) => options.hear !== undefined || (account === ACCOUNT && agent === PEER),
      hear: async (account, agent, messages) => {
        if (account !== ACCOUNT || agent !== PEER) return null;
        heard.push(messages);
        return [`answer to ${messages}`];
      },
      ...options,
    });
    return server.url;
  }
});

function clientOf(url: string): AccountClient {
  return new AccountClient({ url, introduce: async () => "Bearer agent 9" });
}

function post(url: string, account: string, body: Uint8Array, token: string | null): Promise<Response> {
  const headers = token === null ? {} : { authorization: token };
  return fetch(`${url}/${account}`, { method: "POST", headers, body: new Blob([body as Uint8Array<ArrayBuffer>]) });
}
