import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";

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

function readFlag(reader: ByteReader): boolean {
  const flag = reader.uint(1);
  if (flag > 1) throw new ParleyError("Malformed", `${flag} is neither 0 nor 1`);
  return flag === 1;
}
