import { type Hex, toHex } from "../kernel/bytes.ts";

/** Order of the P-256 group. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const HALF_ORDER = ORDER >> 1n;

/**
 * A signature in the one form that counts: of the two values of s that verify, the lower. Otherwise anybody
 * could turn a signature into a second one, and the contracts would refuse half of what native code makes.
 */
export function toLowS(signature: Uint8Array): Hex {
  const hex = toHex(signature);
  if (isLowS(hex)) return hex;
  const low = ORDER - BigInt(`0x${hex.slice(66)}`);
  return `${hex.slice(0, 66)}${low.toString(16).padStart(64, "0")}` as Hex;
}

export function isLowS(signature: Hex): boolean {
  // The top 32 bits tell nearly always; only the band in which they tie needs the big integers.
  const top = Number.parseInt(signature.slice(66, 74), 16);
  if (top !== 0x7fffffff) return top < 0x7fffffff;
  return BigInt(`0x${signature.slice(66)}`) <= HALF_ORDER;
}
