import assert from "node:assert/strict";
import { createHmac, createPublicKey } from "node:crypto";
import { describe, it } from "node:test";
import { signEs256, verifyEs256 } from "../../../../offchain/identity/es256.ts";
import { ReplayGuard } from "../../../../offchain/identity/token/replay-guard.ts";
import { issueToken, TOKEN_TYPE } from "../../../../offchain/identity/token/token.ts";
import { TokenVerifier } from "../../../../offchain/identity/token/token-verifier.ts";
import { toBase64url } from "../../../../offchain/kernel/base64url.ts";
import { fromHex, utf8 } from "../../../../offchain/kernel/bytes.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import type { JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { certificateToHex, hashSessionKey } from "../../../../offchain/terms/certificate.ts";
import { decodePart, encodePart, parseJwt, signingInput } from "../../../../offchain/terms/jwt.ts";
import { actor, DEPLOYMENT, flip, highS, NOW } from "../../../vectors/actors.ts";
import { CRYPTO, keysOf, TwoAgents } from "../fixture.ts";

const ALICE = actor(1n);
const BOB = actor(2n);
const AUDIENCE = "https://bob.example";
const ENTROPY = new SeededEntropy(5);

function desk(options: { leeway?: number; mostLifetime?: number } = {}) {
  const clock = new SimulatedClock(NOW * 1000);
  const registry = new TwoAgents();
  const replays = new ReplayGuard();
  const common = { deployment: DEPLOYMENT, crypto: CRYPTO, clock, replays, audience: AUDIENCE, ...options };
  const verifier = new TokenVerifier({ ...common, certificates: registry.verifier });
  return { clock, registry, replays, verifier };
}

function issue(changes: { audience?: string; now?: number; lifetime?: number } = {}): Promise<string> {
  const request = { agent: 1n, audience: AUDIENCE, now: NOW, ...changes };
  return issueToken(keysOf(ALICE), DEPLOYMENT, ENTROPY, request);
}

/** Signs other contents with Alice's key, as only she could. */
async function forge(change: { header?: JsonObject; claims?: JsonObject; by?: typeof ALICE }): Promise<string> {
  const { header, claims } = parseJwt(await issue());
  const [head, body] = [encodePart({ ...header, ...change.header }), encodePart({ ...claims, ...change.claims })];
  const signer = CRYPTO.sessionSigner((change.by ?? ALICE).session);
  return `${head}.${body}.${await signEs256(signer, signingInput(head, body))}`;
}

describe("an agent's token", () => {
  it("shows its audience which agent comes, once", async () => {
    const { verifier } = desk();
    const token = await issue();
    assert.equal(await verifier.verify(token), 1n);
    await assert.rejects(verifier.verify(token), { code: "TokenReplayed" });
    assert.equal(await verifier.verify(await issue()), 1n);
  });

  it("is shown to two servers at a time by nobody: it names one audience", async () => {
    await assert.rejects(desk().verifier.verify(await issue({ audience: "https://carol.example" })), {
      code: "TokenRefused",
    });
    await assert.rejects(
      desk().verifier.verify(await forge({ claims: { aud: [AUDIENCE, "https://carol.example"] } })),
      {
        code: "Malformed",
      },
    );
  });

  it("counts for its time, give or take what clocks differ by", async () => {
    for (const [passed, good] of [
      [-60, true],
      [-61, false],
      [0, true],
      [119, true],
      [120, false],
    ] as const) {
      const { verifier } = desk();
      const token = await issue({ now: NOW - passed });
      if (good) await verifier.verify(token);
      else await assert.rejects(verifier.verify(token), { code: passed < 0 ? "TokenRefused" : "TokenExpired" });
    }
  });

  it("can't be made to count for longer than it would be remembered", async () => {
    const { verifier } = desk({ mostLifetime: 300 });
    await verifier.verify(await issue({ lifetime: 300 }));
    await assert.rejects(verifier.verify(await issue({ lifetime: 301 })), { code: "TokenRefused" });
    await assert.rejects(verifier.verify(await forge({ claims: { exp: NOW } })), { code: "TokenRefused" });
    await assert.rejects(verifier.verify(await forge({ claims: { exp: Number.MAX_SAFE_INTEGER } })), {
      code: "TokenRefused",
    });
  });

  it("is never good twice within its time, leeway included", async () => {
    const { clock, verifier } = desk();
    const token = await issue();
    await verifier.verify(token);
    for (let second = 0; second < 130; second++) {
      clock.advance(1000);
      await assert.rejects(verifier.verify(token), second < 119 ? { code: "TokenReplayed" } : { code: "TokenExpired" });
    }
  });

  it("is worth nothing once its agent's keys are revoked, and untouched while nobody can be asked", async () => {
    const { registry, verifier } = desk();
    const token = await issue();
    registry.failure = new Error("the node does not answer");
    await assert.rejects(verifier.verify(token), /does not answer/);
    registry.failure = null;
    registry.epoch = 2;
    await assert.rejects(verifier.verify(token), { code: "EpochEnded" });
    registry.epoch = 1;
    assert.equal(await verifier.verify(token), 1n, "no refusal uses it up");
  });

  it("has no other algorithm than the one there is", async () => {
    const { verifier } = desk();
    const [, body] = (await issue()).split(".") as [string, string];
    const good = parseJwt(await issue()).header;
    const none = encodePart({ ...good, alg: "none" });
    await assert.rejects(verifier.verify(`${none}.${body}.`), { code: "BadAlgorithm" });
    // The classic confusion: a MAC keyed with what is public.
    const { x, y } = ALICE.session;
    const jwk = { kty: "EC", crv: "P-256", x: toBase64url(fromHex(x)), y: toBase64url(fromHex(y)) };
    const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    const head = encodePart({ ...good, alg: "HS256" });
    const mac = createHmac("sha256", pem).update(`${head}.${body}`).digest("base64url");
    await assert.rejects(verifier.verify(`${head}.${body}.${mac}`), { code: "BadAlgorithm" });
    for (const alg of ["ES384", "es256", "", 7, null, ["ES256"]]) {
      await assert.rejects(verifier.verify(await forge({ header: { alg } })), { code: "BadAlgorithm" });
    }
    for (const header of [{ crit: ["b64"], b64: false }, { crit: [] }, { b64: true }]) {
      await assert.rejects(verifier.verify(await forge({ header })), { code: "BadAlgorithm" });
    }
  });

  const forgeries: readonly (readonly [what: string, make: () => Promise<string>, code: string])[] = [
    ["another key's signature", () => forge({ by: BOB }), "BadSignature"],
    [
      "another agent's name",
      () =>
        forge({
          claims: {
            iss: `eip155:31337/erc721:${DEPLOYMENT.registry}/2`,
            sub: `eip155:31337/erc721:${DEPLOYMENT.registry}/2`,
          },
        }),
      "CertificateInvalid",
    ],
    ["a name of another registry", () => forge({ claims: { iss: "eip155:1/erc721:0x00/1" } }), "BadAgentId"],
    ["two names", () => forge({ claims: { sub: "eip155:1/erc721:0x00/1" } }), "TokenRefused"],
    ["a short id", () => forge({ claims: { jti: "1" } }), "TokenRefused"],
    ["no id", () => forge({ claims: { jti: null } }), "Malformed"],
    ["a claim more", () => forge({ claims: { scope: "everything" } }), "Malformed"],
    ["another type", () => forge({ header: { typ: "JWT" } }), "Malformed"],
    ["a header more", () => forge({ header: { jku: "https://evil.example" } }), "Malformed"],
    ["a key by its own word", () => forge({ header: { jwk: {} } }), "Malformed"],
    ["another key id", () => forge({ header: { kid: `0x${"00".repeat(32)}` } }), "TokenRefused"],
    ["another certificate", () => forge({ header: { cert: certificateToHex(BOB.certificate) } }), "TokenRefused"],
    [
      "a certificate that its wallet never signed",
      () => {
        const { key, signature } = ALICE.certificate;
        return forge({ header: { cert: certificateToHex({ key, signature: flip(signature) }) } });
      },
      "CertificateInvalid",
    ],
    ["a time that is a text", () => forge({ claims: { exp: `${NOW + 60}` } }), "Malformed"],
    [
      "a time with a fraction",
      async () => (await issue()).replace(/\.[^.]*\./, `.${part(`{"exp":1.5}`)}.`),
      "Malformed",
    ],
  ];
  for (const [what, make, code] of forgeries) {
    it(`is refused with ${what}`, async () => {
      const { verifier, replays } = desk();
      await assert.rejects(verifier.verify(await make()), { code });
      assert.equal(replays.size, 0, "nothing is remembered of it");
    });
  }

  it("is refused, and asks for nothing, where it is no token", async () => {
    const { verifier, registry } = desk();
    const good = await issue();
    const [head, body, signature] = good.split(".") as [string, string, string];
    const texts = [
      "",
      ".",
      "..",
      `${head}.${body}`,
      `${good}.`,
      `${head}=.${body}.${signature}`,
      `${part("[]")}.${body}.${signature}`,
      `${part("null")}.${body}.${signature}`,
      `${head}.${part("{")}.${signature}`,
      `${head}.${body}.${signature}A`,
      `${head}.${part("[".repeat(4_000))}.${signature}`,
      "x".repeat(10_000),
    ];
    for (const text of texts) await assert.rejects(verifier.verify(text), { code: /Malformed|BadSignature/ });
    assert.equal(registry.asked, 0);
  });

  it("has a signature as JOSE has it: either value of s", async () => {
    const { verifier } = desk();
    const [head, body, signature] = (await issue()).split(".") as [string, string, string];
    const other = highS(`0x${Buffer.from(signature, "base64url").toString("hex")}`);
    assert.equal(await verifier.verify(`${head}.${body}.${toBase64url(fromHex(other))}`), 1n);
  });

  it("is to the byte as docs/credentials.md has it", async () => {
    const [head, body] = (await issue()).split(".").map((one) => Buffer.from(one, "base64url").toString());
    const name = `eip155:31337/erc721:${DEPLOYMENT.registry}/1`;
    const cert = certificateToHex(ALICE.certificate);
    const kid = hashSessionKey(ALICE.certificate.key);
    assert.equal(head, `{"alg":"ES256","cert":"${cert}","kid":"${kid}","typ":"parley-agent+jwt"}`);
    const claims = new RegExp(
      `^{"aud":"${AUDIENCE}","exp":${NOW + 60},"iat":${NOW},"iss":"${name}","jti":"[0-9a-f]{32}","sub":"${name}"}$`,
    );
    assert.match(body ?? "", claims);
  });

  it("says what type it is, so that no other token of the same key passes for it", async () => {
    const [head] = (await issue()).split(".") as [string];
    assert.equal(decodePart(head)["typ"], TOKEN_TYPE);
  });
});

describe("ES256", () => {
  it("verifies the example of RFC 7515, appendix A.3", async () => {
    const head = "eyJhbGciOiJFUzI1NiJ9";
    const body = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const { input, claims, ...jwt } = parseJwt(`${head}.${body}.${signature}`);
    assert.equal(claims["iss"], "joe");
    const coordinate = (text: string) => `0x${Buffer.from(text, "base64url").toString("hex")}` as const;
    const key = {
      x: coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
      y: coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    };
    assert.ok(await verifyEs256(CRYPTO, key, input, jwt.signature));
    assert.ok(!(await verifyEs256(CRYPTO, key, utf8.encode("other"), jwt.signature)));
  });
});

function part(text: string): string {
  return toBase64url(utf8.encode(text));
}
