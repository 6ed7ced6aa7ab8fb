import { fromBase64url, toBase64url } from "../kernel/base64url.ts";
import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { canonicalJson, type Json, type JsonObject } from "./canonical-json.ts";

/** A signed token in its three parts, as it came. Nothing about it has been verified. */
export interface Jwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
  /** The bytes that the signature is over. */
  readonly input: Uint8Array;
}

/** A token travels in a header of HTTP; servers take some kilobytes there. */
const MOST_CHARACTERS = 8_192;

/** The token of an `Authorization: Bearer` header; null where there is none. */
export function bearerToken(authorization: string | null): string | null {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** Takes a compact JWS apart. */
export function parseJwt(text: string): Jwt {
  if (text.length > MOST_CHARACTERS) throw malformed(`is longer than ${MOST_CHARACTERS} characters`);
  const [header, claims, signature, ...more] = text.split(".");
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) {
    throw malformed("does not have three parts");
  }
  return {
    header: decodePart(header),
    claims: decodePart(claims),
    signature: decodeBytes(signature),
    input: signingInput(header, claims),
  };
}

/** What a JWS signs: its two other parts as they are written. */
export function signingInput(header: string, payload: string): Uint8Array {
  return utf8.encode(`${header}.${payload}`);
}

/** A JSON object as one part of a JWS. */
export function encodePart(value: JsonObject): string {
  return toBase64url(utf8.encode(canonicalJson(value)));
}

export function decodePart(part: string): JsonObject {
  try {
    const value = JSON.parse(utf8.decode(fromBase64url(part))) as Json;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // What a parser quotes may be a token that somebody could use.
  }
  throw malformed("has a part that is not a JSON object in base64url");
}

function decodeBytes(part: string): Uint8Array {
  try {
    return fromBase64url(part);
  } catch {
    throw malformed("has a signature that is not base64url");
  }
}

function malformed(what: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `the token ${what}`);
}
