import { fromHex, isHex, toHex } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { PublicKey } from "../../../ports/crypto.ts";

export type Subtle = typeof globalThis.crypto.subtle;

/** Web Crypto takes only bytes that no other thread can change under it. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

export function jwk({ x, y }: PublicKey): { kty: string; crv: string; x: string; y: string } {
  return { kty: "EC", crv: "P-256", x: toBase64(x), y: toBase64(y) };
}

export function toBase64(value: Bytes32): string {
  if (!isHex(value, 32)) throw new ParleyError("BadKey", "a part of a P-256 key is not 32 bytes long");
  const binary = String.fromCharCode(...fromHex(value));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromBase64(text = ""): Bytes32 {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return toHex(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
