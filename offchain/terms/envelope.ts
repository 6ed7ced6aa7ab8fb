import type { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { ParleyError } from "../kernel/errors.ts";
import { keccakText, sha256 } from "../kernel/hash.ts";
import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";

/** Kinds of envelope; the index is the number on the wire and in the contracts. */
export const KINDS = ["OPEN", "JOIN", "OFFER", "ACCEPT", "END", "DELIVER", "RECEIPT", "CANCEL", "DISPUTE"] as const;

export type Kind = (typeof KINDS)[number];

/**
 * What is signed each time an agent speaks. Each side has a chain of its own, and `seen` weaves the two
 * chains into one transcript.
 */
export interface Envelope {
  /** The negotiation's id; in OPEN, which comes before it, the opener's half of it. */
  readonly negotiation: Bytes32;
  readonly agent: AgentId;
  /** Counts this side's envelopes from 0 without a gap. */
  readonly seq: number;
  readonly kind: Kind;
  /** Milliseconds by the sender's clock; informs, never judged. */
  readonly sentAt: number;
  /** Hash of this side's previous envelope; zero in the first. */
  readonly prev: Bytes32;
  /** Hash of the newest envelope had from the other side; of an ACCEPT, the OFFER that it accepts. */
  readonly seen: Bytes32;
  /** Deal hash of OFFER and ACCEPT, struct hash of the body of every other kind. */
  readonly body: Bytes32;
}

const ENVELOPE_TYPEHASH = keccakText(
  "Envelope(bytes32 negotiation,uint256 agent,uint32 seq,uint8 kind,uint64 sentAt,bytes32 prev,bytes32 seen," +
    "bytes32 body)",
);

interface Digested {
  readonly separator: Bytes32;
  readonly preimage: Uint8Array;
  readonly hash: Bytes32;
}

/** Each envelope is hashed, and signed or verified, within one step; its preimage is made once for both. */
const DIGESTED = new WeakMap<Envelope, Digested>();

/** The bytes whose SHA-256 is the envelope's hash; ECDSA with SHA-256 signs exactly these. */
export function envelopePreimage(separator: Bytes32, envelope: Envelope): Uint8Array {
  return digest(separator, envelope).preimage;
}

export function hashEnvelope(separator: Bytes32, envelope: Envelope): Bytes32 {
  return digest(separator, envelope).hash;
}

function digest(separator: Bytes32, envelope: Envelope): Digested {
  const known = DIGESTED.get(envelope);
  if (known?.separator === separator) return known;
  const preimage = encodePreimage(separator, envelope);
  const digested = { separator, preimage, hash: sha256(preimage) };
  DIGESTED.set(envelope, digested);
  return digested;
}

function encodePreimage(separator: Bytes32, envelope: Envelope): Uint8Array {
  return new AbiWords(10)
    .bytes32(separator)
    .bytes32(ENVELOPE_TYPEHASH)
    .bytes32(envelope.negotiation)
    .uint(envelope.agent, 256)
    .uint(envelope.seq, 32)
    .uint(KINDS.indexOf(envelope.kind), 8)
    .uint(envelope.sentAt, 64)
    .bytes32(envelope.prev)
    .bytes32(envelope.seen)
    .bytes32(envelope.body).bytes;
}

export function writeEnvelope(writer: ByteWriter, envelope: Envelope): ByteWriter {
  return writer
    .hex(envelope.negotiation, 32)
    .bigUint(envelope.agent, 32)
    .uint(envelope.seq, 4)
    .uint(KINDS.indexOf(envelope.kind), 1)
    .uint(envelope.sentAt, 8)
    .hex(envelope.prev, 32)
    .hex(envelope.seen, 32)
    .hex(envelope.body, 32);
}

export function readEnvelope(reader: ByteReader): Envelope {
  return {
    negotiation: reader.hex(32),
    agent: reader.bigUint(32),
    seq: reader.uint(4),
    kind: toKind(reader.uint(1)),
    sentAt: reader.uint(8),
    prev: reader.hex(32),
    seen: reader.hex(32),
    body: reader.hex(32),
  };
}

function toKind(code: number): Kind {
  const kind = KINDS[code];
  if (kind === undefined) throw new ParleyError("UnknownKind", `there is no envelope of kind ${code}`);
  return kind;
}
