import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonOf } from "../../../offchain/cli/json-of.ts";

describe("JSON that is printed", () => {
  it("has nothing in it that a terminal obeys, and reads back as the same", () => {
    const quoted = {
      // Of C0, DEL and C1; what turns text around, isolates it, or ends a line; half of a pair; and backslashes before them.
      says: '\u0007\u001b[2J\u007f\u009b2J\u0085 \u202eevil\u2066\u200f\u061c \u2028\u2029 \ud800 \\\u009b \\\\\u202e "',
      "\u009bname": ["плата", "價", "🪙"],
    };
    const text = jsonOf(quoted);
    assert.doesNotMatch(text, /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    assert.deepEqual(JSON.parse(text), quoted);
    assert.ok(text.includes("плата") && text.includes("🪙"));
  });

  it("has amounts of any size as decimal strings", () => {
    assert.equal(jsonOf({ price: 2n ** 200n }), `{"price":"${2n ** 200n}"}`);
  });
});
