import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../offchain/kernel/hash.ts";
import { canonicalJson, hashJson, type Json, parseCanonicalJson } from "../../../offchain/terms/canonical-json.ts";

const text = fc.string({ unit: "binary" });

const { json } = fc.letrec<{ json: Json; list: Json; object: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false),
    fc.maxSafeInteger().map((value) => (value === 0 ? 0 : value)),
    text,
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("json"), { maxLength: 5 }),
  object: fc
    .array(
      fc.tuple(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "1", "10", "9")), tie("json")),
      {
        maxLength: 5,
      },
    )
    // As JSON.parse makes them: `__proto__` is a name like any other.
    .map((members) => {
      const object = {};
      for (const [name, value] of members) {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return object;
    }),
}));

/** The members of every object in another order. */
function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).reverse();
  const object = {};
  for (const [name, member] of members) {
    Object.defineProperty(object, name, { value: reordered(member), enumerable: true, configurable: true });
  }
  return object;
}

describe("canonical JSON", () => {
  it("is JSON that says the same", () => {
    fc.assert(fc.property(json, (value) => assert.deepEqual(JSON.parse(canonicalJson(value)), value)));
  });

  it("is one text for one value, in whatever order its members came", () => {
    fc.assert(fc.property(json, (value) => assert.equal(canonicalJson(reordered(value)), canonicalJson(value))));
  });

  it("is taken as it is, and as nothing else", () => {
    const property = fc.property(json, (value) => {
      const canonical = canonicalJson(value);
      assert.equal(canonicalJson(parseCanonicalJson(canonical)), canonical);
      for (const other of [` ${canonical}`, `${canonical}\n`, `\ufeff${canonical}`]) {
        assert.throws(() => parseCanonicalJson(other), { name: "ParleyError", code: "Malformed" });
      }
    });
    fc.assert(property);
  });

  it("never throws anything but a refusal at any text", () => {
    const property = fc.property(fc.oneof(text, fc.json()), (document) => {
      try {
        assert.equal(canonicalJson(parseCanonicalJson(document)), document);
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, "Malformed");
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("sorts names by UTF-16 code units, as the example of RFC 8785 does", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(names.map((name) => [name, 0])))) as object);
    assert.deepEqual(sorted.slice(1), ["\r", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"]);
    assert.equal(canonicalJson({ "10": 0, "9": 0, "\r": 0 }), '{"\\r":0,"10":0,"9":0}');
  });

  it("writes escapes as RFC 8785 does", () => {
    assert.equal(
      canonicalJson('\u0000\b\t\n\f\r\u001f"\\/\u007f\u2028'),
      '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u2028"',
    );
  });

  it("keeps members by the name __proto__ apart from prototypes", () => {
    const hostile = parseCanonicalJson('{"__proto__":{"role":"buyer"}}');
    assert.equal((hostile as { role?: unknown }).role, undefined);
    assert.equal(canonicalJson(hostile), '{"__proto__":{"role":"buyer"}}');
  });

  const refused: [string, unknown][] = [
    ["fractions", 0.1],
    ["integers past 2^53 - 1", 2 ** 53],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["large integers", 1n],
    ["undefined", undefined],
    ["undefined members", { a: undefined }],
    ["functions", () => 1],
    ["symbols", Symbol("a")],
    ["half of a surrogate pair", "\ud800"],
    ["half of a surrogate pair in a name", { "a\udc00": 1 }],
  ];
  for (const [name, value] of refused) {
    it(`has no ${name}`, () => {
      assert.throws(() => canonicalJson(value as Json), { name: "ParleyError", code: "Malformed" });
    });
  }

  it("writes 0 for -0, and doesn't take -0", () => {
    assert.equal(canonicalJson(-0), "0");
    assert.throws(() => parseCanonicalJson("-0"), { code: "Malformed" });
  });

  it("is nested 32 deep at most, however deep the document is, and circles are refused", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    assert.equal(canonicalJson(parseCanonicalJson(nested(33))), nested(33));
    for (const depth of [34, 1_000, 100_000]) {
      assert.throws(() => parseCanonicalJson(nested(depth)), { code: "Malformed" });
    }
    const circle: Record<string, Json> = {};
    circle["circle"] = circle;
    assert.throws(() => canonicalJson(circle), { code: "Malformed" });
  });

  it("is named by its SHA-256 in UTF-8", () => {
    const value = { b: "\u20ac", a: [1, null] };
    assert.equal(hashJson(value), sha256(utf8.encode('{"a":[1,null],"b":"\u20ac"}')));
  });

  it("takes a large document in time", () => {
    const document = canonicalJson(
      Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, index])),
    );
    const started = performance.now();
    parseCanonicalJson(document);
    assert.ok(performance.now() - started < 2_000);
  });
});
