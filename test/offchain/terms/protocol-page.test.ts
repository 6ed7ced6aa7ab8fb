// The page that strangers write their verifiers from says what the code does, wherever that can be held together.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { keccakText } from "../../../offchain/kernel/hash.ts";
import { MAX_NOTE_BYTES } from "../../../offchain/terms/body-codec.ts";
import { DEAL_TYPE } from "../../../offchain/terms/deal.ts";
import { KINDS } from "../../../offchain/terms/envelope.ts";
import { MAX_MESSAGE_BYTES } from "../../../offchain/terms/message.ts";
import { MAX_ROUNDS } from "../../../offchain/terms/proposal.ts";
import { REFUSAL_CODES } from "../../../offchain/terms/refusal.ts";
import { generate } from "../../vectors/generate.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "protocol.md"), "utf8");

/** The groups of each match. */
function matches(pattern: RegExp): string[][] {
  return [...PAGE.matchAll(pattern)].map((match) => match.slice(1));
}

describe("the protocol's page", () => {
  it("gives the type hash of each type string", () => {
    const types = matches(/^([A-Z]\w+\(.*\))\n(0x[0-9a-f]{64})$/gm);
    assert.equal(types.length, 14);
    for (const [type = "", hash] of types) {
      const whole = type.startsWith("Agreement(") ? type + DEAL_TYPE : type;
      assert.equal(keccakText(whole), hash, type);
    }
  });

  it("lists every code with its number, and no other", () => {
    const codes = matches(/^\| (\d+) \| `(\w+)` \|/gm).map(([number, name]) => [name, Number(number)]);
    assert.deepEqual(Object.fromEntries(codes), REFUSAL_CODES);
  });

  it("lists the kinds in their order", () => {
    const kinds = matches(/^\| (\d) \| ([A-Z]+) \|/gm);
    assert.deepEqual(
      kinds,
      KINDS.map((kind, number) => [String(number), kind]),
    );
  });

  it("gives the limits", () => {
    const limit = (what: string) => {
      const [[value = ""] = []] = matches(new RegExp(`^\\| ${what} \\| ([0-9,]+)`, "gm"));
      return Number(value.replaceAll(",", ""));
    };
    assert.equal(limit("a message"), MAX_MESSAGE_BYTES);
    assert.equal(limit("a note of an END"), MAX_NOTE_BYTES);
    assert.equal(limit("rounds"), MAX_ROUNDS);
  });

  it("names every file of vectors, and no other", () => {
    const named = new Set(matches(/\*Vectors: ([^*]+)\.\*/g).flatMap(([list = ""]) => list.match(/[a-z-]+/g) ?? []));
    assert.deepEqual([...named].sort(), [...generate().keys()].sort());
  });
});
