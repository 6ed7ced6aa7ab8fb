import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";

/** First byte of everything that is published; another one is of a version that isn't spoken here. */
export const VERSION = 1;

/** Second byte of what is sealed; others are in handshake.ts. */
const SEALED = 0;

export const PUBLIC_KEY_BYTES = 32;

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES } as const;
const SEQ_BYTES = 6;
const HEADER_BYTES = 2 + SEQ_BYTES;
const NONCE_BYTES = 12;
const ID_BYTES = 16;
const LEAST_BYTES = HEADER_BYTES + TAG_BYTES;

/** What X.509 puts before a raw X25519 key. */
const KEY_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** A key pair of one handshake. */
export interface Half {
  readonly secret: KeyObject;
  /** As it is published. */
  readonly publicKey: Uint8Array;
}

/** What both ends of a channel derive from their halves. */
export interface Secrets {
  /** Behind a broker, the part of the topic at which the listener hears this channel. */
  readonly channel: string;
  readonly toListener: Uint8Array;
  readonly toDialler: Uint8Array;
}

/** What was sealed, and its place among all that its side has sealed. */
export interface Opened {
  readonly seq: number;
  readonly content: Uint8Array;
}

export function makeHalf(): Half {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const der = publicKey.export({ type: "spki", format: "der" });
  return { secret: privateKey, publicKey: new Uint8Array(der.subarray(KEY_PREFIX.length)) };
}

/**
 * `said` is all that both sides have said so far: who has heard something else derives something else. Null where their
 * key is none, or one of the few with which the secret would be no secret.
 */
export function deriveSecrets(
  { secret }: Half,
  theirs: Uint8Array,
  said: readonly Uint8Array[],
  purpose: "parley broker channel" | "parley link",
): Secrets | null {
  const shared = agree(secret, theirs);
  if (shared === null) return null;
  const salt = createHash("sha256").update(Buffer.concat(said)).digest();
  const bytes = Buffer.from(hkdfSync("sha256", shared, salt, purpose, 2 * KEY_BYTES + ID_BYTES));
  return {
    toListener: bytes.subarray(0, KEY_BYTES),
    toDialler: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
    channel: bytes.subarray(2 * KEY_BYTES).toString("hex"),
  };
}

function agree(privateKey: KeyObject, theirs: Uint8Array): Buffer | null {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([KEY_PREFIX, theirs]), type: "spki", format: "der" });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return null;
  }
}

/**
 * Both directions of a channel, encrypted: so others on the way can neither read what passes nor say anything in it.
 * Each payload carries its number; whether one is missing, or was heard before, is for the caller to see.
 */
export class Seal {
  /** As objects, since Node would make one of plain bytes each time: 7 microseconds for each use rather than 37. */
  readonly #outward: KeyObject;
  readonly #inward: KeyObject;
  #seq = 0;

  constructor(outward: Uint8Array, inward: Uint8Array) {
    this.#outward = createSecretKey(outward);
    this.#inward = createSecretKey(inward);
  }

  seal(content: readonly Uint8Array[]): Uint8Array {
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = VERSION;
    header[1] = SEALED;
    header.writeUIntBE(this.#seq++, 2, SEQ_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#outward, nonceOf(header), TAG).setAAD(header);
    const sealed = content.map((part) => cipher.update(part));
    cipher.final();
    return Buffer.concat([header, ...sealed, cipher.getAuthTag()]);
  }

  /** Null for what the other side hasn't sealed. */
  open(payload: Uint8Array): Opened | null {
    if (payload.length < LEAST_BYTES || payload[0] !== VERSION || payload[1] !== SEALED) return null;
    const header = Buffer.from(payload.buffer, payload.byteOffset, HEADER_BYTES);
    const end = payload.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, this.#inward, nonceOf(header), TAG)
      .setAAD(header)
      .setAuthTag(payload.subarray(end));
    const content = decipher.update(payload.subarray(HEADER_BYTES, end));
    try {
      decipher.final();
    } catch {
      return null;
    }
    // A plain view: methods such as `slice` mean something else on a Node buffer.
    const plain = new Uint8Array(content.buffer, content.byteOffset, content.length);
    return { seq: header.readUIntBE(2, SEQ_BYTES), content: plain };
  }
}

/** Each key seals each number once, so the number will do. */
function nonceOf(header: Buffer): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  header.copy(nonce, NONCE_BYTES - SEQ_BYTES, 2);
  return nonce;
}
