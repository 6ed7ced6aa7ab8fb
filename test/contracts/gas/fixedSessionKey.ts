import { p256 } from "@noble/curves/nist.js";
import { hexlify, toBeHex } from "ethers";
import { type Envelope, encodeEnvelope, hashEnvelope, SessionKey } from "../sessionKey.ts";

/** A session key that is the same each time, as are its signatures; node:crypto's are not. */
export class FixedSessionKey extends SessionKey {
  readonly #secret: Uint8Array;

  constructor(secret: bigint) {
    const bytes = Buffer.from(toBeHex(secret, 32).slice(2), "hex");
    const point = p256.getPublicKey(bytes, false);
    super({ x: hexlify(point.subarray(1, 33)), y: hexlify(point.subarray(33)) });
    this.#secret = bytes;
  }

  override signEnvelope(domain: string, envelope: Envelope) {
    const signature = p256.sign(encodeEnvelope(domain, envelope), this.#secret, { prehash: true, lowS: true });
    const [r, s] = [hexlify(signature.subarray(0, 32)), hexlify(signature.subarray(32))];
    return { r, s, hash: hashEnvelope(domain, envelope) };
  }
}
