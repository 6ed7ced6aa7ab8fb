import { fromHex, toBigInt, toHex, writeBigInt } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";

/** Digits of base 58, as Bitcoin has them: none that look alike. */
const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** What says "SHA-256, 32 bytes" before the digest. Neither byte is zero, so no leading digit stands for one. */
const PREFIX = 0x1220n;
const BYTES = 34;

/** A SHA-256 as a multihash in base 58, which begins with `Qm`. It names the bytes themselves, and is no IPFS address. */
export function multihashOf(digest: Bytes32): string {
  let rest = (PREFIX << 256n) | toBigInt(fromHex(digest));
  let text = "";
  for (; rest > 0n; rest /= 58n) text = `${DIGITS[Number(rest % 58n)]}${text}`;
  return text;
}

/** The SHA-256 that a multihash in base 58 holds. Throws `Malformed` for any other text. */
export function digestOf(multihash: string): Bytes32 {
  if (!/^Qm[1-9A-HJ-NP-Za-km-z]{44}$/.test(multihash)) throw malformed();
  let value = 0n;
  for (const digit of multihash) value = value * 58n + BigInt(DIGITS.indexOf(digit));
  if (value >> 256n !== PREFIX) throw malformed();
  const bytes = new Uint8Array(BYTES);
  writeBigInt(bytes, 0, BYTES, value);
  return toHex(bytes.subarray(2));
}

function malformed(): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", "the hash is no multihash of a SHA-256: base 58, 46 characters from `Qm` on");
}
