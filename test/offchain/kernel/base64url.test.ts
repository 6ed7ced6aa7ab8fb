import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromBase64url, toBase64url } from "../../../offchain/kernel/base64url.ts";

describe("base64url", () => {
  it("is what the platform writes, and comes back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64url(bytes);
        assert.equal(text, Buffer.from(bytes).toString("base64url"));
        assert.deepEqual(fromBase64url(text), bytes);
      }),
    );
  });

  it("has one spelling for each value: whatever else looks like it is refused", () => {
    for (const text of ["A", "AB", "AAB", "AA==", "AA=", "+/+/", "AAA A", "AAAAA", "é", "AAA\n"]) {
      assert.throws(() => fromBase64url(text), { code: "BadBase64url" }, text);
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        try {
          assert.equal(toBase64url(fromBase64url(text)), text);
        } catch (thrown) {
          assert.ok(thrown instanceof Error && "code" in thrown && thrown.code === "BadBase64url");
        }
      }),
      { numRuns: 500 },
    );
  });
});
