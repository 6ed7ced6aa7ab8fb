import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { Quotas } from "../../../offchain/node/quotas.ts";
import { parseRelayConfig } from "../../../offchain/node/relay-config.ts";
import type { JsonObject } from "../../../offchain/terms/canonical-json.ts";

const ADDRESS = `0x${"ab".repeat(20)}`;

const RELAY: JsonObject = {
  rpc: "http://127.0.0.1:8545",
  deployment: { chainId: 31337, registry: ADDRESS, settlement: ADDRESS },
  keys: "relay.keys.json",
  journal: "relay.sqlite",
  listen: "http://127.0.0.1:7720",
  batch: { most: 50, waitMs: 500 },
};

describe("a relay's configuration", () => {
  it("is read whole, with limits where it names none", () => {
    const { batch, mostWaiting, perMinute, tls } = parseRelayConfig(RELAY);
    assert.deepEqual(
      { batch, mostWaiting, perMinute, tls },
      { batch: { most: 50, waitMs: 500 }, mostWaiting: 1_000, perMinute: 120, tls: null },
    );
    const tlsFiles = { key: "key.pem", cert: "cert.pem" };
    const open = parseRelayConfig({ ...RELAY, listen: "https://0.0.0.0:7720", tls: tlsFiles });
    assert.equal(open.tls?.key, "key.pem");
  });

  it("serves others than this machine by TLS only, and forgets nothing that it signed", () => {
    for (const changes of [
      { listen: "http://0.0.0.0:7720" },
      { listen: "https://0.0.0.0:7720" },
      { listen: "http://127.0.0.1:7720", tls: { key: "key.pem", cert: "cert.pem" } },
      { journal: ":memory:" },
      { rpc: "ws://127.0.0.1:8545" },
      { batch: null },
      { mostWaiting: 0 },
      { more: 1 },
    ]) {
      assert.throws(() => parseRelayConfig({ ...RELAY, ...changes }), { code: "Malformed" }, JSON.stringify(changes));
    }
  });
});

describe("quotas by name", () => {
  it("are each for itself, begin anew with the time, and are remembered for so many names", () => {
    const clock = new SimulatedClock();
    const quotas = new Quotas(clock, 2, 1_000, 2);
    assert.deepEqual(
      ["a", "a", "a", "b"].map((name) => quotas.take(name)),
      [true, true, false, true],
    );
    clock.advance(1_000);
    assert.equal(quotas.take("a"), true);
    assert.equal(quotas.take("a"), true);
    assert.equal(quotas.take("c"), true);
    // There was room for two only, and this was the first of them.
    assert.equal(quotas.take("a"), true);
  });
});
