import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { readBounded, readBoundedBytes } from "../node/bounded-file.ts";

/** The largest document that is read: more than any scenario needs. */
const LARGEST = 64 * 1024 * 1024;
const PIECE = 1024 * 1024;

/** What the system's words for a fault mean to whoever named the file. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not a folder",
  EACCES: "permission is missing",
};

export function readText(path: string): string {
  return touching(path, "read", () => readBounded(path, LARGEST));
}

/** A file as it is, for what is known by its hash. */
export function readBytes(path: string): Uint8Array {
  return touching(path, "read", () => readBoundedBytes(path, LARGEST));
}

/** The lines of a file, of which only one at a time is there: it may have millions. */
export function* linesOf(path: string): Generator<string, void> {
  const file = touching(path, "read", () => openSync(path, "r"));
  try {
    const [decoder, bytes] = [new StringDecoder("utf8"), new Uint8Array(PIECE)];
    let rest = "";
    for (let count = read(); count > 0; count = read()) {
      const [first = "", ...others] = decoder.write(bytes.subarray(0, count)).split("\n");
      rest += first;
      if (rest.length > LARGEST) throw tooLarge(`${path} has a line of ${rest.length} characters`, path);
      for (const next of others) {
        yield rest;
        rest = next;
      }
    }
    yield rest + decoder.end();

    function read(): number {
      return touching(path, "read", () => readSync(file, bytes));
    }
  } finally {
    closeSync(file);
  }
}

function tooLarge(what: string, path: string): ParleyError<"FileUnreadable"> {
  return new ParleyError("FileUnreadable", `${what}, more than ${LARGEST}`, {
    hint: "Name another file, or make it smaller.",
    facts: { file: path },
  });
}

export function writeText(path: string, text: string): void {
  touching(path, "written", () => writeFileSync(path, text));
}

/** Writes a file that isn't there yet; `hint` is what to do where it is. */
export function createText(path: string, text: string, hint: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") {
      throw new ParleyError("FileExists", `${path} is there already`, { hint, facts: { file: path } });
    }
    touching(path, "written", () => {
      throw thrown;
    });
  }
}

/** Adds to the end of a file. */
export function appendText(path: string, text: string): void {
  touching(path, "written", () => writeFileSync(path, text, { flag: "a" }));
}

/** Something in a folder. */
export interface Entry {
  readonly name: string;
  /** Of a link it is what the link leads to. */
  readonly kind: "file" | "folder" | "nowhere";
}

/** What is in a folder, in the order of the names. */
export function listFolder(path: string): Entry[] {
  return touching(path, "read", () => readdirSync(path, { withFileTypes: true }))
    .map((entry): Entry => ({ name: entry.name, kind: kindOf(path, entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(folder: string, entry: Dirent): Entry["kind"] {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "folder" : "file";
  try {
    return statSync(join(folder, entry.name)).isDirectory() ? "folder" : "file";
  } catch {
    return "nowhere";
  }
}

function touching<T>(path: string, what: "read" | "written", act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    throw untouchable(path, what, thrown);
  }
}

/** What the system's error about a file comes to. */
export function unreadable(path: string, thrown: unknown): ParleyError {
  return untouchable(path, "read", thrown);
}

function untouchable(path: string, what: "read" | "written", thrown: unknown): ParleyError {
  const fault = (thrown instanceof Error && "code" in thrown && FAULTS[String(thrown.code)]) || messageOf(thrown);
  return new ParleyError(what === "read" ? "FileUnreadable" : "FileUnwritable", `${path} can't be ${what}: ${fault}`, {
    hint: "Check the path.",
    facts: { file: path },
  });
}
