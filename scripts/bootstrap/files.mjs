import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A file's text, or undefined if there is none.
 * @param {string} path
 */
export function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Writes a file so that a reader sees the old text or the new, never half of it.
 * @param {string} path
 * @param {string} text
 */
export function writeWhole(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}

/**
 * One hash over some texts, with their lengths, so that moving a byte from one to the next changes it.
 * @param {readonly (string | Uint8Array)[]} parts
 */
export function hashOf(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/**
 * All files below a folder with one of the endings, sorted, as paths from there; none if the folder is missing.
 * @param {string} folder
 * @param {string} ending e.g. ".sol"
 * @returns {string[]}
 */
export function filesBelow(folder, ending) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} below */
  const visit = (below) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (path.endsWith(ending)) found.push(path);
    }
  };
  try {
    visit("");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  return found.sort();
}
