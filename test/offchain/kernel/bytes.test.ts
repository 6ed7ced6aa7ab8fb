import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { concat, equalBytes, fromHex, isHex, toBigInt, toHex, utf8, writeHex } from "../../../offchain/kernel/bytes.ts";

const NOT_HEX = [
  "",
  "0x0",
  "00",
  "0X00",
  "0xg0",
  "0x0g",
  "0x 0",
  "0x00 ",
  "0x-1",
  "0x\u{1f600}",
  "0x\u0130\u0130",
  "x00",
];

describe("hexadecimal", () => {
  it("comes back as the same bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromHex(toHex(bytes)), bytes)));
  });

  it("is what Node writes", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    assert.equal(toHex(bytes), `0x${Buffer.from(bytes).toString("hex")}`);
  });

  it("is read in either case, and written in lower", () => {
    assert.equal(toHex(fromHex("0xABCDEFabcdef")), "0xabcdefabcdef");
  });

  for (const text of NOT_HEX) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => fromHex(text), { name: "ParleyError", code: "BadHex" });
      assert.equal(isHex(text), false);
    });
  }

  it("is told by its length", () => {
    assert.equal(isHex("0x"), true);
    assert.equal(isHex("0x", 1), false);
    assert.equal(isHex("0x0a", 1), true);
    assert.equal(isHex("0x0a0b", 1), false);
    for (const value of [undefined, null, 10, ["0x0a"], { length: 4 }]) assert.equal(isHex(value), false);
  });

  it("is written into the middle of other bytes, and nowhere else", () => {
    const target = new Uint8Array(4).fill(9);
    writeHex(target, 1, "0x0102");
    assert.deepEqual([...target], [9, 1, 2, 9]);
  });

  it("spells an unsigned integer", () => {
    assert.equal(toBigInt(new Uint8Array()), 0n);
    assert.equal(toBigInt(Uint8Array.of(0, 1, 0)), 256n);
  });
});

describe("bytes", () => {
  it("are joined in order", () => {
    assert.deepEqual([...concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))], [1, 2, 3]);
  });

  it("are equal only where all are", () => {
    assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
    assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
    assert.equal(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)), false);
  });
});

describe("UTF-8", () => {
  it("comes back as the same text, byte order marks included", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(utf8.decode(utf8.encode(`\ufeff${text}`)), `\ufeff${text}`);
    });
    fc.assert(property);
  });

  it("is refused where it is malformed, overlong or a surrogate", () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]) {
      assert.throws(() => utf8.decode(Uint8Array.from(bytes)), { name: "ParleyError", code: "BadUtf8" });
    }
  });

  it("decodes to what encodes to the same bytes, or not at all", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      let text: string;
      try {
        text = utf8.decode(bytes);
      } catch {
        return;
      }
      assert.deepEqual(utf8.encode(text), bytes);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
