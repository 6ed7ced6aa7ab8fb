import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../offchain/kernel/binary.ts";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { hashBody } from "../../../offchain/terms/body.ts";
import { readBody, writeBody } from "../../../offchain/terms/body-codec.ts";
import { readCertificate, writeCertificate } from "../../../offchain/terms/certificate.ts";
import { decodeResume, encodeResume } from "../../../offchain/terms/control.ts";
import { hashDeal, readDeal, writeDeal } from "../../../offchain/terms/deal.ts";
import { hashEnvelope, KINDS, readEnvelope, writeEnvelope } from "../../../offchain/terms/envelope.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, peekNegotiation } from "../../../offchain/terms/message.ts";
import { Refusal } from "../../../offchain/terms/refusal.ts";
import * as anything from "../arbitraries.ts";

/** Reads all of what `write` wrote. */
function through<T>(value: T, write: (writer: ByteWriter, value: T) => ByteWriter, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(write(new ByteWriter(), value).finish());
  const back = read(reader);
  reader.end();
  return back;
}

/** What a decoder makes of bytes; null where it refuses them as it may. */
function attempt<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array, refuses: typeof ParleyError | typeof Refusal) {
  try {
    return decode(bytes);
  } catch (thrown) {
    assert.ok(thrown instanceof refuses, `threw ${String(thrown)}`);
    return null;
  }
}

/** A change to bytes: one bit, a cut, something more, or a stretch of ones or zeros. */
const mutation: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    const index = at % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  }),
  fc.nat().map((length) => (bytes: Uint8Array) => bytes.slice(0, length % bytes.length)),
  fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => (bytes: Uint8Array) => Uint8Array.of(...bytes, ...more)),
  fc.tuple(fc.nat(), fc.constantFrom(0, 255)).map(([at, fill]) => (bytes: Uint8Array) => {
    const start = at % bytes.length;
    return bytes.slice().fill(fill, start, start + 8);
  }),
);

describe("packed encodings come back as the same", () => {
  it("deals", () => {
    fc.assert(fc.property(anything.deal, (deal) => assert.deepEqual(through(deal, writeDeal, readDeal), deal)));
  });

  it("certificates, signed or not", () => {
    const property = fc.property(anything.certificate, (certificate) => {
      assert.deepEqual(through(certificate, writeCertificate, readCertificate), certificate);
    });
    fc.assert(property);
  });

  it("envelopes", () => {
    const property = fc.property(anything.envelope, (envelope) => {
      assert.deepEqual(through(envelope, writeEnvelope, readEnvelope), envelope);
    });
    fc.assert(property);
  });

  it("bodies", () => {
    const property = fc.property(anything.body, (body) => {
      const read = (reader: ByteReader) => readBody(reader, body.kind, hashBody(body));
      assert.deepEqual(through(body, writeBody, read), body);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("messages", () => {
    const property = fc.property(anything.message, (message) => {
      assert.deepEqual(decodeMessage(encodeMessage(message)), message);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe("packed encodings are fixed in size", () => {
  const sizes: [string, number, () => ByteWriter][] = [
    ["a deal", 279, () => writeDeal(new ByteWriter(), fc.sample(anything.deal, { numRuns: 1, seed: 1 })[0] as never)],
    [
      "an envelope",
      173,
      () => writeEnvelope(new ByteWriter(), fc.sample(anything.envelope, { numRuns: 1, seed: 1 })[0] as never),
    ],
  ];
  for (const [name, size, write] of sizes) it(name, () => assert.equal(write().finish().length, size));
});

describe("every field counts", () => {
  it("of a deal, in its hash", () => {
    const property = fc.property(anything.deal, anything.deal, (one, other) => {
      for (const field of Object.keys(one) as (keyof typeof one)[]) {
        if (one[field] === other[field]) continue;
        assert.notEqual(hashDeal({ ...one, [field]: other[field] }), hashDeal(one), field);
      }
    });
    fc.assert(property);
  });

  it("of an envelope, and its Settlement", () => {
    const property = fc.property(anything.envelope, anything.envelope, anything.bytes32, (one, other, separator) => {
      const elsewhere = `${separator.slice(0, -1)}${separator.endsWith("0") ? "1" : "0"}` as const;
      assert.notEqual(hashEnvelope(elsewhere as `0x${string}`, one), hashEnvelope(separator, one));
      for (const field of Object.keys(one) as (keyof typeof one)[]) {
        if (one[field] === other[field]) continue;
        assert.notEqual(
          hashEnvelope(separator, { ...one, [field]: other[field] }),
          hashEnvelope(separator, one),
          field,
        );
      }
    });
    fc.assert(property);
  });

  it("but not the case of hexadecimal", () => {
    const property = fc.property(anything.deal, (deal) => {
      const upper = { ...deal, token: `0x${deal.token.slice(2).toUpperCase()}` as const };
      assert.equal(hashDeal(upper), hashDeal(deal));
      assert.deepEqual(through(upper, writeDeal, readDeal), deal);
    });
    fc.assert(property);
  });
});

describe("decodeMessage", () => {
  it("throws nothing but refusals at random bytes", () => {
    const random = fc.uint8Array({ maxLength: 700 });
    const known = fc.tuple(random, fc.nat(9)).map(([bytes, kind]) => {
      if (bytes.length > 0) bytes[0] = 1;
      if (bytes.length > 69) bytes[69] = kind;
      return bytes;
    });
    const property = fc.property(fc.oneof(random, known), (bytes) => {
      assert.equal(attempt(decodeMessage, bytes, Refusal), null);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("refuses what was altered, or reads it as what encodes to the same bytes", () => {
    const property = fc.property(anything.message, mutation, (message, mutate) => {
      const bytes = mutate(encodeMessage(message));
      const decoded = attempt(decodeMessage, bytes, Refusal);
      if (decoded !== null) assert.equal(toHex(encodeMessage(decoded)), toHex(bytes));
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("never takes two different contents for one body hash, but for a certificate's signature", () => {
    const property = fc.property(anything.message, fc.nat(), fc.nat(7), (message, random, bit) => {
      const bytes = encodeMessage(message);
      const content = bytes.length - 238;
      fc.pre(content > 0);
      const at = 238 + (random % content);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const decoded = attempt(decodeMessage, bytes, Refusal);
      if (decoded === null) return;
      assert.ok(decoded.body.kind === "OPEN" || decoded.body.kind === "JOIN");
      assert.ok(message.body.kind === "OPEN" || message.body.kind === "JOIN");
      assert.notEqual(decoded.body.certificate.signature, message.body.certificate.signature);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("takes a message of the largest size, and none over it, either way", () => {
    const open = fc.sample(
      anything.message.filter(({ body }) => body.kind === "OPEN"),
      { numRuns: 1, seed: 1 },
    )[0];
    assert.ok(open?.body.kind === "OPEN");
    const body = { ...open.body, proposal: "" };
    const room = MAX_MESSAGE_BYTES - encodeMessage({ ...open, body }).length;
    const sized = (length: number) => {
      const filled = { ...body, proposal: "a".repeat(length) };
      return { ...open, envelope: { ...open.envelope, body: hashBody(filled) }, body: filled };
    };
    const largest = encodeMessage(sized(room));
    assert.equal(largest.length, MAX_MESSAGE_BYTES);
    assert.deepEqual(decodeMessage(largest), sized(room));
    assert.throws(() => encodeMessage(sized(room + 1)), { name: "Refusal", code: "Oversized" });
    assert.throws(() => decodeMessage(Uint8Array.of(...largest, 0)), { name: "Refusal", code: "Oversized" });
  });

  it("tells the negotiation of what it refuses, where there is one", () => {
    const property = fc.property(anything.message, (message) => {
      const bytes = encodeMessage(message);
      assert.equal(peekNegotiation(bytes.slice(0, 33)), message.envelope.negotiation);
      assert.equal(peekNegotiation(bytes.slice(0, 32)), null);
      assert.equal(peekNegotiation(Uint8Array.of(2, ...bytes.slice(1))), null);
    });
    fc.assert(property, { numRuns: 20 });
  });
});

describe("encoding refuses", () => {
  const [message] = fc.sample(anything.message, { numRuns: 1, seed: 7 });
  assert.ok(message);

  it("a signature that is not of 64 bytes", () => {
    for (const signature of ["0x", `0x${"00".repeat(63)}`, `0x${"00".repeat(65)}`] as const) {
      assert.throws(() => encodeMessage({ ...message, signature }), { code: "OutOfRange" });
    }
  });

  it("a certificate signed with any other number of bytes than 65 or none, as reading does", () => {
    const property = fc.property(
      anything.certificate,
      fc.uint8Array({ minLength: 1, maxLength: 300 }).filter(({ length }) => length !== 65),
      (certificate, signature) => {
        const odd = { ...certificate, signature: toHex(signature) };
        assert.throws(() => writeCertificate(new ByteWriter(), odd), { code: "Malformed" });
        const unsigned = writeCertificate(new ByteWriter(), { ...certificate, signature: "0x" }).finish();
        const bytes = new ByteWriter().bytes(unsigned.slice(0, -2)).block(signature, 2).finish();
        assert.throws(() => readCertificate(new ByteReader(bytes)), { code: "Malformed" });
      },
    );
    fc.assert(property);
  });

  it("a kind that is none", () => {
    const envelope = { ...message.envelope, kind: "SHOUT" as never };
    assert.throws(() => encodeMessage({ ...message, envelope }), { code: "OutOfRange" });
    assert.throws(() => hashEnvelope(message.envelope.prev, envelope), { code: "OutOfRange" });
  });

  it("a note over 280 bytes, as reading does", () => {
    const body = { kind: "END", code: "Withdrawn", subject: message.envelope.prev, note: "\u20ac".repeat(94) } as const;
    assert.throws(() => writeBody(new ByteWriter(), body), { name: "Refusal", code: "Malformed" });
  });

  it("in a hash what no contract could take", () => {
    const [deal] = fc.sample(anything.deal, { numRuns: 1, seed: 7 });
    assert.ok(deal);
    const wrong: Partial<typeof deal>[] = [
      { price: 1n << 128n },
      { price: -1n },
      { buyer: 1n << 256n },
      { maxFee: 1n << 96n },
      { commitBy: 2 ** 40 },
      { deliverWithin: 2 ** 32 },
      { lapseShare: 65_536 },
      { rulingWithin: 0.5 },
      { reviewPeriod: Number.NaN },
      { token: "0x00" },
      { terms: `0x${"00".repeat(31)}` },
    ];
    for (const changes of wrong) {
      assert.throws(
        () => hashDeal({ ...deal, ...changes }),
        { code: "OutOfRange" },
        JSON.stringify(Object.keys(changes)),
      );
    }
  });
});

describe("resume frames", () => {
  const resume = anything.record({ negotiation: anything.bytes32, have: anything.uint(32), answer: fc.boolean() });

  it("come back as the same", () => {
    fc.assert(fc.property(resume, (value) => assert.deepEqual(decodeResume(encodeResume(value)), value)));
  });

  it("have one spelling, and refuse every other bytes by name", () => {
    const altered = fc.tuple(resume, mutation).map(([value, mutate]) => mutate(encodeResume(value)));
    const property = fc.property(fc.oneof(altered, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      const decoded = attempt(decodeResume, bytes, ParleyError);
      if (decoded !== null) assert.deepEqual(encodeResume(decoded), bytes);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("are told from messages by their first byte", () => {
    const property = fc.property(resume, (value) => {
      assert.throws(() => decodeMessage(encodeResume(value)), { name: "Refusal", code: "Malformed" });
    });
    fc.assert(property, { numRuns: 10 });
  });
});

describe("kinds", () => {
  it("keep their numbers", () => {
    const expected = ["OPEN", "JOIN", "OFFER", "ACCEPT", "END", "DELIVER", "RECEIPT", "CANCEL", "DISPUTE"];
    assert.deepEqual([...KINDS], expected);
  });
});
