import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, it } from "node:test";
import { WebSocket } from "ws";
import type { WebSocketOptions } from "../../../../offchain/adapters/transport/websocket/options.ts";
import { WebSocketTransport } from "../../../../offchain/adapters/transport/websocket/transport.ts";
import {
  AgentTokens,
  ClientCertificates,
  Several,
} from "../../../../offchain/identity/authentication/authenticators.ts";
import { ReplayGuard } from "../../../../offchain/identity/token/replay-guard.ts";
import { issueToken } from "../../../../offchain/identity/token/token.ts";
import { TokenVerifier } from "../../../../offchain/identity/token/token-verifier.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import type { Authenticator } from "../../../../offchain/ports/authenticator.ts";
import type { Channel } from "../../../../offchain/ports/transport.ts";
import { actor, DEPLOYMENT, NOW } from "../../../vectors/actors.ts";
import { CRYPTO, keysOf, TwoAgents } from "../../identity/fixture.ts";
import { type Identity, makeAuthority, makeIdentity } from "./x509.ts";

const AUTHORITY = makeAuthority("authority");
const OTHERS = makeAuthority("authority");
const SERVER = makeIdentity(AUTHORITY, "DNS:localhost", "IP:127.0.0.1");
const CLIENT = makeIdentity(AUTHORITY, "DNS:buyer.example", "URI:spiffe://example/buyer");

let opened: (() => unknown)[];
let reports: ParleyError[];

beforeEach(() => {
  opened = [];
  reports = [];
});

afterEach(async () => {
  for (const close of opened.reverse()) await close();
});

/** Listens, and resolves with the address and what is heard there. */
async function listen(options: WebSocketOptions) {
  const transport = new WebSocketTransport({ report: (error) => reports.push(error), ...options });
  const arrived = Promise.withResolvers<Channel>();
  const heard = Promise.withResolvers<string>();
  const listening = await transport.listen(options.tls ? "wss://127.0.0.1:0" : "ws://127.0.0.1:0", {
    onOpen: (channel) => arrived.resolve(channel),
    onFrame: (frame) => heard.resolve(Buffer.from(frame).toString()),
  });
  opened.push(() => listening.close());
  return { address: listening.address, arrived: arrived.promise, heard: heard.promise };
}

/** Connects by our own transport, and says something as soon as it is connected. */
function connect(address: string, options: WebSocketOptions = {}): void {
  const transport = new WebSocketTransport({ firstRetryMs: 2, lastRetryMs: 20, report: () => undefined, ...options });
  const channel = transport.connect(address, {
    onFrame: () => undefined,
    onOpen: (open) => open.send(Buffer.from("hello")),
  });
  opened.push(() => channel.close());
}

/** The status with which a stranger is turned away, and what it is asked for. */
async function turnedAway(
  address: string,
  options: object = {},
): Promise<readonly [number | undefined, string | undefined]> {
  const socket = new WebSocket(address, options);
  socket.on("error", () => undefined);
  opened.push(() => socket.terminate());
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  return [response.statusCode, response.headers["www-authenticate"]];
}

function agentTokens(): Authenticator {
  const clock = new SimulatedClock(NOW * 1000);
  const common = { deployment: DEPLOYMENT, crypto: CRYPTO, clock, audience: "wss://us", replays: new ReplayGuard() };
  return new AgentTokens(new TokenVerifier({ ...common, certificates: new TwoAgents().verifier }));
}

const ENTROPY = new SeededEntropy(3);

async function authorize(): Promise<string> {
  const request = { agent: 1n, audience: "wss://us", now: NOW };
  return `Bearer ${await issueToken(keysOf(actor(1n)), DEPLOYMENT, ENTROPY, request)}`;
}

function byCertificate(identity: Identity): Authenticator {
  return new ClientCertificates(new Map([[new X509Certificate(identity.cert).fingerprint256, 7n]]));
}

describe("a WebSocket server that asks who comes", () => {
  it("lets everybody in where nobody asks, and knows nothing of them", async () => {
    const { address, arrived } = await listen({});
    connect(address);
    assert.equal((await arrived).agent, null);
  });

  it("lets in who shows a token, and knows the agent", async () => {
    const { address, arrived, heard } = await listen({ authenticator: agentTokens() });
    connect(address, { authorize });
    const channel = await arrived;
    assert.equal(channel.agent, 1n);
    assert.match(channel.peer, /^agent 1 at /);
    assert.equal(await heard, "hello");
  });

  it("turns away who shows nothing, rubbish, or a token once more, and says what it asks for", async () => {
    const { address } = await listen({ authenticator: agentTokens() });
    const challenge = 'Bearer realm="parley"';
    assert.deepEqual(await turnedAway(address), [401, challenge]);
    const authorization = await authorize();
    for (const bad of ["Bearer x", `${authorization.slice(0, -4)}AAAA`]) {
      assert.deepEqual(await turnedAway(address, { headers: { authorization: bad } }), [401, challenge]);
    }
    const first = new WebSocket(address, { headers: { authorization } });
    opened.push(() => first.terminate());
    await once(first, "open");
    assert.deepEqual(await turnedAway(address, { headers: { authorization } }), [401, challenge]);
    assert.ok(
      reports.some(({ message }) => message.includes("used before")),
      "the operator learns why",
    );
    assert.ok(!JSON.stringify(reports).includes(authorization.slice(20, 60)), "and no token");
  });

  it("gets a new token for each connection from who comes back", async () => {
    let issued = 0;
    const { address, arrived } = await listen({ authenticator: agentTokens() });
    const failing = () => {
      issued++;
      return issued < 3 ? Promise.reject(new Error("the key store is locked")) : authorize();
    };
    connect(address, { authorize: failing });
    assert.equal((await arrived).agent, 1n);
    assert.equal(issued, 3);
  });

  it("is unavailable, rather than open, while it can't find out", async () => {
    const failures = [new ParleyError("IssuerUnreachable", "no keys", { retryable: true }), new TypeError("a defect")];
    for (const failure of failures) {
      const { address } = await listen({
        authenticator: { challenge: null, authenticate: () => Promise.reject(failure) },
      });
      assert.deepEqual(await turnedAway(address), [503, undefined]);
    }
  });
});

describe("a WebSocket server that speaks TLS", () => {
  const tls = { ...SERVER, ca: AUTHORITY.cert };
  const trusting = { ca: AUTHORITY.cert };

  it("is reached by who trusts its authority, and by nobody else", async () => {
    const { address, heard } = await listen({ tls: SERVER });
    assert.match(address, /^wss:/);
    connect(address, { tls: trusting });
    assert.equal(await heard, "hello");
    const distrusting = new WebSocket(address);
    const [error] = (await once(distrusting, "error")) as [Error];
    assert.match(error.message, /certificate/);
  });

  it("knows agents by their certificates' fingerprints", async () => {
    const { address, arrived } = await listen({ tls, authenticator: byCertificate(CLIENT) });
    connect(address, { tls: { ...trusting, ...CLIENT } });
    assert.equal((await arrived).agent, 7n);
  });

  it("knows agents by the names in their certificates", async () => {
    const authenticator = new ClientCertificates(new Map([["URI:spiffe://example/buyer", 8n]]));
    const { address, arrived } = await listen({ tls, authenticator });
    connect(address, { tls: { ...trusting, ...CLIENT } });
    assert.equal((await arrived).agent, 8n);
  });

  it("turns away who shows none, another's, one of another authority, or names that hide others", async () => {
    const imposter = makeIdentity(OTHERS, "DNS:buyer.example");
    const tricky = makeIdentity(AUTHORITY, "URI:x, DNS:buyer.example, DNS:y");
    const authenticator = new ClientCertificates(new Map([["DNS:buyer.example", 7n]]));
    const { address } = await listen({ tls, authenticator });
    for (const identity of [{}, makeIdentity(AUTHORITY, "DNS:seller.example"), imposter, tricky]) {
      assert.deepEqual(await turnedAway(address, { ...trusting, ...identity }), [401, undefined]);
    }
    connect(address, { tls: { ...trusting, ...CLIENT } });
  });

  it("takes a token from who has no certificate, where it takes both", async () => {
    const authenticator = new Several([byCertificate(CLIENT), agentTokens()]);
    const { address, arrived } = await listen({ tls, authenticator });
    connect(address, { tls: trusting, authorize });
    assert.equal((await arrived).agent, 1n);
  });

  it("listens on addresses of TLS only, and without it on others only", async () => {
    const listener = { onFrame: () => undefined };
    await assert.rejects(new WebSocketTransport({ tls: SERVER }).listen("ws://127.0.0.1:0", listener), {
      code: "BadEndpoint",
    });
    await assert.rejects(new WebSocketTransport().listen("wss://127.0.0.1:0", listener), { code: "BadEndpoint" });
  });
});
