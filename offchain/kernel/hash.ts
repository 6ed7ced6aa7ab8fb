import { sha256 as sha2_256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { createKeccak, createSHA256, type IHasher } from "hash-wasm";
import { type Hex, toHex, utf8 } from "./bytes.ts";

/**
 * Each offer is hashed four times on its way, and Keccak in JavaScript costs as much as a signature; in WebAssembly it
 * costs a tenth. Where a page forbids WebAssembly, the slow way gives the same answers.
 */
const wasm: { readonly keccak: IHasher; readonly sha2: IHasher } | null = await Promise.all([
  createKeccak(256),
  createSHA256(),
]).then(
  ([keccak, sha2]) => ({ keccak, sha2 }),
  () => null,
);

/** SHA-256: of envelopes, terms and negotiation ids, because native P-256 signs it directly. */
export function sha256(bytes: Uint8Array): Hex {
  return toHex(wasm === null ? sha2_256(bytes) : wasm.sha2.init().update(bytes).digest("binary"));
}

/** Keccak-256: of whatever follows EIP-712. */
export function keccak256(bytes: Uint8Array): Hex {
  return toHex(wasm === null ? keccak_256(bytes) : wasm.keccak.init().update(bytes).digest("binary"));
}

/** Keccak-256 of a text, as for EIP-712 type strings and `string` members. */
export function keccakText(text: string): Hex {
  return keccak256(utf8.encode(text));
}
