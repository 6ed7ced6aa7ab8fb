import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from "node:crypto";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Json, JsonObject } from "../../../terms/canonical-json.ts";

interface Algorithm {
  /** The kind of key that it is used with, and no other: else a public key could pass for a secret. */
  readonly kty: string;
  readonly crv?: string;
  verify(key: KeyObject, input: Uint8Array, signature: Uint8Array): boolean;
}

const LEAST_RSA_BITS = 2_048;

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** The algorithms that are accepted. There is no `none` among them, and none with a shared secret. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ES256: {
    kty: "EC",
    crv: "P-256",
    verify: (key, input, signature) => verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature),
  },
  RS256: { kty: "RSA", verify: (key, input, signature) => verify("sha256", input, key, signature) },
  PS256: { kty: "RSA", verify: (key, input, signature) => verify("sha256", input, { key, ...PSS }, signature) },
  EdDSA: { kty: "OKP", crv: "Ed25519", verify: (key, input, signature) => verify(null, input, key, signature) },
};

/** A key that an issuer signs with. */
export interface IssuerKey {
  readonly id: string | null;
  readonly kty: string;
  readonly crv: string | null;
  /** The only algorithm that it may be used with; null where its issuer doesn't say. */
  readonly algorithm: string | null;
  readonly key: KeyObject;
}

export function isKnown(algorithm: Json | undefined): algorithm is string {
  return typeof algorithm === "string" && Object.hasOwn(ALGORITHMS, algorithm);
}

export function fits({ kty, crv, algorithm }: IssuerKey, name: string): boolean {
  const wanted = ALGORITHMS[name];
  if (wanted === undefined || (algorithm !== null && algorithm !== name)) return false;
  return wanted.kty === kty && (wanted.crv === undefined || wanted.crv === crv);
}

export function verifyWith({ key }: IssuerKey, name: string, input: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ALGORITHMS[name]?.verify(key, input, signature) ?? false;
  } catch {
    return false;
  }
}

/** Reads one key of a key set; null where it is for something else, or of a kind that isn't used here. */
export function readKey(value: Json): IssuerKey | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { kty, crv, alg, use, kid, key_ops: operations } = value as JsonObject;
  if (typeof kty !== "string" || (use !== undefined && use !== "sig")) return null;
  if (Array.isArray(operations) && !operations.includes("verify")) return null;
  try {
    const key = createPublicKey({ key: publicPart(value as JsonObject), format: "jwk" });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < LEAST_RSA_BITS) return null;
    return {
      id: typeof kid === "string" ? kid : null,
      kty,
      crv: typeof crv === "string" ? crv : null,
      algorithm: typeof alg === "string" ? alg : null,
      key,
    };
  } catch {
    return null;
  }
}

function publicPart({ kty, crv, x, y, n, e }: JsonObject): JsonWebKey {
  const text = (value: Json | undefined) => {
    if (value === undefined || typeof value === "string") return value;
    throw new ParleyError("Malformed", "a part of a key is not a text");
  };
  const parts = { kty: text(kty), crv: text(crv), x: text(x), y: text(y), n: text(n), e: text(e) };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
