import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { PersonalVault } from "../../../ports/personal-vault.ts";
import { canonicalJson, type JsonObject } from "../../../terms/canonical-json.ts";
import type { PersonalRecord } from "../../../terms/personal.ts";

const ALGORITHM = "aes-256-gcm";
const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 16];

/** For the owner alone. */
const [PRIVATE_FILE, PRIVATE_FOLDER] = [0o600, 0o700];

/**
 * Personal data in a folder: for each deal a file that is encrypted, a key beside it, and in place of both an empty file once the key
 * was destroyed. Copy the encrypted files into backups, and not the keys: what is erased here is erased there then.
 */
export class FilePersonalVault implements PersonalVault {
  readonly #folder: string;
  /** What is under way for each deal: one thing at a time. */
  readonly #turns = new Map<Bytes32, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get(salt: Bytes32): Promise<PersonalRecord | null> {
    return this.#inTurn(salt, "read", async () => {
      // After a crash in the middle of erasing, the key may be there yet.
      if (await isThere(this.#file(salt, "erased"))) return null;
      const [key, sealed] = [await readKey(this.#file(salt, "key")), await readIfThere(this.#file(salt, "sealed"))];
      return key === null || sealed === null ? null : unseal(key, sealed, salt);
    });
  }

  put(salt: Bytes32, record: PersonalRecord): Promise<void> {
    return this.#inTurn(salt, "written", async () => {
      await mkdir(this.#folder, { recursive: true, mode: PRIVATE_FOLDER });
      if (await isThere(this.#file(salt, "erased"))) throw erased(salt);
      // The key first, and never again: each copy of it would have to be found when it is destroyed.
      const key = (await readKey(this.#file(salt, "key"))) ?? (await this.#makeKey(salt));
      await this.#write(salt, "sealed", seal(key, record, salt));
      // Another process may have erased it meanwhile.
      if (!(await isThere(this.#file(salt, "erased")))) return;
      await this.#remove(salt);
      throw erased(salt);
    });
  }

  isErased(salt: Bytes32): Promise<boolean> {
    return this.#inTurn(salt, "read", () => isThere(this.#file(salt, "erased")));
  }

  destroy(salt: Bytes32): Promise<void> {
    return this.#inTurn(salt, "erased", async () => {
      await mkdir(this.#folder, { recursive: true, mode: PRIVATE_FOLDER });
      await this.#write(salt, "erased", new Uint8Array());
      await this.#remove(salt);
    });
  }

  /** Overwrites the key, and removes it and what it was for. */
  async #remove(salt: Bytes32): Promise<void> {
    await overwrite(this.#file(salt, "key"));
    for (const kind of ["key", "sealed"] as const) await unlink(this.#file(salt, kind)).catch(unlessMissing);
    await syncFolder(this.#folder);
  }

  /** In its place from the beginning, so that there is one copy: half a key that a crash leaves opens nothing, and is made anew. */
  async #makeKey(salt: Bytes32): Promise<Uint8Array> {
    const key = randomBytes(KEY_BYTES);
    const file = this.#file(salt, "key");
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE_FILE);
    try {
      await handle.writeFile(key);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(this.#folder);
    return key;
  }

  /** Beside the file first, so that after a crash there is the old content or the new one, whole. */
  async #write(salt: Bytes32, kind: Kind, content: Uint8Array): Promise<void> {
    const file = this.#file(salt, kind);
    const draft = `${file}.${randomBytes(6).toString("hex")}`;
    const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE_FILE);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    await syncFolder(this.#folder);
  }

  #file(salt: Bytes32, kind: Kind): string {
    if (!/^0x[0-9a-f]{64}$/.test(salt)) throw new ParleyError("BadPersonalData", "a salt is 32 bytes in hexadecimal");
    return join(this.#folder, `${salt.slice(2)}.${kind}`);
  }

  async #inTurn<T>(salt: Bytes32, what: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(salt) ?? Promise.resolve()).catch(() => undefined).then(act);
    this.#turns.set(salt, turn);
    try {
      return await turn;
    } catch (thrown) {
      if (thrown instanceof ParleyError) throw thrown;
      throw new ParleyError("PersonalDataUnavailable", `personal data can't be ${what}: ${messageOf(thrown)}`, {
        hint: `see whether ${this.#folder} is there, yours, and not full`,
        cause: thrown,
      });
    } finally {
      if (this.#turns.get(salt) === turn) this.#turns.delete(salt);
    }
  }
}

type Kind = "key" | "sealed" | "erased";

function seal(key: Uint8Array, record: PersonalRecord, salt: Bytes32): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(salt));
  const content = canonicalJson(record as unknown as JsonObject);
  return Buffer.concat([nonce, cipher.update(content, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Uint8Array, sealed: Uint8Array, salt: Bytes32): PersonalRecord {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(salt))
    .setAuthTag(sealed.subarray(Math.max(NONCE_BYTES, end)));
  const content = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
  return JSON.parse(content.toString("utf8")) as PersonalRecord;
}

/** What is only unlinked can often be brought back. Disks that move what they write may keep a copy all the same. */
async function overwrite(file: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY).catch(unlessMissing);
  if (!handle) return;
  try {
    await handle.write(randomBytes(KEY_BYTES), 0, KEY_BYTES, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  return (await readFile(file).catch(unlessMissing)) ?? null;
}

/** Null for none, and for what a crash left of one, which is taken away: nothing was sealed with it. */
async function readKey(file: string): Promise<Uint8Array | null> {
  const key = await readIfThere(file);
  if (key === null || key.length === KEY_BYTES) return key;
  await unlink(file).catch(unlessMissing);
  return null;
}

async function isThere(file: string): Promise<boolean> {
  return (await access(file).then(() => true, unlessMissing)) ?? false;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function unlessMissing(thrown: unknown): undefined {
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
  throw thrown;
}

function erased(salt: Bytes32): ParleyError<"Erased"> {
  return new ParleyError("Erased", `the personal data of the deal with salt ${salt} was erased, and is not kept again`);
}
