import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../offchain/kernel/binary.ts";
import { type Hex, toHex } from "../../../offchain/kernel/bytes.ts";

/** One field: how it is written, how it is read, and the bytes that it should come to. */
interface Field {
  readonly write: (writer: ByteWriter) => void;
  readonly read: (reader: ByteReader) => unknown;
  readonly value: unknown;
  readonly digits: string;
}

const digitsOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const uintField: fc.Arbitrary<Field> = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.maxSafeNat().map((random) => {
    const value = size > 6 ? random : random % 2 ** (8 * size);
    const digits = value.toString(16).padStart(2 * size, "0");
    return { write: (writer) => writer.uint(value, size), read: (reader) => reader.uint(size), value, digits };
  }),
);

const bytesField: fc.Arbitrary<Field> = fc.uint8Array({ maxLength: 300 }).map((value) => {
  const digits = value.length.toString(16).padStart(4, "0") + digitsOf(value);
  return { write: (writer) => writer.block(value, 2), read: (reader) => reader.block(2), value, digits };
});

const hexField: fc.Arbitrary<Field> = fc.uint8Array({ maxLength: 40 }).map((bytes) => {
  const value = toHex(bytes);
  const [size, digits] = [bytes.length, digitsOf(bytes)];
  return { write: (writer) => writer.hex(value, size), read: (reader) => reader.hex(size), value, digits };
});

const bigField: fc.Arbitrary<Field> = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value) => {
  const digits = value.toString(16).padStart(64, "0");
  return { write: (writer) => writer.bigUint(value, 32), read: (reader) => reader.bigUint(32), value, digits };
});

const fields = fc.array(fc.oneof(uintField, bytesField, hexField, bigField));

describe("binary fields", () => {
  it("are written one after another, whatever the buffer began with, and read back", () => {
    const property = fc.property(fields, fc.nat(1_000), (list, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const { write } of list) write(writer);
      const bytes = writer.finish();
      assert.equal(digitsOf(bytes), list.map(({ digits }) => digits).join(""));
      const reader = new ByteReader(bytes);
      for (const { read, value } of list) assert.deepEqual(read(reader), value);
      reader.end();
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("survive the growth of the buffer, each in its own way", () => {
    const grow = (write: (writer: ByteWriter) => ByteWriter) => toHex(write(new ByteWriter(1).uint(7, 1)).finish());
    assert.equal(
      grow((writer) => writer.uint(0x0102, 2)),
      "0x070102",
    );
    assert.equal(
      grow((writer) => writer.bigUint(0x0102n, 2)),
      "0x070102",
    );
    assert.equal(
      grow((writer) => writer.hex("0x0102", 2)),
      "0x070102",
    );
    assert.equal(
      grow((writer) => writer.bytes(Uint8Array.of(1, 2))),
      "0x070102",
    );
    assert.equal(
      grow((writer) => writer.text("\u0001\u0002", 1)),
      "0x07020102",
    );
  });

  const misfits: [string, (writer: ByteWriter) => unknown][] = [
    ["a number a byte too large", (writer) => writer.uint(256, 1)],
    ["a negative number", (writer) => writer.uint(-1, 8)],
    ["a fraction", (writer) => writer.uint(0.5, 1)],
    ["a number past 2^53 - 1", (writer) => writer.uint(2 ** 53, 8)],
    ["NaN", (writer) => writer.uint(Number.NaN, 8)],
    ["a large integer that is too large", (writer) => writer.bigUint(1n << 128n, 16)],
    ["a negative large integer", (writer) => writer.bigUint(-1n, 32)],
    ["hexadecimal too short", (writer) => writer.hex("0x00", 2)],
    ["hexadecimal too long", (writer) => writer.hex("0x000000", 2)],
    ["bytes longer than their length can say", (writer) => writer.block(new Uint8Array(256), 1)],
  ];
  for (const [name, write] of misfits) {
    it(`don't take ${name}`, () => {
      assert.throws(() => write(new ByteWriter()), { name: "ParleyError", code: "OutOfRange" });
    });
  }

  it("don't take what is not hexadecimal", () => {
    assert.throws(() => new ByteWriter().hex("0xzz" as Hex, 1), { code: "BadHex" });
  });

  it("are not read past the end", () => {
    const reader = () => new ByteReader(Uint8Array.of(0, 0, 0, 9, 1));
    assert.throws(() => reader().uint(6), { code: "Truncated" });
    assert.throws(() => reader().hex(32), { code: "Truncated" });
    assert.throws(() => reader().block(4), { code: "Truncated" });
    assert.throws(() => new ByteReader(new Uint8Array()).uint(1), { code: "Truncated" });
  });

  it("are not read past 2^53 - 1 as a number", () => {
    const largest = new ByteReader(Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255));
    assert.equal(largest.uint(8), Number.MAX_SAFE_INTEGER);
    for (const bytes of [
      [0, 0x20, 0, 0, 0, 0, 0, 0],
      [0, 0x20, 0, 0, 0, 0, 0, 1],
      [255, 255, 255, 255, 255, 255, 255, 255],
    ]) {
      assert.throws(() => new ByteReader(Uint8Array.from(bytes)).uint(8), { code: "OutOfRange" });
    }
  });

  it("leave nothing over", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2));
    reader.uint(1);
    assert.equal(reader.remaining, 1);
    assert.throws(() => reader.end(), { code: "TrailingBytes" });
  });
});
