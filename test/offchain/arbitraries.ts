// Anything that the types allow, edges included.
import fc from "fast-check";
import { type Hex, toHex } from "../../offchain/kernel/bytes.ts";
import type { Agreement } from "../../offchain/terms/agreement.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import type { Certificate, SessionKey } from "../../offchain/terms/certificate.ts";
import type { Deal } from "../../offchain/terms/deal.ts";
import { type Envelope, KINDS } from "../../offchain/terms/envelope.ts";
import type { Message } from "../../offchain/terms/message.ts";
import { REFUSAL_CODES, type RefusalCode } from "../../offchain/terms/refusal.ts";

/** Objects as literals make them. */
export function record<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

/** Hexadecimal of that many bytes; all zeros and all ones come often. */
export function hex(size: number): fc.Arbitrary<Hex> {
  const edges = fc.constantFrom<Hex>(`0x${"00".repeat(size)}`, `0x${"ff".repeat(size)}`);
  const random = fc.uint8Array({ minLength: size, maxLength: size }).map(toHex);
  return fc.oneof({ weight: 1, arbitrary: edges }, { weight: 6, arbitrary: random });
}

export const bytes32 = hex(32);
export const address = hex(20);

/** An unsigned integer of that many bits, edges included. */
export function bigUint(bits: number): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
}

/** The same as a number, up to 2^53 - 1. */
export function uint(bits: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: Math.min(2 ** bits - 1, Number.MAX_SAFE_INTEGER) });
}

export const deal: fc.Arbitrary<Deal> = record({
  buyer: bigUint(256),
  seller: bigUint(256),
  token: address,
  price: bigUint(128),
  buyerBond: bigUint(128),
  sellerBond: bigUint(128),
  commitBy: uint(40),
  deliverWithin: uint(32),
  reviewPeriod: uint(32),
  arbitrator: address,
  maxFee: bigUint(96),
  rulingWithin: uint(32),
  lapseShare: uint(16),
  category: bytes32,
  terms: bytes32,
  negotiation: bytes32,
});

export const agreement: fc.Arbitrary<Agreement> = record({
  deal,
  transcript: bytes32,
  buyerEpoch: uint(32),
  sellerEpoch: uint(32),
});

export const sessionKey: fc.Arbitrary<SessionKey> = record({
  agent: bigUint(256),
  settlement: address,
  x: bytes32,
  y: bytes32,
  notBefore: uint(64),
  notAfter: uint(64),
  epoch: uint(32),
});

export const certificate: fc.Arbitrary<Certificate> = record({
  key: sessionKey,
  signature: fc.oneof(hex(65), hex(0)),
});

/** Any well-formed text. */
export function text(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: "binary", maxLength });
}

const refusalCode = fc.constantFrom(...(Object.keys(REFUSAL_CODES) as RefusalCode[]));

export const body: fc.Arbitrary<Body> = fc.oneof(
  record({
    kind: fc.constant("OPEN" as const),
    responder: bigUint(256),
    salt: bytes32,
    certificate,
    proposal: text(1_500),
  }),
  record({ kind: fc.constant("JOIN" as const), open: bytes32, salt: bytes32, certificate }),
  record({ kind: fc.constant("OFFER" as const), deal }),
  record({ kind: fc.constant("ACCEPT" as const), deal: bytes32 }),
  // 70 characters of up to 4 bytes each: a note of at most 280.
  record({ kind: fc.constant("END" as const), code: refusalCode, subject: bytes32, note: text(70) }),
  record({ kind: fc.constant("DELIVER" as const), deal: bytes32, evidence: bytes32 }),
  record({ kind: fc.constant("RECEIPT" as const), deal: bytes32, total: bigUint(128) }),
  record({ kind: fc.constant("CANCEL" as const), deal: bytes32, toSeller: bigUint(128), until: uint(40) }),
  record({ kind: fc.constant("DISPUTE" as const), deal: bytes32, share: uint(16), evidence: bytes32 }),
);

export const envelope: fc.Arbitrary<Envelope> = record({
  negotiation: bytes32,
  agent: bigUint(256),
  seq: uint(32),
  kind: fc.constantFrom(...KINDS),
  sentAt: uint(64),
  prev: bytes32,
  seen: bytes32,
  body: bytes32,
});

/** A message whose body is the one that its envelope names; the signature is any. */
export const message: fc.Arbitrary<Message> = fc.tuple(envelope, hex(64), body).map(([place, signature, content]) => ({
  envelope: { ...place, kind: content.kind, body: hashBody(content) },
  signature,
  body: content,
}));
