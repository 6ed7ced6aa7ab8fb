import { ParleyError } from "./errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Value of each digit by character code; -1 for every other character. */
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of [...ALPHABET].entries()) VALUES[digit.charCodeAt(0)] = value;

/** Base64 for URLs, without padding (RFC 4648, section 5), as JOSE writes bytes. */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  let [bits, count] = [0, 0];
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) text += ALPHABET[(bits >> (count - 6)) & 63];
    bits &= (1 << count) - 1;
  }
  return count === 0 ? text : text + ALPHABET[(bits << (6 - count)) & 63];
}

/** Reads it; throws `BadBase64url` for anything that `toBase64url` would not have written: one text for each value. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length * 6) >> 3);
  let [bits, count, at] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) throw badBase64url();
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
    bits &= (1 << count) - 1;
  }
  if (count >= 6 || bits !== 0) throw badBase64url();
  return bytes;
}

function badBase64url(): ParleyError<"BadBase64url"> {
  return new ParleyError("BadBase64url", "the text is not base64url without padding, or not its only spelling");
}
