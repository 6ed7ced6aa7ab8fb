import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDeliver, readIntake } from "../../../offchain/node/connectors-config.ts";
import type { Json, JsonObject } from "../../../offchain/terms/canonical-json.ts";
import { JsonReader } from "../../../offchain/terms/json-reader.ts";

const DIGEST = `0x${"ab".repeat(32)}` as const;
const SERVED = { listen: "http://127.0.0.1:7710" };
const METER = { upstream: "http://127.0.0.1:3000", leastUnitPrice: "5", mostCredit: "500" };

const ACCESS = { upstream: "http://127.0.0.1:3000", mostCalls: 10_000, mostSeconds: 3_600, answerBytes: 1_000 };

const deliver = (value: Json) => readDeliver(value, "deliver");
const intake = (value: JsonObject) => readIntake(new JsonReader(value, "intake"));

describe("what a seller is configured to hand over", () => {
  it("is known by its digest, or is a file, or an API", () => {
    assert.deepEqual(deliver(DIGEST), { kind: "digest", digest: DIGEST });
    const served = { ...SERVED, url: null, tls: null, perHost: null };
    assert.deepEqual(deliver({ artifact: "goods", ...SERVED }), { kind: "artifact", file: "goods", ...served });
    const meter = { kind: "meter", upstream: METER.upstream, leastUnitPrice: 5n, mostCredit: 500n, mostSeconds: 3_600 };
    const url = "https://api.example";
    assert.deepEqual(deliver({ meter: METER, ...SERVED, url: `${url}/` }), { ...meter, ...served, url });
  });

  it("may be access to an API for a time", () => {
    const read = deliver({ access: ACCESS, ...SERVED });
    assert.deepEqual(read, { kind: "access", ...ACCESS, ...SERVED, url: null, tls: null, perHost: null });
  });

  it("is refused with the field that is wrong", () => {
    for (const [value, path] of [
      [{ access: { ...ACCESS, mostCalls: 0 }, ...SERVED }, "deliver.access.mostCalls"],
      [{ access: { ...ACCESS, leastUnitPrice: "5" }, ...SERVED }, "deliver.access.leastUnitPrice"],
      [{ access: { ...ACCESS, upstream: "ws://127.0.0.1" }, ...SERVED }, "deliver.access.upstream"],
      [{ access: ACCESS, meter: METER, ...SERVED }, "deliver.access"],
      ["0x12", "deliver"],
      [{ artifact: "goods" }, "deliver.listen"],
      [{ artifact: "goods", listen: "ws://127.0.0.1:1" }, "deliver.listen"],
      [{ artifact: "goods", listen: "https://127.0.0.1:1" }, "deliver.tls"],
      [{ artifact: "goods", ...SERVED, more: 1 }, "deliver.more"],
      [{ meter: { ...METER, upstream: "3000" }, ...SERVED }, "deliver.meter.upstream"],
      [{ meter: { ...METER, mostCredit: 500 }, ...SERVED }, "deliver.meter.mostCredit"],
      [{ meter: METER, artifact: "goods", ...SERVED }, "deliver.artifact"],
    ] as const) {
      assert.throws(() => deliver(value), { code: "Malformed", facts: { path } }, path);
    }
  });
});

describe("where a buyer is configured to take things in", () => {
  it("has a folder, and trusts no address that it isn't told to", () => {
    assert.deepEqual(intake({ folder: "bought" }), {
      folder: "bought",
      allow: new Set(),
      mostBytes: 2 ** 30,
      mostCallBytes: 4 * 2 ** 20,
      calls: null,
    });
    const { allow, calls } = intake({ folder: "b", allow: ["http://10.0.0.1:7710"], calls: "http://127.0.0.1:7801" });
    assert.deepEqual([[...allow], calls], [["http://10.0.0.1:7710"], "http://127.0.0.1:7801"]);
  });

  it("is refused with the field that is wrong", () => {
    for (const [value, path] of [
      [{}, "intake.folder"],
      [{ folder: "b", allow: ["http://10.0.0.1/path"] }, "intake.allow"],
      [{ folder: "b", allow: ["10.0.0.1"] }, "intake.allow"],
      [{ folder: "b", allow: "http://10.0.0.1" }, "intake.allow"],
      [{ folder: "b", mostBytes: 0 }, "intake.mostBytes"],
      [{ folder: "b", mostCallBytes: 2 ** 30 }, "intake.mostCallBytes"],
      [{ folder: "b", calls: "http://0.0.0.0:7801" }, "intake.calls"],
    ] as const) {
      assert.throws(() => intake(value), { code: "Malformed", facts: { path } }, path);
    }
  });
});
