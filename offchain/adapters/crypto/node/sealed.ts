import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { fromHex } from "../../../kernel/bytes.ts";
import type { PublicKey } from "../../../ports/crypto.ts";

const ALGORITHM = "aes-256-gcm";
const [POINT_BYTES, TAG_BYTES] = [64, 16];

/** Each key seals once, so the nonce needn't differ. */
const NONCE = new Uint8Array(12);

/** Encrypts for whoever holds `key`, as the port says. */
export function sealTo(key: KeyObject, { x, y }: PublicKey, content: Uint8Array, context: Uint8Array): Uint8Array {
  const made = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x: madeX = "", y: madeY = "" } = made.publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.from(madeX, "base64url"), Buffer.from(madeY, "base64url")]);
  const secret = derive(diffieHellman({ privateKey: made.privateKey, publicKey: key }), point, { x, y }, context);
  const cipher = createCipheriv(ALGORITHM, secret, NONCE);
  return Buffer.concat([point, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(key: KeyObject, own: PublicKey, sealed: Uint8Array, context: Uint8Array): Uint8Array | null {
  if (sealed.length < POINT_BYTES + TAG_BYTES) return null;
  const [point, end] = [Buffer.from(sealed.subarray(0, POINT_BYTES)), sealed.length - TAG_BYTES];
  try {
    const [x, y] = [point.toString("base64url", 0, 32), point.toString("base64url", 32)];
    const made = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
    const secret = derive(diffieHellman({ privateKey: key, publicKey: made }), point, own, context);
    const decipher = createDecipheriv(ALGORITHM, secret, NONCE).setAuthTag(sealed.subarray(end));
    const content = Buffer.concat([decipher.update(sealed.subarray(POINT_BYTES, end)), decipher.final()]);
    return new Uint8Array(content);
  } catch {
    return null;
  }
}

function derive(shared: Buffer, point: Uint8Array, { x, y }: PublicKey, context: Uint8Array): Uint8Array {
  const salt = Buffer.concat([point, fromHex(x), fromHex(y)]);
  return new Uint8Array(hkdfSync("sha256", shared, salt, Buffer.concat([Buffer.from("parley sealed "), context]), 32));
}
