import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Json, parseCanonicalJson } from "../../../offchain/terms/canonical-json.ts";
import { JsonReader } from "../../../offchain/terms/json-reader.ts";

function fails(read: () => unknown, path: string): void {
  assert.throws(read, (thrown: { code?: string; facts?: { path?: string } }) => {
    assert.equal(thrown.code, "Malformed");
    assert.equal(thrown.facts?.path, path);
    return true;
  });
}

const reader = (members: { [name: string]: Json }) => new JsonReader(members, "deal");

describe("JsonReader", () => {
  it("takes nothing but an object", () => {
    for (const value of [null, undefined, [], "text", 1, true]) fails(() => new JsonReader(value, "deal"), "deal");
  });

  it("names what is missing, and inherits nothing", () => {
    fails(() => reader({}).raw("price"), "deal.price");
    fails(() => reader({}).raw("toString"), "deal.toString");
    fails(() => reader({}).text("constructor"), "deal.constructor");
    fails(() => reader({}).raw("__proto__"), "deal.__proto__");
    fails(() => new JsonReader({}, "").raw("price"), "price");
  });

  it("reads within objects, and names the whole path", () => {
    fails(
      () =>
        reader({ within: { deep: 1 } })
          .object("within")
          .text("deep"),
      "deal.within.deep",
    );
    fails(() => reader({ within: [] }).object("within"), "deal.within");
  });

  it("refuses members that nobody read, __proto__ too", () => {
    const partly = reader({ known: 1, unknown: 2 });
    partly.raw("known");
    fails(() => partly.end(), "deal.unknown");
    fails(() => new JsonReader(parseCanonicalJson('{"__proto__":1}'), "deal").end(), "deal.__proto__");
    const whole = reader({ known: 1 });
    whole.raw("known");
    whole.end();
  });

  it("reads texts up to their longest", () => {
    assert.equal(reader({ a: "" }).text("a"), "");
    assert.equal(reader({ a: "x".repeat(200) }).text("a").length, 200);
    fails(() => reader({ a: "x".repeat(201) }).text("a"), "deal.a");
    fails(() => reader({ a: 1 }).text("a"), "deal.a");
  });

  it("reads integers within their bounds", () => {
    assert.equal(reader({ a: 1 }).integer("a", 1, 2), 1);
    assert.equal(reader({ a: 2 }).integer("a", 1, 2), 2);
    for (const a of [0, 3, 1.5, "1", null, Number.NaN]) fails(() => reader({ a }).integer("a", 1, 2), "deal.a");
  });

  it("reads one of the choices", () => {
    assert.equal(reader({ a: "buyer" }).oneOf("a", ["buyer", "seller"]), "buyer");
    for (const a of ["Buyer", "", 0, ["buyer"], null]) {
      fails(() => reader({ a }).oneOf("a", ["buyer", "seller"]), "deal.a");
    }
  });

  it("reads amounts, addresses and hashes, and explains what they are", () => {
    const hash = `0x${"AB".repeat(32)}`;
    assert.equal(reader({ a: "5" }).amount("a"), 5n);
    assert.equal(reader({ a: hash }).bytes32("a"), hash.toLowerCase());
    assert.equal(reader({ a: hash.slice(0, 42) }).address("a"), hash.slice(0, 42).toLowerCase());
    // An object that can't be turned into a text is refused as any other.
    for (const a of [5, "05", hash, null, { toString: 1, valueOf: 1 }]) {
      fails(() => reader({ a }).amount("a"), "deal.a");
      fails(() => reader({ a }).address("a"), "deal.a");
    }
    for (const a of [hash.slice(0, -2), `${hash}00`, hash.slice(2), 5]) {
      fails(() => reader({ a }).bytes32("a"), "deal.a");
    }
  });
});
