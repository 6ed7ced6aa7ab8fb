import { fromHex, type Hex } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Crypto, PublicKey, SessionSecret, SessionSigner } from "../../../ports/crypto.ts";
import { isLowS, toLowS } from "../../../terms/p256-signature.ts";
import { fromBase64, jwk, owned, type Subtle, toBase64 } from "./jwk.ts";
import { sealTo, unseal } from "./sealed.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

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
      unseal: (sealed, context) => unseal(this.#subtle, data, { x, y }, sealed, context),
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

  sealTo(publicKey: PublicKey, content: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return sealTo(this.#subtle, publicKey, content, context);
  }
}
