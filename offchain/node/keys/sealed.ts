import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { fromHex, type Hex, isHex, toHex, utf8 } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import { canonicalJson, hashJson, type Json, type JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { deriveKey, readCost, type ScryptCost } from "./scrypt.ts";

/** What a key file calls itself. */
const FORMAT = "parley-keys";

/** More than the keys of any agent take. */
export const MOST_BYTES = 64 << 10;

const VERSION = 1;

const CIPHER = "aes-256-gcm";

const NONCE_BYTES = 12;

const TAG_BYTES = 16;

/** What a file says without its passphrase. All of it is authenticated together with what is sealed. */
interface Header {
  readonly wallet: Address;
  readonly cost: ScryptCost;
  readonly salt: Bytes32;
}

/** A key that a passphrase was turned into once, and what another process needs to do the same. */
export interface SealingKey {
  readonly key: Secret<Uint8Array>;
  readonly cost: ScryptCost;
  readonly salt: Bytes32;
}

/** A file's content by its passphrase: what was sealed, and the key to seal it again. */
interface Opened {
  readonly wallet: Address;
  readonly content: Secret<Uint8Array>;
  readonly sealing: SealingKey;
}

/** Turns a passphrase into a key with a salt of its own. */
export async function makeSealingKey(passphrase: Secret<string>, cost: ScryptCost): Promise<SealingKey> {
  const salt = toHex(randomBytes(32));
  return { key: new Secret(await deriveKey(passphrase, salt, cost)), cost, salt };
}

/** Encrypts with a nonce of its own each time: a random one repeats once in 2^48 writes under one key. */
export function seal(content: Uint8Array, wallet: Address, { key, cost, salt }: SealingKey): string {
  const nonce = randomBytes(NONCE_BYTES);
  const header = headerJson({ wallet, cost, salt }, toHex(nonce));
  const cipher = createCipheriv(CIPHER, key.reveal(), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(utf8.encode(canonicalJson(header)));
  const data = Buffer.concat([cipher.update(content), cipher.final()]);
  const body: JsonObject = { ...header, data: toHex(data), tag: toHex(cipher.getAuthTag()) };
  return `${JSON.stringify({ ...body, checksum: hashJson(body) }, null, 2)}\n`;
}

/**
 * Decrypts what `seal` made. The checksum covers what anybody can read, so it gives nothing away, and tells a file that
 * was damaged from a passphrase that is wrong.
 */
export async function unseal(text: string, passphrase: Secret<string>): Promise<Opened> {
  const { header, nonce, data, tag } = read(text);
  const { wallet, cost, salt } = header;
  const key = await deriveKey(passphrase, salt, cost);
  const decipher = createDecipheriv(CIPHER, key, fromHex(nonce), { authTagLength: TAG_BYTES });
  decipher.setAAD(utf8.encode(canonicalJson(headerJson(header, nonce))));
  decipher.setAuthTag(fromHex(tag));
  try {
    const content = Buffer.concat([decipher.update(fromHex(data)), decipher.final()]);
    return { wallet, content: new Secret(content), sealing: { key: new Secret(key), cost, salt } };
  } catch {
    // No cause: OpenSSL's words help nobody, and nothing of the attempt should travel.
    throw new ParleyError("WrongPassphrase", "the passphrase does not open the key file", {
      hint: "give the one that it was written with; if that is what you did, somebody has altered the file on purpose",
    });
  }
}

/** What a file says of its wallet to whoever reads it; only unsealing proves it. */
export function claimedWallet(text: string): Address {
  return read(text).header.wallet;
}

function headerJson({ wallet, cost, salt }: Header, nonce: Hex): JsonObject {
  const kdf = { name: "scrypt", n: cost.n, r: cost.r, p: cost.p, salt };
  return { format: FORMAT, version: VERSION, wallet, kdf, cipher: CIPHER, nonce };
}

function read(text: string) {
  const content = parse(text);
  checkVersion(content);
  try {
    return readBody(content);
  } catch (thrown) {
    throw damaged(messageOf(thrown));
  }
}

function parse(text: string): JsonObject {
  try {
    const content = JSON.parse(text) as Json;
    if (content !== null && typeof content === "object" && !Array.isArray(content)) return content as JsonObject;
  } catch {
    // A parser quotes what it stumbled over, and this may be the wrong file with other secrets.
  }
  throw new ParleyError("KeysUnreadable", "it is no key file: not a JSON object", {
    hint: "name a file that `parley keys create` wrote",
  });
}

function checkVersion(content: JsonObject): void {
  if (content["format"] === FORMAT && content["version"] === VERSION) return;
  if (content["format"] === FORMAT && Number.isSafeInteger(content["version"])) {
    throw new ParleyError("KeysVersion", `the key file is of version ${String(content["version"])}, not ${VERSION}`, {
      hint: "open it with the version of Parley that wrote it",
    });
  }
  if (isHex(content["wallet"], 32)) {
    throw new ParleyError("KeysPlain", "the key file is not encrypted: an earlier version wrote it", {
      hint: "encrypt it: parley keys convert --file FILE",
    });
  }
  throw new ParleyError("KeysUnreadable", `it is no key file: its format is not '${FORMAT}'`, {
    hint: "name a file that `parley keys create` wrote",
  });
}

function readBody(content: JsonObject) {
  const { checksum, ...rest } = content;
  if (checksum !== hashJson(rest)) throw new Error("its checksum does not match");
  const reader = new JsonReader(rest, "");
  reader.oneOf("format", [FORMAT]);
  reader.integer("version", VERSION, VERSION);
  reader.oneOf("cipher", [CIPHER]);
  const kdf = reader.object("kdf");
  kdf.oneOf("name", ["scrypt"]);
  const header: Header = { wallet: reader.address("wallet"), cost: readCost(kdf), salt: kdf.bytes32("salt") };
  kdf.end();
  const [nonce, tag] = [reader.text("nonce") as Hex, reader.text("tag") as Hex];
  const data = reader.text("data", 2 * MOST_BYTES) as Hex;
  reader.end();
  if (!isHex(nonce, NONCE_BYTES) || !isHex(tag, TAG_BYTES) || !isHex(data)) throw new Error("its bytes are no bytes");
  return { header, nonce, tag, data };
}

function damaged(what: string): ParleyError<"KeysDamaged"> {
  return new ParleyError("KeysDamaged", `the key file is damaged: ${what}`, {
    hint: "take it from a backup; without one, make new keys and let the agent's owner set the new wallet",
  });
}
