import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { Bytes32 } from "../../kernel/ids.ts";

/** Of a folder no more is looked at. */
const MOST_FILES = 1_000;
const MOST_FILE_BYTES = 64 * 1024 * 1024;

/** Milliseconds between two looks: whoever asks for hashes that nobody has must not have the folder read all the time. */
const LOOK_MS = 1_000;

interface Known {
  readonly size: number;
  readonly changedMs: number;
  readonly hash: Bytes32;
}

/** A folder whose files are found by their hash. It is looked at anew where one isn't found: people put files there meanwhile. */
export class HashedFolder {
  readonly #folder: string;
  /** By path, so that only what has changed is hashed again. */
  #known: ReadonlyMap<string, Known> = new Map();
  #looking: Promise<void> | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async find(hash: Bytes32): Promise<Uint8Array | null> {
    const bytes = await this.#read(hash);
    if (bytes !== null || (this.#looking === null && performance.now() - this.#lookedAt < LOOK_MS)) return bytes;
    // One look for all that ask at the time.
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
    return await this.#read(hash);
  }

  async #read(hash: Bytes32): Promise<Uint8Array | null> {
    for (const [file, known] of this.#known) {
      if (known.hash !== hash) continue;
      // One that is gone, or was changed since, is found anew, or not at all.
      const bytes = await readFile(file).catch(() => null);
      if (bytes !== null && sha256(bytes) === hash) return new Uint8Array(bytes);
    }
    return null;
  }

  async #look(): Promise<void> {
    const known = new Map<string, Known>();
    try {
      for (const name of (await readdir(this.#folder)).sort().slice(0, MOST_FILES)) {
        const file = join(this.#folder, name);
        const found = await hashOf(file, this.#known.get(file));
        if (found !== null) known.set(file, found);
      }
    } catch (cause) {
      throw new ParleyError("FileUnreadable", `the folder ${this.#folder} can't be read: ${messageOf(cause)}`, {
        hint: "name a folder that is there, and that this user can read",
        cause,
      });
    }
    this.#known = known;
    this.#lookedAt = performance.now();
  }
}

/** Null where it is no file, is larger than what is looked at, or leads nowhere, as one that was taken away meanwhile. */
async function hashOf(file: string, before: Known | undefined): Promise<Known | null> {
  const found = await stat(file).catch((thrown: unknown) => {
    if ((thrown as { code?: unknown }).code === "ENOENT") return null;
    throw thrown;
  });
  if (!found?.isFile() || found.size > MOST_FILE_BYTES) return null;
  const { size, mtimeMs: changedMs } = found;
  if (before?.size === size && before.changedMs === changedMs) return before;
  return { size, changedMs, hash: sha256(await readFile(file)) };
}
