import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ParleyError } from "../kernel/errors.ts";

const PIECE = 1024 * 1024;

/** What somebody writes by hand, and keys and certificates, is far smaller. */
export const MOST_CONFIG_BYTES = 4 * 1024 * 1024;

/** The text of a file that has at most so many bytes. One that has more isn't read; nor more than that of a pipe, whose size nobody knows. */
export function readBounded(path: string, most: number): string {
  // Some programs put a mark of the order of bytes before all they write; it is no part of the text.
  return Buffer.from(readBoundedBytes(path, most))
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}

/** The same, byte by byte: for what is known by its hash. */
export function readBoundedBytes(path: string, most: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    if (stats.isFile() && stats.size > most) throw tooLarge(path, `has ${stats.size} bytes`, most);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const piece = new Uint8Array(stats.isFile() ? Math.min(PIECE, Math.max(stats.size - length, 0) + 1) : PIECE);
      const count = readSync(file, piece);
      if (count === 0) return new Uint8Array(Buffer.concat(pieces));
      length += count;
      if (length > most) throw tooLarge(path, "has more bytes", most);
      pieces.push(piece.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

function tooLarge(path: string, what: string, most: number): ParleyError<"FileUnreadable"> {
  return new ParleyError("FileUnreadable", `${path} ${what}, more than the ${most} that are read`, {
    hint: "name another file, or make it smaller",
    facts: { file: path, most },
  });
}
