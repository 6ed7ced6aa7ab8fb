import { ParleyError } from "./errors.ts";

/** A byte string written as `0x` and lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

/** Codes of the two digits of each byte. */
const DIGITS = Uint8Array.from(
  Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).flatMap((pair) => [
    pair.charCodeAt(0),
    pair.charCodeAt(1),
  ]),
);

/** Bytes that are written at a time: a call takes only so many arguments. */
const CHUNK = 4_096;

/** Value of each hexadecimal digit by character code; -1 for every other character. */
const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  VALUES[value.toString(16).charCodeAt(0)] = value;
  VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/**
 * Writes bytes as lower-case hexadecimal. In one piece: put together from digits, a string would be kept as the tree of its parts, which
 * takes ten times the memory for as long as the string lives.
 */
export function toHex(bytes: Uint8Array): Hex {
  let text = digits("0x", bytes.subarray(0, CHUNK));
  for (let from = CHUNK; from < bytes.length; from += CHUNK) text += digits("", bytes.subarray(from, from + CHUNK));
  return text as Hex;
}

function digits(prefix: "0x" | "", bytes: Uint8Array): string {
  const codes = Array<number>(prefix.length + 2 * bytes.length);
  let at = 0;
  for (; at < prefix.length; at++) codes[at] = prefix.charCodeAt(at);
  for (let index = 0; index < bytes.length; index++) {
    const pair = 2 * (bytes[index] as number);
    codes[at++] = DIGITS[pair] as number;
    codes[at++] = DIGITS[pair + 1] as number;
  }
  return String.fromCharCode.apply(null, codes);
}

/** Reads hexadecimal of either case; throws `BadHex` where it isn't. */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, (hex.length - 2) >> 1));
  writeHex(bytes, 0, hex);
  return bytes;
}

/** Decodes `hex` into `target` from `offset` on, without an intermediate copy. */
export function writeHex(target: Uint8Array, offset: number, hex: string): void {
  if (!hex.startsWith("0x") || hex.length % 2 !== 0) throw badHex(hex);
  for (let at = 2, to = offset; at < hex.length; at += 2, to++) {
    const high = VALUES[hex.charCodeAt(at)] ?? -1;
    const low = VALUES[hex.charCodeAt(at + 1)] ?? -1;
    if (high < 0 || low < 0) throw badHex(hex);
    target[to] = (high << 4) | low;
  }
}

/** True if `value` is hexadecimal of exactly `length` bytes. */
export function isHex(value: unknown, length?: number): value is Hex {
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) return false;
  return length === undefined || value.length === 2 + 2 * length;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The unsigned big-endian integer that `bytes` spell. */
export function toBigInt(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [value, at] = [0n, 0];
  for (; at < bytes.length % 8; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  // Most integers are small: leading words of zero cost nothing but a look.
  for (; at < bytes.length; at += 8) {
    const word = view.getBigUint64(at);
    value = value === 0n ? word : (value << 64n) | word;
  }
  return value;
}

/**
 * Writes an unsigned integer as `size` big-endian bytes that hold zeros by now. The caller has checked that it fits.
 */
export function writeBigInt(target: Uint8Array, offset: number, size: number, value: bigint): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let [rest, end] = [value, offset + size];
  for (; rest > 0n && end - offset >= 8; rest >>= 64n, end -= 8) view.setBigUint64(end - 8, BigInt.asUintN(64, rest));
  for (; rest > 0n && end > offset; rest >>= 8n, end--) view.setUint8(end - 1, Number(rest & 0xffn));
}

/**
 * UTF-8. Malformed bytes throw rather than turning into replacement characters; in a text, half of a surrogate pair
 * has no encoding and does turn into one.
 */
export const utf8 = {
  encode: (text: string): Uint8Array => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array): string => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new ParleyError("BadUtf8", "the bytes are not valid UTF-8", { cause });
    }
  },
};

function badHex(hex: string): ParleyError<"BadHex"> {
  return new ParleyError("BadHex", `'${hex.slice(0, 20)}' is not hexadecimal: 0x and an even number of digits`);
}
