import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AgentCard, parseCard, readCard } from "../../../../offchain/identity/card/agent-card.ts";
import { bareCard, canonicalCard } from "../../../../offchain/identity/card/canonical.ts";
import { signCard } from "../../../../offchain/identity/card/sign.ts";
import { verifyCard } from "../../../../offchain/identity/card/verify.ts";
import { jwkOf, jwksOf, keyIdOf, signEs256, verifyEs256 } from "../../../../offchain/identity/es256.ts";
import { toBase64url } from "../../../../offchain/kernel/base64url.ts";
import { toHex, utf8 } from "../../../../offchain/kernel/bytes.ts";
import type { Json, JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { certificateToHex } from "../../../../offchain/terms/certificate.ts";
import { decodePart, encodePart, signingInput } from "../../../../offchain/terms/jwt.ts";
import { actor, DEPLOYMENT, NOW } from "../../../vectors/actors.ts";
import { CRYPTO, keysOf, TwoAgents } from "../fixture.ts";

const ALICE = actor(1n);
const BOB = actor(2n);

const CARD: JsonObject = {
  name: "Street scenes",
  description: "Sells labelled images, and bargains about them",
  version: "1.0.0",
  supportedInterfaces: [
    { url: "https://seller.example/a2a", protocolBinding: "JSONRPC", protocolVersion: "1.0" },
    { url: "wss://seller.example", protocolBinding: "https://parley.example/websocket", protocolVersion: "1.0" },
  ],
  provider: { organization: "Scenes Ltd", url: "https://scenes.example" },
  capabilities: {
    streaming: true,
    pushNotifications: false,
    extensions: [
      { uri: "https://parley.example/negotiation", description: "bargains", params: { rounds: 20, pace: 0.5 } },
    ],
  },
  securitySchemes: { tls: { mtlsSecurityScheme: { description: "client certificates" } } },
  defaultInputModes: ["application/json"],
  defaultOutputModes: ["application/json"],
  skills: [{ id: "sell", name: "Sell", description: "Sells data sets", tags: ["data"] }],
};

interface Signature extends JsonObject {
  readonly protected: string;
  readonly signature: string;
}

function sign(card: JsonObject = CARD, by = ALICE): Promise<JsonObject> {
  return signCard(card, keysOf(by), { until: NOW + 60, jku: "https://seller.example/jwks.json" });
}

function signatureOf(card: JsonObject): Signature {
  return (card["signatures"] as readonly Signature[])[0] as Signature;
}

function verify(card: JsonObject | AgentCard, registry = new TwoAgents(), now = NOW) {
  const read = "interfaces" in card ? (card as AgentCard) : readCard(card);
  return verifyCard(read, { certificates: registry.verifier, crypto: CRYPTO }, now);
}

const unverified = { code: "CardUnverified", hint: /./ };

describe("a signed agent card", () => {
  it("says whose it is, to whoever asks the registry", async () => {
    const card = parseCard(JSON.stringify(await sign()));
    assert.equal(card.interfaces[0]?.url, "https://seller.example/a2a");
    assert.deepEqual(await verify(card), { agent: 1n, until: ALICE.certificate.key.notAfter });
  });

  it("is signed as A2A wants it: ES256 over the canonical form, which anybody with the public key can verify", async () => {
    const card = await sign();
    const { protected: head, signature } = signatureOf(card);
    const kid = keyIdOf(ALICE.certificate);
    const jku = "https://seller.example/jwks.json";
    assert.deepEqual(decodePart(head), { alg: "ES256", typ: "JOSE", kid, jku });
    // As a client does that knows nothing of wallets: by the key set that `jku` leads to.
    const { keys } = jwksOf([BOB.certificate, ALICE.certificate]) as { keys: JsonObject[] };
    const jwk = keys.find((key) => key["kid"] === kid) as { x: string; y: string };
    const hex = (text: string) => toHex(Buffer.from(text, "base64url"));
    const payload = toBase64url(utf8.encode(canonicalCard(CARD)));
    const bytes = Buffer.from(signature, "base64url");
    assert.ok(await verifyEs256(CRYPTO, { x: hex(jwk.x), y: hex(jwk.y) }, signingInput(head, payload), bytes));
    assert.equal(jwkOf(ALICE.certificate)["crv"], "P-256");
  });

  it("verifies however its JSON is laid out, and with its defaults spelt out", async () => {
    const card = await sign();
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(card).reverse()), null, 4);
    await verify(parseCard(reversed));
    const [one, ...others] = CARD["skills"] as readonly JsonObject[];
    await verify({
      ...card,
      securityRequirements: [],
      skills: [{ ...one, examples: [], inputModes: [] }, ...others],
      provider: { ...(CARD["provider"] as JsonObject) },
    });
  });

  it("is worth nothing once anything in it is changed", async () => {
    const card = await sign();
    const paths: readonly (readonly [path: string, change: (card: JsonObject) => JsonObject])[] = [
      ["name", (one) => ({ ...one, name: "Street Scenes" })],
      ["interface", (one) => ({ ...one, supportedInterfaces: [(one["supportedInterfaces"] as Json[])[1] as Json] })],
      ["streaming", (one) => ({ ...one, capabilities: { ...(one["capabilities"] as JsonObject), streaming: false } })],
      ["flag left out", (one) => ({ ...one, capabilities: { streaming: true } })],
      ["security", (one) => ({ ...one, securitySchemes: {} })],
      ["addition", (one) => ({ ...one, iconUrl: "https://evil.example" })],
      ["unknown addition", (one) => ({ ...one, stowaway: true })],
    ];
    for (const [what, change] of paths) await assert.rejects(verify(change(card)), unverified, what);
  });

  it("may carry several signatures, as while keys follow each other: one good one is enough", async () => {
    const both = await sign(await sign(CARD, BOB));
    const [bobs, alices] = both["signatures"] as readonly [Signature, Signature];
    assert.equal((await verify(both)).agent, 2n);
    const spoilt = { ...bobs, signature: alices.signature };
    assert.equal((await verify({ ...both, signatures: [spoilt, alices] })).agent, 1n);
  });

  it("ends with its key's time and with its epoch", async () => {
    const card = await sign();
    await verify(card, new TwoAgents(), ALICE.certificate.key.notAfter);
    await assert.rejects(verify(card, new TwoAgents(), ALICE.certificate.key.notAfter + 1), unverified);
    const registry = new TwoAgents();
    registry.epoch = 2;
    await assert.rejects(verify(card, registry), unverified);
  });

  it("is not judged while nobody can be asked", async () => {
    const registry = new TwoAgents();
    registry.failure = new Error("the node does not answer");
    await assert.rejects(verify(await sign(), registry), /does not answer/);
  });

  it("is refused with any other signature, and only so many are looked at", async () => {
    const card = await sign();
    const good = signatureOf(card);
    const header = decodePart(good.protected);
    const resigned = async (changes: JsonObject): Promise<Json> => {
      const head = encodePart({ ...header, ...changes });
      const input = signingInput(head, toBase64url(utf8.encode(canonicalCard(CARD))));
      return { ...good, protected: head, signature: await signEs256(CRYPTO.sessionSigner(ALICE.session), input) };
    };
    const bad: readonly Json[] = [
      null,
      {},
      "eyJ",
      { ...good, signature: "" },
      { ...good, signature: "AAAA" },
      { ...good, signature: `${good.signature}=` },
      { ...good, protected: "" },
      { ...good, protected: "e30" },
      { protected: good.protected, signature: good.signature },
      { ...good, header: { parleyCertificate: "0x" } },
      { ...good, header: { parleyCertificate: 7 } },
      { ...good, header: { parleyCertificate: certificateToHex(BOB.certificate) } },
      await resigned({ alg: "none" }),
      await resigned({ alg: "HS256" }),
      await resigned({ crit: ["exp"] }),
      await resigned({ kid: keyIdOf(BOB.certificate) }),
    ];
    for (const one of bad)
      await assert.rejects(verify({ ...card, signatures: [one] }), unverified, JSON.stringify(one));
    await assert.rejects(verify({ ...card, signatures: [] }), unverified);
    await assert.rejects(verify(CARD), unverified);
    await assert.rejects(verify({ ...card, signatures: [...Array(8).fill({}), good] }), unverified);
    await assert.rejects(verify({ ...card, signatures: Array(101).fill(good) }), { code: "Malformed" });
    await assert.rejects(verify({ ...card, signatures: {} }), { code: "Malformed" });
  });

  it("isn't signed where not everybody would canonicalise it alike", async () => {
    const cards: readonly JsonObject[] = [
      { ...CARD, description: "" },
      { ...CARD, skills: [] },
      { ...CARD, iconUrl: "" },
      { ...CARD, capabilities: {} },
      { ...CARD, securitySchemes: { tls: { mtlsSecurityScheme: {} } } },
    ];
    for (const card of cards) await assert.rejects(sign(card), { code: "CardAmbiguous" });
  });

  it("is refused where what everybody reads is missing, or is something else", () => {
    const cases: readonly JsonObject[] = [
      ...Object.keys(CARD)
        .filter((name) => !["provider", "securitySchemes"].includes(name))
        .map((name) => Object.fromEntries(Object.entries(CARD).filter(([other]) => other !== name))),
      { ...CARD, name: 7 },
      { ...CARD, skills: "all" },
      { ...CARD, capabilities: [] },
      { ...CARD, supportedInterfaces: [{ url: "javascript:alert(1)", protocolBinding: "x", protocolVersion: "1" }] },
      { ...CARD, supportedInterfaces: [{ url: "nowhere", protocolBinding: "x", protocolVersion: "1" }] },
      { ...CARD, supportedInterfaces: Array(101).fill((CARD["supportedInterfaces"] as Json[])[0]) },
    ];
    for (const card of cases) assert.throws(() => parseCard(JSON.stringify(card)), { code: "Malformed" });
    for (const text of ["", "null", "[]", "{", `"${"x".repeat(200_000)}"`]) {
      assert.throws(() => parseCard(text), { code: "Malformed" });
    }
  });

  it("doesn't bring its reader down by its depth", async () => {
    const deep = `${"[".repeat(2_000)}${"]".repeat(2_000)}`;
    const text = JSON.stringify(CARD).replace('"rounds":20', `"rounds":${deep}`);
    const card = parseCard(text);
    await assert.rejects(verify({ ...card.content, signatures: [signatureOf(await sign())] }), { code: "Malformed" });
  });
});

describe("a card's canonical form", () => {
  it("is the one of A2A's own example: what is required or was given on purpose stays, other defaults go", () => {
    const card = {
      name: "Example Agent",
      description: "",
      capabilities: { streaming: false, pushNotifications: false, extensions: [] },
      skills: [],
    };
    const canonical =
      '{"capabilities":{"pushNotifications":false,"streaming":false},"description":"","name":"Example Agent","skills":[]}';
    assert.equal(canonicalCard(card), canonical);
    assert.equal(
      bareCard(card),
      '{"capabilities":{"pushNotifications":false,"streaming":false},"name":"Example Agent"}',
    );
  });

  it("leaves its signatures out, and null, and keeps what it doesn't know", () => {
    assert.equal(
      canonicalCard({ signatures: [{}], name: "a", provider: null, later: [], more: { x: false } }),
      '{"later":[],"more":{"x":false},"name":"a"}',
    );
  });

  it("writes numbers as RFC 8785 has them", () => {
    const params = JSON.parse('{"a":5e-1,"b":1e21,"c":1e-7,"d":-0,"e":333333333.33333329,"f":4.5e15}') as Json;
    const text = canonicalCard({ capabilities: { extensions: [{ uri: "x", params }] } });
    assert.match(text, /"a":0\.5,"b":1e\+21,"c":1e-7,"d":0,"e":333333333\.3333333,"f":4500000000000000/);
    assert.throws(() => canonicalCard({ more: JSON.parse("1e999") as Json }), { code: "Malformed" });
  });

  it("is a fixed point: canonicalising it again changes nothing", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("name", "skills", "capabilities", "provider", "x"), fc.jsonValue()),
        (card) => {
          const once = canonicalCard(card as JsonObject);
          assert.equal(canonicalCard(JSON.parse(once) as JsonObject), once);
          const bare = bareCard(card as JsonObject);
          assert.equal(bareCard(JSON.parse(bare) as JsonObject), bare);
        },
      ),
    );
  });

  it("is of no registry in particular: the certificate ties it to one", async () => {
    const foreign = actor(1n, { settlement: DEPLOYMENT.registry });
    await assert.rejects(verify(await sign(CARD, foreign)), unverified);
  });
});
