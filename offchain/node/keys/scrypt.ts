import { scrypt } from "node:crypto";
import { fromHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { JsonReader } from "../../terms/json-reader.ts";

/** What makes guessing a passphrase dear: memory is 128 * n * r bytes, time grows with n * r * p. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and some tenths of a second for each guess. */
export const DEFAULT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

/** For passphrases that are 256 random bits, which nobody guesses however cheap a guess is. */
export const RANDOM_PASSPHRASE_COST: ScryptCost = { n: 2 ** 10, r: 8, p: 1 };

/** What a file may ask of whoever opens it: whoever wrote it may want their memory and time rather than their keys. */
const LARGEST = { n: 2 ** 20, r: 16, p: 4, bytes: 256 << 20, work: 2 ** 24 } as const;

const LEAST_N = 2 ** 10;

const KEY_BYTES = 32;

/** Reads the parameters of a file; refuses those that cost too much before any of it is spent. */
export function readCost(reader: JsonReader): ScryptCost {
  const n = reader.integer("n", LEAST_N, LARGEST.n);
  const r = reader.integer("r", 1, LARGEST.r);
  const p = reader.integer("p", 1, LARGEST.p);
  if (!Number.isInteger(Math.log2(n)) || 128 * n * r > LARGEST.bytes || n * r * p > LARGEST.work) {
    throw new ParleyError("Malformed", `scrypt with n = ${n}, r = ${r}, p = ${p} is not done here: it costs too much`, {
      facts: { n, r, p, mostBytes: LARGEST.bytes },
    });
  }
  return { n, r, p };
}

/** The key that a passphrase stands for. Takes as long as the cost says, on another thread. */
export function deriveKey(passphrase: Secret<string>, salt: Bytes32, { n, r, p }: ScryptCost): Promise<Uint8Array> {
  // The same words typed on another keyboard must be the same bytes.
  const password = passphrase.reveal().normalize("NFKC");
  // OpenSSL counts some working memory on top of what the parameters say.
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + (1 << 20) };
  return new Promise((resolve, reject) => {
    scrypt(password, fromHex(salt), KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
