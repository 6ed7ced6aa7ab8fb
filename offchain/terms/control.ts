import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { concat } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { MAX_MESSAGE_BYTES } from "./message.ts";

/**
 * Asks the peer to send again what is missing. It is not signed: it makes nobody say anything that they
 * have not said before.
 */
export interface Resume {
  readonly negotiation: Bytes32;
  /** How many of the peer's envelopes the sender has; it wants those from this `seq` on. */
  readonly have: number;
  /** True where the sender would like to be asked back. */
  readonly answer: boolean;
}

/** First byte of a resume frame. */
export const RESUME_FRAME = 2;

export function encodeResume({ negotiation, have, answer }: Resume): Uint8Array {
  return new ByteWriter(38)
    .uint(RESUME_FRAME, 1)
    .hex(negotiation, 32)
    .uint(have, 4)
    .uint(answer ? 1 : 0, 1)
    .finish();
}

export function decodeResume(bytes: Uint8Array): Resume {
  const reader = new ByteReader(bytes);
  if (reader.uint(1) !== RESUME_FRAME) throw new ParleyError("Malformed", "this is not a resume frame");
  const resume = { negotiation: reader.hex(32), have: reader.uint(4), answer: readFlag(reader) };
  reader.end();
  return resume;
}

/** Gives the other side of a deal the personal data that its terms commit to, sealed to its session key. */
export interface Disclosure {
  readonly negotiation: Bytes32;
  readonly sealed: Uint8Array;
}

/** First byte of a frame that discloses. */
export const DISCLOSURE_FRAME = 3;

export function encodeDisclosure({ negotiation, sealed }: Disclosure): Uint8Array {
  return concat(new ByteWriter(33).uint(DISCLOSURE_FRAME, 1).hex(negotiation, 32).finish(), sealed);
}

export function decodeDisclosure(bytes: Uint8Array): Disclosure {
  const reader = new ByteReader(bytes);
  if (bytes.length > MAX_MESSAGE_BYTES || reader.uint(1) !== DISCLOSURE_FRAME) {
    throw new ParleyError("Malformed", "this is no frame that discloses");
  }
  return { negotiation: reader.hex(32), sealed: bytes.subarray(33) };
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.uint(1);
  if (flag > 1) throw new ParleyError("Malformed", `${flag} is neither 0 nor 1`);
  return flag === 1;
}
