import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { canonicalJson, type Json, type JsonObject } from "./canonical-json.ts";
import { JsonReader } from "./json-reader.ts";
import { digestOf, multihashOf } from "./multihash.ts";

/** One piece of evidence, as ERC-1497 describes it: where a file lies, what is in it, and its hash. */
export interface EvidenceJson {
  readonly fileURI: string;
  /** SHA-256 of the file's bytes; in the JSON, its multihash in base 58. */
  readonly fileHash: Bytes32;
  /** Without the dot. */
  readonly fileTypeExtension: string;
  readonly name: string;
  readonly description: string;
}

/** Longest address that is followed: an event may hold a longer one, and whoever filed it paid for that. */
export const LONGEST_URI = 2_048;

const [MOST_NAME, MOST_DESCRIPTION, MOST_EXTENSION] = [200, 4_000, 20];

/** More than a piece of evidence of the largest size takes. */
export const MOST_EVIDENCE_JSON_BYTES = 64 * 1024;

/** Writes evidence, canonically, with ERC-1497's `selfHash`: the hash of all the rest of it. */
export function encodeEvidenceJson(evidence: EvidenceJson): string {
  const content: JsonObject = { ...evidence, fileHash: multihashOf(evidence.fileHash) };
  return canonicalJson({ ...content, selfHash: selfHash(content) });
}

/** Reads evidence from outside. Members of other tools' are left alone; what is read, and the `selfHash`, has to be right. */
export function decodeEvidenceJson(text: string): EvidenceJson {
  const content = parse(text);
  const reader = new JsonReader(content, "evidence");
  const evidence: EvidenceJson = {
    fileURI: reader.text("fileURI", LONGEST_URI),
    fileHash: digestOf(reader.text("fileHash")),
    fileTypeExtension: reader.has("fileTypeExtension") ? reader.text("fileTypeExtension", MOST_EXTENSION) : "",
    name: reader.text("name", MOST_NAME),
    description: reader.text("description", MOST_DESCRIPTION),
  };
  if (reader.has("selfHash")) checkSelf(content as JsonObject, reader.text("selfHash"));
  return evidence;
}

function checkSelf(content: JsonObject, said: string): void {
  const rest = Object.fromEntries(Object.entries(content).filter(([name]) => name !== "selfHash"));
  if (said === selfHash(rest)) return;
  throw new ParleyError("EvidenceAltered", "the evidence JSON has another content than its own `selfHash` says", {
    hint: "ask whoever filed it for the file as it was filed",
  });
}

function selfHash(content: JsonObject): string {
  return multihashOf(sha256(utf8.encode(canonicalJson(content))));
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new ParleyError("Malformed", "the evidence is not JSON", { cause });
  }
}
