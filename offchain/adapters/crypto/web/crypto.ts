import { fromHex, type Hex, isHex, toHex } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { Crypto, PublicKey, SessionSecret, SessionSigner } from "../../../ports/crypto.ts";
import { isLowS, toLowS } from "../../../terms/p256-signature.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

type Subtle = typeof globalThis.crypto.subtle;

/** P-256 by the Web Crypto API: the same answers as the native twin, in a browser. */
export class WebCrypto implements Crypto {
  readonly #subtle: Subtle;

  constructor(subtle: Subtle = globalThis.crypto.subtle) {
    this.#subtle = subtle;
  }

  async generateSessionSecret(): Promise<SessionSecret> {
    const pair = await this.#subtle.generateKey(CURVE, true, ["sign", "verify"]);
    const { d, x, y } = await this.#subtle.exportKey("jwk", pair.privateKey);
    return { d: fromBase64(d), x: fromBase64(x), y: fromBase64(y) };
  }

  async sessionSigner(secret: SessionSecret): Promise<SessionSigner> {
    const { x, y } = secret;
    const data = { ...jwk(secret), d: toBase64(secret.d) };
    const key = await this.#subtle.importKey("jwk", data, CURVE, false, ["sign"]).catch((cause: unknown) => {
      throw new ParleyError("BadKey", "the session secret is not a P-256 key pair", { cause });
    });
    return {
      publicKey: { x, y },
      sign: async (message) => toLowS(new Uint8Array(await this.#subtle.sign(ALGORITHM, key, owned(message)))),
    };
  }

  async verify(publicKey: PublicKey, message: Uint8Array, signature: Hex): Promise<boolean> {
    try {
      if (signature.length !== 130 || !isLowS(signature)) return false;
      const key = await this.#subtle.importKey("jwk", jwk(publicKey), CURVE, false, ["verify"]);
      return await this.#subtle.verify(ALGORITHM, key, owned(fromHex(signature)), owned(message));
    } catch {
      return false;
    }
  }
}

/** Web Crypto takes only bytes that no other thread can change under it. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function jwk({ x, y }: PublicKey): { kty: string; crv: string; x: string; y: string } {
  return { kty: "EC", crv: "P-256", x: toBase64(x), y: toBase64(y) };
}

function toBase64(value: Bytes32): string {
  if (!isHex(value, 32)) throw new ParleyError("BadKey", "a part of a P-256 key is not 32 bytes long");
  const binary = String.fromCharCode(...fromHex(value));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text = ""): Bytes32 {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return toHex(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
