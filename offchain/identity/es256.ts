import { toBase64url } from "../kernel/base64url.ts";
import { fromHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Crypto, PublicKey, SessionSigner } from "../ports/crypto.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { type Certificate, hashSessionKey } from "../terms/certificate.ts";
import { toLowS } from "../terms/p256-signature.ts";

/** JOSE's name for what session keys sign: ECDSA with P-256 and SHA-256, r || s. */
export const ES256 = "ES256";

/** Names a session key in a header: by the struct hash of its certificate, so that it can mean one only. */
export function keyIdOf({ key }: Certificate): Bytes32 {
  return hashSessionKey(key);
}

export async function signEs256(signer: SessionSigner, input: Uint8Array): Promise<string> {
  return toBase64url(fromHex(await signer.sign(input)));
}

/** JOSE takes either of the two values of s, our own formats only the lower one; so it is brought to that first. */
export async function verifyEs256(
  crypto: Crypto,
  key: PublicKey,
  input: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return signature.length === 64 && (await crypto.verify(key, input, toLowS(signature)));
}

/** Throws unless a header names this algorithm, and asks for nothing that isn't done here. */
export function requireEs256(header: JsonObject): void {
  // Exactly one is known, so there is no other way to verify that a forger could ask for.
  if (header["alg"] !== ES256) throw new ParleyError("BadAlgorithm", "the signature's algorithm is not ES256");
  for (const extension of ["crit", "b64"]) {
    if (!Object.hasOwn(header, extension)) continue;
    throw new ParleyError("BadAlgorithm", `the signature's header has '${extension}', which is not understood here`);
  }
}

/** A session key as JOSE publishes it. */
export function jwkOf(certificate: Certificate): JsonObject {
  const { x, y } = certificate.key;
  const point = { x: toBase64url(fromHex(x)), y: toBase64url(fromHex(y)) };
  return { kty: "EC", crv: "P-256", ...point, alg: ES256, use: "sig", kid: keyIdOf(certificate) };
}

/** What stands behind a `jku`: the public keys of an agent that count at present. */
export function jwksOf(certificates: readonly Certificate[]): JsonObject {
  return { keys: certificates.map(jwkOf) };
}
