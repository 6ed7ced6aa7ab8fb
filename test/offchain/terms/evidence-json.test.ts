import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../offchain/kernel/hash.ts";
import { decodeEvidenceJson, encodeEvidenceJson } from "../../../offchain/terms/evidence-json.ts";
import { digestOf, multihashOf } from "../../../offchain/terms/multihash.ts";

const EVIDENCE = {
  fileURI: "https://files.example/deal.evidence.json",
  fileHash: sha256(new Uint8Array()),
  fileTypeExtension: "json",
  name: "Transcript",
  description: "half of it is missing",
} as const;

describe("a multihash", () => {
  it("is what other implementations write for the same bytes", () => {
    // SHA-256 of nothing, as the multihash specification's tools print it.
    assert.equal(multihashOf(EVIDENCE.fileHash), "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n");
  });

  it("comes back as the digest that it was made of", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        assert.equal(digestOf(multihashOf(toHex(bytes))), toHex(bytes));
      }),
    );
  });

  it("is refused where it is of another kind or length", () => {
    for (const text of [
      "",
      "Qm",
      `Qm${"1".repeat(45)}`,
      `Qm${"z".repeat(44)}`,
      `Qn${"1".repeat(44)}`,
      `Qm${"0".repeat(44)}`,
    ]) {
      assert.throws(() => digestOf(text), { code: "Malformed" }, text);
    }
  });
});

describe("evidence by ERC-1497", () => {
  it("is read as it was written", () => {
    assert.deepEqual(decodeEvidenceJson(encodeEvidenceJson(EVIDENCE)), EVIDENCE);
  });

  it("is refused with anything in it changed, since it names its own hash", () => {
    const changed = encodeEvidenceJson(EVIDENCE).replace("half", "most");
    assert.throws(() => decodeEvidenceJson(changed), { code: "EvidenceAltered" });
  });

  it("may have been written by others: without a hash of itself, and with more in it", () => {
    const { fileHash, ...rest } = EVIDENCE;
    const foreign = JSON.stringify({ ...rest, fileHash: multihashOf(fileHash), evidenceDisplayInterfaceURI: "x" });
    assert.deepEqual(decodeEvidenceJson(foreign), EVIDENCE);
  });

  it("is refused where something is missing or too long", () => {
    for (const text of ["", "[]", "{}", JSON.stringify({ ...EVIDENCE, fileHash: "0x00" })]) {
      assert.throws(() => decodeEvidenceJson(text), { code: "Malformed" });
    }
    const long = encodeEvidenceJson({ ...EVIDENCE, fileURI: `https://x/${"x".repeat(2_048)}` });
    assert.throws(() => decodeEvidenceJson(long), { code: "Malformed" });
  });
});
