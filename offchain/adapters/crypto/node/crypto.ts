import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { fromHex, type Hex, isHex, toHex } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { Crypto, PublicKey, SessionSecret, SessionSigner } from "../../../ports/crypto.ts";
import { isLowS, toLowS } from "../../../terms/p256-signature.ts";
import { fromDer, toDer } from "./der.ts";
import { sealTo, unseal } from "./sealed.ts";

/** P-256 by OpenSSL, through Node. */
export class NodeCrypto implements Crypto {
  readonly #keys = new Map<string, KeyObject>();
  readonly #kept: number;

  /** Making a key object costs about as much as a signature, so the `kept` latest ones are. */
  constructor(kept = 4_096) {
    this.#kept = kept;
  }

  generateSessionSecret(): SessionSecret {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { d, x, y } = privateKey.export({ format: "jwk" });
    return { d: fromBase64(d), x: fromBase64(x), y: fromBase64(y) };
  }

  sessionSigner(secret: SessionSecret): SessionSigner {
    const { x, y } = secret;
    checkPair(secret);
    const key = createPrivateKey({ key: { ...jwk(secret), d: toBase64(secret.d) }, format: "jwk" });
    return {
      publicKey: { x, y },
      sign: (message) => toLowS(fromDer(sign("sha256", message, key))),
      unseal: (sealed, context) => unseal(key, { x, y }, sealed, context),
    };
  }

  verify(publicKey: PublicKey, message: Uint8Array, signature: Hex): boolean {
    try {
      if (signature.length !== 130 || !isLowS(signature)) return false;
      return verify("sha256", message, this.#keyObject(publicKey), toDer(fromHex(signature)));
    } catch {
      return false;
    }
  }

  sealTo(publicKey: PublicKey, content: Uint8Array, context: Uint8Array): Uint8Array {
    return sealTo(this.#keyObject(publicKey), publicKey, content, context);
  }

  #keyObject(publicKey: PublicKey): KeyObject {
    const name = publicKey.x + publicKey.y;
    const known = this.#keys.get(name);
    if (known) return known;
    const key = createPublicKey({ key: jwk(publicKey), format: "jwk" });
    const oldest = this.#keys.keys().next().value;
    if (this.#keys.size >= this.#kept && oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(name, key);
    return key;
  }
}

function jwk({ x, y }: PublicKey): { kty: string; crv: string; x: string; y: string } {
  return { kty: "EC", crv: "P-256", x: toBase64(x), y: toBase64(y) };
}

/** OpenSSL takes a pair whose halves don't belong together, and signs what nobody can verify. */
function checkPair({ d, x, y }: SessionSecret): void {
  try {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(fromHex(d));
    if (toHex(pair.getPublicKey()) === `0x04${x.slice(2)}${y.slice(2)}`.toLowerCase()) return;
  } catch (cause) {
    throw new ParleyError("BadKey", "the session secret is not a P-256 key", { cause });
  }
  throw new ParleyError("BadKey", "the session secret's public key belongs to another secret");
}

function toBase64(value: Bytes32): string {
  if (!isHex(value, 32)) throw new ParleyError("BadKey", "a part of a P-256 key is not 32 bytes long");
  return Buffer.from(fromHex(value)).toString("base64url");
}

function fromBase64(text: string | undefined): Bytes32 {
  const bytes = Buffer.from(text ?? "", "base64url");
  if (bytes.length !== 32) throw new ParleyError("BadKey", "the platform made a P-256 key that is not 32 bytes long");
  return toHex(bytes);
}
