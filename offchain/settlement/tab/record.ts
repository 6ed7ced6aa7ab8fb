import { utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { canonicalJson, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { readSigned, type SignedEntry, signedToJson } from "./entry.ts";

/**
 * What the journal keeps of an account: entries of either side in the order they came to be, a fork's second one, and one of ours that the
 * journal had lost and the other side has shown.
 */
export interface TabRecord {
  readonly type: "ours" | "theirs" | "fork" | "lost";
  readonly signed: SignedEntry;
}

export function encodeRecord({ type, signed }: TabRecord): Uint8Array {
  return utf8.encode(canonicalJson({ version: 1, type, signed: signedToJson(signed) }));
}

export function decodeRecord(bytes: Uint8Array): TabRecord {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(bytes)), "record");
  if (reader.raw("version") !== 1) {
    throw new ParleyError("JournalVersion", "the journal of running accounts holds a record of another version", {
      hint: "open it with the version of Parley that wrote it",
    });
  }
  const record = {
    type: reader.oneOf("type", ["ours", "theirs", "fork", "lost"]),
    signed: readSigned(reader.object("signed")),
  };
  reader.end();
  return record;
}
