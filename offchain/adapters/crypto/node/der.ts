import { ParleyError } from "../../../kernel/errors.ts";

/**
 * ECDSA signatures between the two forms they come in: DER, which OpenSSL speaks, and r || s, which everybody else
 * does. Node converts too, when asked for `ieee-p1363`, but takes longer for that than for the signature.
 */
const SCALAR_BYTES = 32;

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** DER to r || s. */
export function fromDer(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(2 * SCALAR_BYTES);
  // SEQUENCE, length (always below 128 for P-256), then two INTEGERs.
  let offset = 2;
  for (let scalar = 0; scalar < 2; scalar++) {
    const length = der[offset + 1] ?? 0;
    const start = offset + 2;
    // A positive INTEGER whose top bit is set carries a zero byte in front.
    const digits = der.subarray(start + Math.max(0, length - SCALAR_BYTES), start + length);
    raw.set(digits, (scalar + 1) * SCALAR_BYTES - digits.length);
    offset = start + length;
  }
  if (der[0] !== SEQUENCE || offset !== der.length) {
    throw new ParleyError("BadSignature", "the platform made a signature that is not DER");
  }
  return raw;
}

/** r || s to DER, as short as DER demands it. */
export function toDer(raw: Uint8Array): Uint8Array {
  const r = integer(raw.subarray(0, SCALAR_BYTES));
  const s = integer(raw.subarray(SCALAR_BYTES));
  const der = new Uint8Array(2 + r.length + s.length);
  der.set([SEQUENCE, r.length + s.length]);
  der.set(r, 2);
  der.set(s, 2 + r.length);
  return der;
}

function integer(scalar: Uint8Array): Uint8Array {
  let first = 0;
  while (first < scalar.length - 1 && scalar[first] === 0) first++;
  const padding = (scalar[first] as number) >= 0x80 ? 1 : 0;
  const digits = scalar.subarray(first);
  const bytes = new Uint8Array(2 + padding + digits.length);
  bytes.set([INTEGER, padding + digits.length]);
  bytes.set(digits, 2 + padding);
  return bytes;
}
