import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Durability } from "../../ports/journal.ts";
import type { Witness } from "../../ports/witness.ts";

/** The whole file: one sector, so that not even a power cut leaves half of an old note and half of a new one. */
const BLOCK_BYTES = 512;

/** Checksum in hexadecimal and a blank, before the note itself. */
const HEAD_BYTES = 9;

const MOST_BYTES = BLOCK_BYTES - HEAD_BYTES;

/** A witness in a small file, which is written in place. */
export class FileWitness implements Witness {
  readonly #path: string;
  readonly #file: number;
  readonly #block = Buffer.alloc(BLOCK_BYTES);

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    } catch (cause) {
      throw failed(path, "opened", cause);
    }
  }

  recall(): string | null {
    const block = Buffer.alloc(BLOCK_BYTES);
    const length = this.#attempt("read", () => readSync(this.#file, block, 0, BLOCK_BYTES, 0));
    const note = block.subarray(HEAD_BYTES, length).toString().trimEnd();
    return length === BLOCK_BYTES && block.toString("latin1", 0, HEAD_BYTES) === headOf(note) ? note : null;
  }

  note(text: string, durability: Durability): void {
    const head = headOf(text);
    const block = this.#block.fill(" ");
    if (block.write(text, HEAD_BYTES) !== Buffer.byteLength(text) || text !== text.trimEnd()) throw badNote(text);
    block.write(head, 0, "latin1");
    this.#attempt("written", () => {
      writeSync(this.#file, block, 0, BLOCK_BYTES, 0);
      if (durability === "machine") fdatasyncSync(this.#file);
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  #attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw failed(this.#path, what, cause);
    }
  }
}

function headOf(note: string): string {
  return `${crc32(note).toString(16).padStart(8, "0")} `;
}

function failed(path: string, what: string, cause: unknown): ParleyError<"WitnessFailed"> {
  return new ParleyError("WitnessFailed", `the witness ${path} can't be ${what}: ${messageOf(cause)}`, {
    hint: "make the file and its directory writable for the agent's user, on a disk with room",
    facts: { path },
    cause,
  });
}

function badNote(text: string): ParleyError<"OutOfRange"> {
  const actual = Buffer.byteLength(text);
  return new ParleyError(
    "OutOfRange",
    `a witness can't note a text of ${actual} bytes that is long or ends in blanks`,
    {
      hint: `notes have ${MOST_BYTES} bytes at most and don't end in blanks`,
      facts: { actual, limit: MOST_BYTES },
    },
  );
}
