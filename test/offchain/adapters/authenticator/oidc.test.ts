import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { OidcAuthenticator, type OidcOptions } from "../../../../offchain/adapters/authenticator/oidc/authenticator.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import type { JsonObject } from "../../../../offchain/terms/canonical-json.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

interface SigningKey {
  readonly kid: string;
  readonly alg: "ES256" | "RS256" | "PS256" | "EdDSA";
  readonly privateKey: KeyObject;
  readonly jwk: JsonObject;
}

const AUDIENCE = "parley";

function makeKey(kid: string, alg: SigningKey["alg"], bits = 2_048): SigningKey {
  const pair =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : alg === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("rsa", { modulusLength: bits });
  const jwk = pair.publicKey.export({ format: "jwk" }) as unknown as JsonObject;
  return { kid, alg, privateKey: pair.privateKey, jwk: { ...jwk, kid, alg, use: "sig" } };
}

const FIRST = makeKey("first", "ES256");
const SECOND = makeKey("second", "ES256");
const RSA = makeKey("rsa", "RS256");

function token(by: SigningKey, claims: object, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: by.alg, kid: by.kid, typ: "at+jwt", ...header })}.${part(claims)}`;
  return `${input}.${signatureOf(by, Buffer.from(input)).toString("base64url")}`;
}

function signatureOf({ alg, privateKey: key }: SigningKey, input: Buffer): Buffer {
  if (alg === "ES256") return signBytes("sha256", input, { key, dsaEncoding: "ieee-p1363" });
  if (alg === "EdDSA") return signBytes(null, input, key);
  return alg === "RS256"
    ? signBytes("sha256", input, key)
    : signBytes("sha256", input, { key, padding: 6, saltLength: 32 });
}

describe("bearer tokens of an issuer that publishes its keys", () => {
  let server: Server;
  let issuer: string;
  let clock: SimulatedClock;
  let published: readonly JsonObject[];
  let asked: string[];
  /** What a test answers instead, by path. */
  let answers: Map<string, Answer>;

  beforeEach(async () => {
    clock = new SimulatedClock();
    published = [FIRST.jwk, RSA.jwk];
    asked = [];
    answers = new Map();
    server = createServer((request, response) => {
      const path = request.url ?? "";
      asked.push(path);
      const answer = answers.get(path) ?? usual[path];
      if (answer) answer(response, request);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const usual: Record<string, Answer> = {
    "/.well-known/openid-configuration": (response) =>
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })),
    "/keys": (response) => response.end(JSON.stringify({ keys: published })),
  };

  function authenticator(changes: Partial<OidcOptions> = {}): OidcAuthenticator {
    const agents = new Map([["client-7", 7n]]);
    return new OidcAuthenticator({ issuer, audience: AUDIENCE, agents, clock, timeoutMs: 2_000, ...changes });
  }

  function claims(changes: object = {}): object {
    const now = Math.floor(clock.now() / 1000);
    return { iss: issuer, aud: AUDIENCE, sub: "client-7", iat: now, exp: now + 300, ...changes };
  }

  function shows(bearer: string) {
    return { authorization: `Bearer ${bearer}`, certificate: null };
  }

  async function refuses(way: OidcAuthenticator, bearer: string, code = "TokenRefused"): Promise<void> {
    await assert.rejects(way.authenticate(shows(bearer)), { code, hint: /./ });
  }

  it("mean the agent that their subject is mapped to", async () => {
    const way = authenticator();
    assert.equal(await way.authenticate(shows(token(FIRST, claims()))), 7n);
    assert.equal(await way.authenticate(shows(token(FIRST, claims({ aud: ["other", AUDIENCE] })))), 7n);
    const byClient = authenticator({ claim: "client_id" });
    assert.equal(await byClient.authenticate(shows(token(FIRST, claims({ sub: "x", client_id: "client-7" })))), 7n);
    await refuses(way, token(FIRST, claims({ sub: "client-8" })));
    await refuses(way, token(FIRST, claims({ sub: ["client-7"] })));
  });

  it("are taken in each algorithm that issuers use with public keys", async () => {
    const keys = (["ES256", "RS256", "PS256", "EdDSA"] as const).map((alg) => makeKey(alg, alg));
    published = keys.map(({ jwk }) => jwk);
    const way = authenticator();
    for (const key of keys) assert.equal(await way.authenticate(shows(token(key, claims()))), 7n, key.alg);
  });

  it("are left to others where another issuer, or nobody, stands in them", async () => {
    const way = authenticator();
    assert.equal(await way.authenticate({ authorization: null, certificate: null }), null);
    assert.equal(await way.authenticate(shows("no-token")), null);
    assert.equal(await way.authenticate(shows(token(FIRST, claims({ iss: `${issuer}/` })))), null);
    assert.deepEqual(asked, [], "no stranger makes us ask anybody");
  });

  it("are refused for others, out of time, or with other claims than they need", async () => {
    const way = authenticator();
    const now = Math.floor(clock.now() / 1000);
    for (const changes of [
      { aud: "other" },
      { aud: undefined },
      { aud: { [AUDIENCE]: true } },
      { exp: undefined },
      { exp: `${now + 300}` },
      { exp: now - 60 },
      { nbf: now + 61 },
      { iat: now + 61 },
      { nbf: "now" },
    ]) {
      await refuses(way, token(FIRST, claims(changes)));
    }
    assert.equal(await way.authenticate(shows(token(FIRST, claims({ exp: now - 59, nbf: now + 60 })))), 7n);
  });

  it("can't choose how they are verified", async () => {
    const way = authenticator();
    const [, body] = token(FIRST, claims()).split(".");
    const head = (header: object) => Buffer.from(JSON.stringify(header)).toString("base64url");
    await refuses(way, `${head({ alg: "none", kid: "first" })}.${body}.`);
    await refuses(way, `${head({ alg: "HS256", kid: "first" })}.${body}.AAAA`);
    // A key of one kind under an algorithm of another, and a key that may be used with one algorithm only.
    await refuses(way, token(FIRST, claims(), { alg: "RS256" }));
    await refuses(way, token(FIRST, claims(), { alg: "EdDSA" }));
    await refuses(way, token({ ...RSA, alg: "PS256" }, claims()));
    await refuses(way, token(FIRST, claims(), { kid: "rsa" }));
    for (const header of [{ crit: ["x"] }, { typ: "parley-agent+jwt" }, { typ: "logout+jwt" }, { alg: ["ES256"] }]) {
      await refuses(way, token(FIRST, claims(), header));
    }
    await refuses(way, token(SECOND, claims(), { kid: "first" }));
    assert.equal(await way.authenticate(shows(token(FIRST, claims()))), 7n);
  });

  it("can't pass one kind of key for another where its issuer doesn't say what it is for", async () => {
    const { alg: _, ...unsaid } = FIRST.jwk;
    published = [unsaid];
    const way = authenticator();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const input = `${part({ alg: "RS256", kid: "first" })}.${part(claims())}`;
    // Good as ECDSA in the form that comes with RSA's verification; still no RS256.
    const signature = signBytes("sha256", Buffer.from(input), FIRST.privateKey).toString("base64url");
    await refuses(way, `${input}.${signature}`);
    assert.equal(await way.authenticate(shows(token(FIRST, claims()))), 7n);
  });

  it("need no key's name only where one key can be meant", async () => {
    published = [FIRST.jwk];
    const unnamed = token(FIRST, claims(), { kid: undefined });
    assert.equal(await authenticator().authenticate(shows(unnamed)), 7n);
    published = [FIRST.jwk, SECOND.jwk];
    await refuses(authenticator(), unnamed);
  });

  it("are verified by keys for signatures that are strong enough, whatever else is published", async () => {
    const weak = makeKey("weak", "RS256", 1_024);
    const forEncryption = { ...SECOND.jwk, use: "enc" };
    const forSigning = { ...SECOND.jwk, kid: "ops", key_ops: ["sign"] };
    published = [
      null,
      7,
      {},
      { kty: "oct", k: "AAAA", kid: "secret" },
      weak.jwk,
      forEncryption,
      forSigning,
      FIRST.jwk,
    ] as never;
    const way = authenticator({ cooldownMs: 0 });
    await refuses(way, token(weak, claims()));
    await refuses(way, token(SECOND, claims()));
    await refuses(way, token(SECOND, claims(), { kid: "ops" }));
    assert.equal(await way.authenticate(shows(token(FIRST, claims()))), 7n);
  });

  it("are verified without asking again, until the keys are too old", async () => {
    const way = authenticator({ maxAgeMs: 600_000 });
    await Promise.all(Array.from({ length: 20 }, () => way.authenticate(shows(token(FIRST, claims())))));
    assert.equal(asked.length, 2, "once for the document, once for the keys");
    clock.advance(599_999);
    await way.authenticate(shows(token(FIRST, claims())));
    assert.equal(asked.length, 2);
    clock.advance(1);
    published = [SECOND.jwk];
    await refuses(way, token(FIRST, claims()));
    assert.equal(await way.authenticate(shows(token(SECOND, claims()))), 7n);
  });

  it("by a new key are taken at once, but unknown names don't have us ask all the time", async () => {
    const way = authenticator({ cooldownMs: 30_000 });
    await way.authenticate(shows(token(FIRST, claims())));
    published = [FIRST.jwk, SECOND.jwk];
    clock.advance(30_000);
    assert.equal(await way.authenticate(shows(token(SECOND, claims()))), 7n);
    assert.equal(asked.length, 4);
    for (let kid = 0; kid < 50; kid++) await refuses(way, token(FIRST, claims(), { kid: `${kid}` }));
    assert.equal(asked.length, 4);
  });

  it("are refused for now, not for good, while the issuer gives no keys; and it is not asked by all who wait", async () => {
    const way = authenticator({ cooldownMs: 30_000 });
    answers.set("/keys", (response) => response.writeHead(500).end());
    for (let time = 0; time < 5; time++) {
      await assert.rejects(way.authenticate(shows(token(FIRST, claims()))), {
        code: "IssuerUnreachable",
        retryable: true,
      });
    }
    assert.equal(asked.length, 2);
    answers.clear();
    clock.advance(30_000);
    assert.equal(await way.authenticate(shows(token(FIRST, claims()))), 7n);
  });

  const document = "/.well-known/openid-configuration";
  const answersOf: readonly (readonly [what: string, path: string, answer: Answer, code: string])[] = [
    [
      "another issuer's document",
      document,
      (one) => one.end(JSON.stringify({ issuer: "https://x.example" })),
      "BadIssuer",
    ],
    [
      "keys from an address that anybody could answer for",
      document,
      (one) => one.end(JSON.stringify({ issuer, jwks_uri: "http://keys.example/keys" })),
      "BadIssuer",
    ],
    [
      "a file of this machine",
      document,
      (one) => one.end(JSON.stringify({ issuer, jwks_uri: "file:///etc/passwd" })),
      "BadIssuer",
    ],
    ["no address", document, (one) => one.end(JSON.stringify({ issuer })), "BadIssuer"],
    [
      "a redirection",
      "/keys",
      (one) => one.writeHead(302, { location: `${issuer}/elsewhere` }).end(),
      "IssuerUnreachable",
    ],
    ["an answer without end", "/keys", (one) => drip(one, "x".repeat(64 << 10)), "IssuerUnreachable"],
    ["no answer", "/keys", () => undefined, "IssuerUnreachable"],
    ["a list", "/keys", (one) => one.end("[]"), "IssuerUnreachable"],
    ["rubbish", "/keys", (one) => one.end("{"), "IssuerUnreachable"],
    ["bytes that are no text", "/keys", (one) => one.end(Buffer.of(0x7b, 0xff, 0x7d)), "IssuerUnreachable"],
  ];
  for (const [what, path, answer, code] of answersOf) {
    it(`are refused where the issuer answers with ${what}`, async () => {
      answers.set(path, answer);
      await refuses(authenticator({ timeoutMs: 300, mostBytes: 100_000 }), token(FIRST, claims()), code);
    });
  }

  it("are refused where the issuer publishes no keys", async () => {
    answers.set("/keys", (one) => one.end(JSON.stringify({ keys: "many" })));
    await refuses(authenticator(), token(FIRST, claims()));
  });

  it("can't be configured to come from where anybody could make them", () => {
    for (const one of [
      "http://issuer.example",
      "ftp://127.0.0.1",
      "issuer.example",
      "",
      "https://user:word@issuer.example",
    ]) {
      assert.throws(() => authenticator({ issuer: one }), { code: "BadIssuer", hint: /https/ });
    }
    authenticator({ issuer: "https://issuer.example/tenant" });
  });
});

function drip(response: ServerResponse, chunk: string): void {
  const timer = setInterval(() => response.write(chunk), 5);
  response.on("close", () => clearInterval(timer));
}
