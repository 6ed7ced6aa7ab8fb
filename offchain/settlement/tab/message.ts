import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import { canonicalJson, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { readSigned, type SignedEntry, signedToJson } from "./entry.ts";

/** What the two sides of a tab say to each other, by whatever way. Any of it may be lost, doubled or late. */
export type TabMessage =
  | { readonly type: "entry"; readonly signed: SignedEntry }
  /**
   * How many of the other side's entries it has: asks for the rest. And how many of its own: who has more of them shows the newest, since
   * then they were lost. Nothing follows from it, so it is not signed.
   */
  | { readonly type: "have"; readonly tab: Bytes32; readonly entries: number; readonly own: number };

/** Most characters of a message. */
const LONGEST = 8_192;

export function encodeTabMessage(message: TabMessage): string {
  return canonicalJson(
    message.type === "have" ? { ...message } : { type: "entry", signed: signedToJson(message.signed) },
  );
}

/** Reads what came from outside; throws `Malformed`. */
export function decodeTabMessage(text: string): TabMessage {
  if (text.length > LONGEST) throw new ParleyError("Malformed", `a message of a tab has ${LONGEST} characters at most`);
  const reader = new JsonReader(parseCanonicalJson(text), "");
  const type = reader.oneOf("type", ["entry", "have"]);
  const message: TabMessage =
    type === "entry"
      ? { type, signed: readSigned(reader.object("signed")) }
      : { type, tab: reader.bytes32("tab"), entries: readCount(reader, "entries"), own: readCount(reader, "own") };
  reader.end();
  return message;
}

function readCount(reader: JsonReader, name: string): number {
  return reader.integer(name, 0, Number.MAX_SAFE_INTEGER);
}
