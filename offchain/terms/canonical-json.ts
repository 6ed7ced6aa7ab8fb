import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import type { Bytes32 } from "../kernel/ids.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** Deeper nesting than any terms need; bounds the recursion on hostile input. */
const MAX_DEPTH = 32;

/**
 * RFC 8785 canonical JSON, further narrowed: numbers are integers within 2^53 - 1 (amounts are strings),
 * text is well-formed Unicode.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0, writeInteger);
}

/** RFC 8785 as it is, for documents of other protocols: numbers may have fractions. */
export function rfc8785(value: Json): string {
  return write(value, 0, writeNumber);
}

/** SHA-256 of the canonical form: how terms and proposals are named. */
export function hashJson(value: Json): Bytes32 {
  return sha256(utf8.encode(canonicalJson(value)));
}

/** Parses JSON that must already be canonical, so that one text has one hash and one meaning. */
export function parseCanonicalJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new ParleyError("Malformed", "the document is not JSON", { cause });
  }
  if (canonicalJson(value) !== text) {
    throw new ParleyError("Malformed", "the document is JSON, but not in its canonical form (RFC 8785)");
  }
  return value;
}

function write(value: Json, depth: number, number: (value: number) => string): string {
  if (depth > MAX_DEPTH) throw new ParleyError("Malformed", `the document is nested deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return writeText(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => write(item, depth + 1, number)).join(",")}]`;
  if (typeof value !== "object") throw new ParleyError("Malformed", `a ${typeof value} is not JSON`);
  const object = value as JsonObject;
  // RFC 8785 sorts by UTF-16 code units, which is how JavaScript compares strings.
  const members = Object.keys(object)
    .sort()
    .map((name) => `${writeText(name)}:${write(object[name] as Json, depth + 1, number)}`);
  return `{${members.join(",")}}`;
}

function writeInteger(value: number): string {
  if (!Number.isSafeInteger(value)) {
    throw new ParleyError("Malformed", `${value} is not an integer within 2^53 - 1; write amounts as strings`);
  }
  return String(value);
}

/** JavaScript's own form is the one that RFC 8785 prescribes; it writes -0 as 0. */
function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new ParleyError("Malformed", `${value} is not a number that JSON has`);
  return String(value === 0 ? 0 : value);
}

function writeText(text: string): string {
  if (!text.isWellFormed()) throw new ParleyError("Malformed", "a text holds half of a surrogate pair");
  return JSON.stringify(text);
}
