import { concat, fromHex, utf8 } from "../../../kernel/bytes.ts";
import type { PublicKey } from "../../../ports/crypto.ts";
import { jwk, owned, type Subtle } from "./jwk.ts";

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const [POINT_BYTES, TAG_BYTES] = [64, 16];

/** Each key seals once, so the nonce needn't differ. */
const CIPHER = { name: "AES-GCM", iv: new Uint8Array(12) } as const;

type Key = Awaited<ReturnType<Subtle["importKey"]>>;

/** Encrypts for whoever holds the key, as the port says. */
export async function sealTo(
  subtle: Subtle,
  recipient: PublicKey,
  content: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array> {
  const made = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  // The first byte says that both coordinates follow.
  const point = new Uint8Array(await subtle.exportKey("raw", made.publicKey)).subarray(1);
  const theirs = await subtle.importKey("jwk", jwk(recipient), CURVE, false, []);
  const secret = await derive(subtle, made.privateKey, theirs, point, recipient, context);
  return concat(point, new Uint8Array(await subtle.encrypt(CIPHER, secret, owned(content))));
}

/** `secret` is the key pair as JWK. */
export async function unseal(
  subtle: Subtle,
  secret: ReturnType<typeof jwk> & { readonly d: string },
  own: PublicKey,
  sealed: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array | null> {
  if (sealed.length < POINT_BYTES + TAG_BYTES) return null;
  const point = sealed.subarray(0, POINT_BYTES);
  try {
    const key = await subtle.importKey("jwk", secret, CURVE, false, ["deriveBits"]);
    const made = await subtle.importKey("raw", owned(concat(Uint8Array.of(4), point)), CURVE, false, []);
    const opening = await derive(subtle, key, made, point, own, context);
    return new Uint8Array(await subtle.decrypt(CIPHER, opening, owned(sealed.subarray(POINT_BYTES))));
  } catch {
    return null;
  }
}

async function derive(
  subtle: Subtle,
  privateKey: Key,
  publicKey: Key,
  point: Uint8Array,
  { x, y }: PublicKey,
  context: Uint8Array,
): Promise<Key> {
  const shared = await subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256);
  const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const salt = owned(concat(point, fromHex(x), fromHex(y)));
  const info = owned(concat(utf8.encode("parley sealed "), context));
  const hkdf = { name: "HKDF", hash: "SHA-256", salt, info };
  return await subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
