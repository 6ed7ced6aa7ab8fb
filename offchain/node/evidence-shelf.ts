import { stat } from "node:fs/promises";
import { join } from "node:path";
import { utf8 } from "../kernel/bytes.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import {
  decodeEvidenceJson,
  type EvidenceJson,
  encodeEvidenceJson,
  LONGEST_URI,
  MOST_EVIDENCE_JSON_BYTES,
} from "../terms/evidence-json.ts";
import type { ShelfConfig } from "./disputes-config.ts";
import { writeWhole } from "./whole-file.ts";

/** A file on the shelf. */
export interface Shelved {
  readonly hash: Bytes32;
  readonly path: string;
  /** Where others read it; null where nobody has said. */
  readonly uri: string | null;
}

/** What is filed of every bundle that lies there. It never changes, so that what was filed is known again. */
const ABOUT = { name: "Transcript and terms of the deal", description: "" } as const;

/** The folder with the evidence of an agent's disputes. Files are named by their hash, and written before that is on the chain. */
export class EvidenceShelf {
  readonly #config: ShelfConfig;

  constructor(config: ShelfConfig) {
    this.#config = config;
  }

  async put(text: string): Promise<Shelved> {
    const shelved = this.#named(sha256(utf8.encode(text)));
    try {
      if (!(await this.has(shelved.hash))) await writeWhole(this.#config.folder, fileName(shelved.hash), text);
      return shelved;
    } catch (cause) {
      throw new ParleyError("EvidenceUnwritable", `evidence can't be put at ${shelved.path}: ${messageOf(cause)}`, {
        hint: "see whether `disputes.evidence.folder` is there and writable, and its disk not full; file it then: parley dispute evidence",
        cause,
      });
    }
  }

  async has(hash: Bytes32): Promise<boolean> {
    return await stat(this.#named(hash).path).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  /** The address that is filed on the chain for a file; null where nobody has said what the folder is called. */
  addressOf(hash: Bytes32): string | null {
    const { uri } = this.#named(hash);
    if (uri === null) return null;
    return evidenceAddress({ fileURI: uri, fileHash: hash, fileTypeExtension: "json", ...ABOUT }).uri;
  }

  #named(hash: Bytes32): Shelved {
    const { folder, uri } = this.#config;
    return { hash, path: join(folder, fileName(hash)), uri: uri === null ? null : `${uri}${fileName(hash)}` };
  }
}

function fileName(hash: Bytes32): string {
  return `${hash.slice(2)}.json`;
}

const DATA = "data:application/json;base64,";

/** Evidence as it is filed: the JSON itself as an address, so that only the file has to lie somewhere. */
export function evidenceAddress(evidence: EvidenceJson): { readonly json: string; readonly uri: string } {
  const json = encodeEvidenceJson(evidence);
  const uri = `${DATA}${Buffer.from(utf8.encode(json)).toString("base64")}`;
  if (uri.length <= LONGEST_URI) return { json, uri };
  throw new ParleyError(
    "EvidenceTooLong",
    `the evidence takes ${uri.length} characters, and ${LONGEST_URI} are followed`,
    {
      hint: "shorten the description, or put the JSON somewhere and file its address: --evidence-uri URI",
    },
  );
}

/** Whether an address that was filed says itself where the file of that hash lies. What lies elsewhere isn't fetched to find out. */
export function isFiled(uri: string | null, hash: Bytes32): boolean {
  if (uri === null || !uri.startsWith(DATA) || uri.length > MOST_EVIDENCE_JSON_BYTES) return false;
  try {
    return decodeEvidenceJson(utf8.decode(Buffer.from(uri.slice(DATA.length), "base64"))).fileHash === hash;
  } catch (thrown) {
    if (thrown instanceof ParleyError) return false;
    throw thrown;
  }
}
