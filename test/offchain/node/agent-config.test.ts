import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ParleyError } from "../../../offchain/kernel/errors.ts";
import { parseAgentConfig } from "../../../offchain/node/agent-config.ts";
import type { Json, JsonObject } from "../../../offchain/terms/canonical-json.ts";
import { encodeProposal } from "../../../offchain/terms/proposal.ts";
import { PROPOSAL } from "../../vectors/scene.ts";

const ADDRESS = `0x${"ab".repeat(20)}`;

const STRATEGY = { kind: "time-dependent", from: "1500", limit: "950", pace: "0.8" };

const SELLER: JsonObject = {
  agent: "2",
  rpc: "http://127.0.0.1:8545",
  deployment: { chainId: 31337, registry: ADDRESS, settlement: ADDRESS },
  keys: "seller.keys.json",
  journal: "seller.sqlite",
  listen: "ws://127.0.0.1:7700",
  respond: { role: "seller", token: ADDRESS, mostBond: "200", strategy: STRATEGY },
  deliver: null,
};

function without(name: string): JsonObject {
  return Object.fromEntries(Object.entries(SELLER).filter(([member]) => member !== name));
}

function respond(changes: JsonObject): JsonObject {
  return { ...SELLER, respond: { ...(SELLER["respond"] as JsonObject), ...changes } };
}

describe("an agent's configuration", () => {
  it("is read whole, with safe bounds where it names none", () => {
    const config = parseAgentConfig(SELLER);
    assert.equal(config.agent, 2n);
    assert.equal(config.settle, true);
    assert.equal(config.respond?.strategy.limit, 950n);
    assert.deepEqual([config.respond?.leastDeliverWithin, config.respond?.mostReviewPeriod], [60, 2_592_000]);
    // Nobody rules over its money whom it hasn't named.
    assert.deepEqual([config.respond?.arbitrators, config.respond?.mostRulingWithin], [[], 5_184_000]);
  });

  it("names the arbitrators that are trusted, or leaves them to the other side", () => {
    assert.deepEqual(parseAgentConfig(respond({ arbitrators: [ADDRESS] })).respond?.arbitrators, [ADDRESS]);
    assert.equal(parseAgentConfig(respond({ arbitrators: "any" })).respond?.arbitrators, null);
    for (const [arbitrators, path] of [
      ["all", "respond.arbitrators"],
      [{}, "respond.arbitrators"],
      [[ADDRESS, "0x12"], "respond.arbitrators.1"],
    ] as const) {
      assert.throws(
        () => parseAgentConfig(respond({ arbitrators })),
        (thrown: ParleyError) => thrown.code === "Malformed" && thrown.facts["path"] === path,
      );
    }
  });

  it("commits each deal by itself, unless it says how many may go together", () => {
    assert.equal(parseAgentConfig(SELLER).batch, null);
    const batch = { most: 50, waitMs: 500 };
    assert.deepEqual(parseAgentConfig({ ...SELLER, batch }).batch, batch);
    for (const [wrong, path] of [
      [{ most: 1, waitMs: 500 }, "batch.most"],
      [{ most: 101, waitMs: 500 }, "batch.most"],
      [{ most: 50, waitMs: 60_001 }, "batch.waitMs"],
      [{ most: 50 }, "batch.waitMs"],
      [{ ...batch, more: 1 }, "batch.more"],
    ] as const) {
      assert.throws(
        () => parseAgentConfig({ ...SELLER, batch: wrong }),
        (thrown: ParleyError) => thrown.code === "Malformed" && thrown.facts["path"] === path,
      );
    }
  });

  it("knows what a coin is worth where it is told", () => {
    assert.equal(parseAgentConfig(SELLER).prices.size, 0);
    const { prices } = parseAgentConfig({ ...SELLER, prices: { [ADDRESS.toUpperCase().replace("X", "x")]: "3000" } });
    assert.deepEqual([...prices], [[ADDRESS, 3_000n]]);
    const many = Object.fromEntries(
      Array.from({ length: 101 }, (_, i) => [`0x${i.toString(16).padStart(40, "0")}`, "1"]),
    );
    for (const wrong of [{ [ADDRESS]: 3_000 }, { [ADDRESS]: "-1" }, { coin: "3000" }, many, "3000"]) {
      assert.throws(() => parseAgentConfig({ ...SELLER, prices: wrong }), { code: "Malformed" });
    }
  });

  it("leaves commitments only to relays that nobody can stand before", () => {
    assert.equal(parseAgentConfig(SELLER).relay, null);
    for (const relay of ["https://relay.example", "http://127.0.0.1:7720"]) {
      assert.equal(parseAgentConfig({ ...SELLER, relay }).relay, relay);
    }
    for (const relay of ["http://relay.example", "https://user@relay.example", "relay.example", "ws://127.0.0.1:1"]) {
      assert.throws(() => parseAgentConfig({ ...SELLER, relay }), { code: "Malformed" }, relay);
    }
  });

  it("may name what transports need besides addresses", () => {
    assert.equal(parseAgentConfig(SELLER).transport, null);
    const tls = { certificate: "agent.pem", key: "agent.key.pem", authorities: "ca.pem", mutual: "yes" };
    const given = { username: "seller", passwordFile: "pw", tls, seal: "required" };
    const { transport } = parseAgentConfig({ ...SELLER, transport: given });
    assert.deepEqual(transport, {
      username: "seller",
      passwordFile: "pw",
      virtualHost: null,
      seal: "required",
      tls: { ...tls, mutual: true },
    });
  });

  it("lets everybody connect, and trusts the registry's answer for seconds, unless it says otherwise", () => {
    const { tls, admit, introduce, registryMaxAgeMs } = parseAgentConfig(SELLER);
    assert.deepEqual(
      { tls, admit, introduce, registryMaxAgeMs },
      {
        tls: null,
        admit: null,
        introduce: false,
        registryMaxAgeMs: 10_000,
      },
    );
    const issuer = { issuer: "https://login.example", audience: "seller", agents: { "client-1": "7" } };
    const config = parseAgentConfig({
      ...SELLER,
      tls: { key: "key.pem", cert: "cert.pem" },
      admit: { tokens: "wss://seller.example", certificates: { "DNS:buyer.example": "8" }, issuers: [issuer] },
      introduce: "yes",
    });
    assert.deepEqual(config.tls, { key: "key.pem", cert: "cert.pem", ca: null });
    assert.deepEqual(config.admit?.issuers[0]?.agents, new Map([["client-1", 7n]]));
    assert.deepEqual([config.admit?.issuers[0]?.claim, config.admit?.used, config.introduce], ["sub", null, true]);
    assert.equal(config.admit?.tokens, "wss://seller.example/", "as peers that dial it have it");
    assert.equal(config.admit?.certificates.get("DNS:buyer.example"), 8n);
  });

  it("opens with another agent, by a transport that there is, once for each thing that is wanted", () => {
    const proposal = JSON.parse(encodeProposal(PROPOSAL)) as JsonObject;
    const strategy = { ...STRATEGY, from: "950", limit: "1500" };
    const open = { peer: "1", address: "ws://127.0.0.1:7701", proposal, strategy };
    assert.equal(parseAgentConfig({ ...SELLER, open }).open?.wanted, undefined);
    const id = `0x${"0a".repeat(32)}`;
    assert.deepEqual(parseAgentConfig({ ...SELLER, open: { ...open, wanted: id } }).open?.wanted, { id, most: 1 });
    for (const [more, path] of [
      [{ peer: "2" }, "open.peer"],
      [{ address: "http://127.0.0.1:7701" }, "open.address"],
      [{ address: "127.0.0.1:7701" }, "open.address"],
      [{ wanted: "once" }, "open.wanted"],
    ] as const) {
      assert.throws(() => parseAgentConfig({ ...SELLER, open: { ...open, ...more } }), {
        ...{ code: "Malformed", facts: { path } },
      });
    }
  });

  const cases: readonly (readonly [what: string, content: Json, path: RegExp])[] = [
    ["an unknown member", { ...SELLER, lisen: "x" }, /'lisen' must be absent/],
    ["a missing one", without("keys"), /'keys' must be present/],
    ["a seller that says nothing of delivering", without("deliver"), /'deliver' must be present/],
    ["a responder that doesn't listen", without("listen"), /'listen' must be present/],
    ["a node's address that is none", { ...SELLER, rpc: "nowhere" }, /'rpc' must be/],
    ["no node at all", { ...SELLER, rpc: [] }, /'rpc' must be/],
    ["a node among others that is none", { ...SELLER, rpc: ["http://a", "ws://b"] }, /'rpc' must be/],
    ["news of blocks by another way", { ...SELLER, live: "http://a" }, /'live' must be/],
    ["an agent id that is none", { ...SELLER, agent: "0" }, /'0' is not an agent id/],
    ["a role that is none", respond({ role: "thief" }), /'respond.role' must be one of buyer, seller/],
    ["an amount that is a number", respond({ mostBond: 200 }), /'respond.mostBond' must be an amount/],
    ["no time at all to deliver", respond({ leastDeliverWithin: 0 }), /'respond.leastDeliverWithin' must be/],
    ["a strategy that is none", respond({ strategy: { ...STRATEGY, pace: "fast" } }), /pace/],
    [
      "a password that stands in it",
      { ...SELLER, transport: { password: "x" } },
      /'transport.password' must be absent/,
    ],
    [
      "TLS that is half meant",
      { ...SELLER, transport: { tls: { mutual: "maybe" } } },
      /'transport.tls.mutual' must be/,
    ],
    [
      "a way in that nothing keeps",
      { ...SELLER, listen: "grpc://127.0.0.1:0", admit: {} },
      /'admit' is for agents that/,
    ],
    ["TLS of WebSockets elsewhere", { ...SELLER, listen: "nats://127.0.0.1/a", tls: {} }, /'tls' is for agents that/],
    ["a way in that isn't known", { ...SELLER, admit: { password: "x" } }, /'admit.password' must be absent/],
    ["a certificate of no agent", { ...SELLER, admit: { certificates: { a: "none" } } }, /not an agent id/],
    ["issuers that are none", { ...SELLER, admit: { issuers: {} } }, /'admit.issuers' must be a list/],
    ["an issuer of nobody", { ...SELLER, admit: { issuers: [{ issuer: "x", audience: "y" }] } }, /issuers.0.agents/],
    ["nothing", null, /the document must be an object/],
  ];
  for (const [what, content, path] of cases) {
    it(`refuses ${what}, and names it`, () => assert.throws(() => parseAgentConfig(content), path));
  }

  it("leaves disputes to people, and shows faults, unless it says otherwise", () => {
    const { disputes, faults } = parseAgentConfig(SELLER);
    assert.deepEqual(disputes, { open: "people", share: null, asks: 10_000, evidence: null, least: 0, concedes: 0 });
    assert.deepEqual(faults, { worth: 1n });
    const evidence = { folder: "evidence", uri: "https://files.example/evidence/" };
    const given = { open: "auto", share: 2_500, asks: 9_000, evidence, least: 20, concedes: 50 };
    assert.deepEqual(parseAgentConfig({ ...SELLER, disputes: given }).disputes, given);
    assert.equal(parseAgentConfig({ ...SELLER, faults: "tell" }).faults, null);
    assert.deepEqual(parseAgentConfig({ ...SELLER, faults: { worth: "500" } }).faults, { worth: 500n });
    assert.throws(() => parseAgentConfig({ ...SELLER, faults: "never" }), /'faults' must be an object/);
  });

  it("opens no disputes whose evidence would lie nowhere, or where nobody follows", () => {
    const wrong: readonly (readonly [JsonObject, RegExp])[] = [
      [{ open: "auto" }, /'disputes\.evidence' must be present/],
      [{ open: "maybe" }, /'disputes\.open' must be one of auto, people/],
      [{ least: -1 }, /'disputes\.least' must be an integer from 0 to 10000/],
      [{ concedes: "50" }, /'disputes\.concedes' must be an integer/],
      [{ share: 10_001 }, /'disputes\.share' must be an integer from 0 to 10000/],
      [{ evidence: { folder: "e", uri: "https://files.example/evidence" } }, /'disputes\.evidence\.uri' must be/],
      [{ evidence: { folder: "e", uri: "file:///etc/" } }, /'disputes\.evidence\.uri' must be/],
    ];
    for (const [disputes, what] of wrong) assert.throws(() => parseAgentConfig({ ...SELLER, disputes }), what);
  });
});
