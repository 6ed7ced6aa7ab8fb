import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Bytes32 } from "../../../kernel/ids.ts";

/** A file by what it holds. */
export interface Digested {
  readonly digest: Bytes32;
  readonly bytes: number;
}

/** SHA-256 of a file as it is read, however large it is. */
export async function digestFile(path: string): Promise<Digested> {
  const hash = createHash("sha256");
  const bytes = await hashInto(hash, path);
  return { digest: finish(hash), bytes };
}

/** Adds what a file holds to a hash; resolves with its size. */
export async function hashInto(hash: Hash, path: string): Promise<number> {
  const file = await open(path, "r");
  let bytes = 0;
  for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

export function finish(hash: Hash): Bytes32 {
  return `0x${hash.digest("hex")}`;
}
