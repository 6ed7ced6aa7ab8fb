import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, open, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toHex } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import { MOST_BYTES } from "./sealed.ts";

/** Read and write, for the owner alone. */
const PRIVATE = 0o600;

/** What group and others may do. */
const SHARED = 0o077;

/** What the system's words for a fault mean. They may name another file: see `viaDraft`. */
const FAULTS: Readonly<Record<string, string>> = {
  EACCES: "permission is missing",
  EPERM: "permission is missing",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENOTDIR: "what should be its folder is a file",
};

/** Reads a file that holds secrets; refuses one that others can get at. */
export async function readPrivate(file: string): Promise<string> {
  // Not blocking, since opening a pipe would wait for somebody to write to it.
  return await withHandle(file, constants.O_RDONLY | constants.O_NONBLOCK, async (handle) => {
    // Asked of what was opened, not of the name: that may be another file by now.
    checkPrivate(file, await handle.stat());
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead <= MOST_BYTES) return buffer.toString("utf8", 0, bytesRead);
    throw new ParleyError("KeysUnreadable", `${file} is larger than ${MOST_BYTES} bytes: it is no key file`, {
      hint: "name a file that `parley keys create` wrote",
    });
  });
}

/** Writes a new file; whatever is there already stays. After a crash there is the whole file or none. */
export async function createPrivate(file: string, text: string): Promise<void> {
  await viaDraft(file, text, async (draft) => {
    await link(draft, file);
    await unlink(draft);
  });
}

/** Puts a new content in place of a file's old one. After a crash there is one of the two, whole. */
export async function replacePrivate(file: string, text: string): Promise<void> {
  const target = await touching(file, "written", () => realpath(file));
  await viaDraft(target, text, (draft) => rename(draft, target));
}

function checkPrivate(file: string, stats: Stats): void {
  if (!stats.isFile()) {
    throw new ParleyError("KeysUnreadable", `${file} is no file`, {
      hint: "name a file that `parley keys create` wrote",
    });
  }
  // Windows has no such bits; there the folder's rights are what counts.
  const self = process.getuid?.();
  if (self === undefined) return;
  const mode = stats.mode & 0o777;
  if ((mode & SHARED) !== 0) {
    throw new ParleyError("KeysExposed", `others can get at the key file ${file}: its mode is ${mode.toString(8)}`, {
      hint: `chmod 600 ${file}; if anybody may have read it, make new keys`,
      facts: { file, mode: mode.toString(8) },
    });
  }
  if (stats.uid !== self && stats.uid !== 0 && self !== 0) {
    throw new ParleyError("KeysExposed", `the key file ${file} belongs to another user`, {
      hint: "make it yours (chown), or run as the user that it belongs to",
      facts: { file },
    });
  }
}

/** Writes beside the file first, so that it is never half there under its own name, and on disk before it is moved. */
async function viaDraft(file: string, text: string, place: (draft: string) => Promise<void>): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${toHex(randomBytes(6)).slice(2)}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  await touching(file, "written", async () => {
    try {
      const handle = await open(draft, flags, PRIVATE);
      try {
        await handle.writeFile(text);
        // The mode that a file is made with is subject to the umask.
        await handle.chmod(PRIVATE);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await place(draft);
    } catch (thrown) {
      await unlink(draft).catch(() => undefined);
      throw thrown;
    }
    await syncFolder(dirname(file));
  });
}

/** A name is on disk only once its folder is. Not every system can do that, and those that can't need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function withHandle<T>(file: string, flags: number, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  return await touching(file, "read", async () => {
    const handle = await open(file, flags);
    try {
      return await use(handle);
    } finally {
      await handle.close();
    }
  });
}

async function touching<T>(file: string, what: "read" | "written", act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code === "EEXIST") {
      throw new ParleyError("KeysExist", `there is a file ${file} already, and keys are never written over`, {
        hint: "name another file, or move that one away",
      });
    }
    const missing = what === "read" ? "there is no such file" : "there is no such folder";
    const because = code === "ENOENT" ? missing : (FAULTS[String(code)] ?? messageOf(thrown));
    throw new ParleyError(
      what === "read" ? "KeysUnreadable" : "KeysUnwritable",
      `the key file ${file} can't be ${what}: ${because}`,
      {
        hint:
          what === "read" ? "name a file that `parley keys create` wrote" : "see whether its folder is there and yours",
        cause: thrown,
      },
    );
  }
}
