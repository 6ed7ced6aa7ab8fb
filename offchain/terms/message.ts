import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import type { Hex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { type Body, hashBody } from "./body.ts";
import { readBody, writeBody } from "./body-codec.ts";
import { type Envelope, readEnvelope, writeEnvelope } from "./envelope.ts";
import { Refusal } from "./refusal.ts";

/** An envelope, its P-256 signature (r || s, low s) and the body that its hash stands for. */
export interface Message {
  readonly envelope: Envelope;
  readonly signature: Hex;
  readonly body: Body;
}

/** First byte of an encoded message; a frame that starts otherwise is a control frame, or nothing known. */
export const MESSAGE_VERSION = 1;

/** Largest message. Terms that need more belong behind a digest. */
export const MAX_MESSAGE_BYTES = 65_536;

export function encodeMessage({ envelope, signature, body }: Message): Uint8Array {
  const writer = writeEnvelope(new ByteWriter().uint(MESSAGE_VERSION, 1), envelope).hex(signature, 64);
  const bytes = writeBody(writer, body).finish();
  if (bytes.length > MAX_MESSAGE_BYTES) throw oversized(bytes.length);
  return bytes;
}

/**
 * Reads a message from outside. What it returns is well-formed and its body is the one the envelope names;
 * whether the signature is good and the place in the transcript right, the caller still has to check.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length > MAX_MESSAGE_BYTES) throw oversized(bytes.length);
  const message = readMessage(bytes);
  if (hashBody(message.body) !== message.envelope.body) {
    throw new Refusal("BodyMismatch", `the ${message.body.kind}'s content is not the one its envelope was signed for`);
  }
  return message;
}

/** The negotiation that a message names, readable even where the rest is broken; null where not even that is. */
export function peekNegotiation(bytes: Uint8Array): Bytes32 | null {
  if (bytes.length < 33 || bytes[0] !== MESSAGE_VERSION) return null;
  return new ByteReader(bytes.subarray(1, 33)).hex(32);
}

function readMessage(bytes: Uint8Array): Message {
  try {
    const reader = new ByteReader(bytes);
    const version = reader.uint(1);
    if (version !== MESSAGE_VERSION) throw new Refusal("Malformed", `message version ${version} is not spoken here`);
    const envelope = readEnvelope(reader);
    const signature = reader.hex(64);
    const body = readBody(reader, envelope.kind, envelope.body);
    reader.end();
    return { envelope, signature, body };
  } catch (thrown) {
    throw asRefusal(thrown);
  }
}

/** Whatever decoding threw, as one of the two reasons that a peer is told. */
function asRefusal(thrown: unknown): unknown {
  if (thrown instanceof Refusal || !(thrown instanceof ParleyError)) return thrown;
  return new Refusal(thrown.code === "UnknownKind" ? "UnknownKind" : "Malformed", thrown.message, { cause: thrown });
}

function oversized(length: number): Refusal {
  return new Refusal("Oversized", `a message of ${length} bytes is over the limit of ${MAX_MESSAGE_BYTES}`, {
    facts: { actual: length, limit: MAX_MESSAGE_BYTES },
  });
}
