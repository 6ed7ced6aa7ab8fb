import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, toAgentId } from "../kernel/ids.ts";
import { hashJson, type Json, type JsonObject } from "./canonical-json.ts";
import { JsonReader } from "./json-reader.ts";

/** What shows that something was handed over, or how it was. */
export type DeliveryProof =
  /** Bytes that reached the other side some way or other. */
  | { readonly kind: "hash"; readonly digest: Bytes32 }
  /** Bytes at an address. */
  | { readonly kind: "url"; readonly url: string; readonly digest: Bytes32; readonly bytes: number }
  /** Signed readings of a meter, in compact form. */
  | { readonly kind: "readings"; readonly readings: readonly string[] }
  /** A token that lets its holder in; known by the SHA-256 of its text, since whoever has the text can use it. */
  | {
      readonly kind: "access";
      readonly resource: string;
      readonly holder: AgentId;
      readonly token: Bytes32;
      /** Last second at which it counts. */
      readonly until: number;
    };

const FORMAT = "parley-proof/1";

const [MOST_READINGS, MOST_READING, MOST_ADDRESS] = [10_000, 8_192, 2_048];

const LAST_SECOND = 2 ** 40 - 1;

/** What DELIVER, a dispute or a statement names: of bare bytes their own digest, of anything else that of its canonical JSON. */
export function evidenceOf(proof: DeliveryProof): Bytes32 {
  return proof.kind === "hash" ? proof.digest : hashJson(proofToJson(proof));
}

export function proofToJson(proof: DeliveryProof): JsonObject {
  if (proof.kind === "access") return { format: FORMAT, ...proof, holder: proof.holder.toString() };
  return { format: FORMAT, ...proof };
}

/** Whether a document says that it is a proof of this form. */
export function isProof(document: JsonObject): boolean {
  return document["format"] === FORMAT;
}

/** Reads a proof from outside. That it is well-formed proves nothing yet. */
export function proofFromJson(value: Json): DeliveryProof {
  const reader = new JsonReader(value, "proof");
  reader.oneOf("format", [FORMAT]);
  const proof = readKind(reader);
  reader.end();
  return proof;
}

function readKind(reader: JsonReader): DeliveryProof {
  const kind = reader.oneOf("kind", ["hash", "url", "readings", "access"]);
  const size = (name: string, most: number) => reader.integer(name, 0, most);
  switch (kind) {
    case "hash":
      return { kind, digest: reader.bytes32("digest") };
    case "url": {
      const url = reader.text("url", MOST_ADDRESS);
      return { kind, url, digest: reader.bytes32("digest"), bytes: size("bytes", Number.MAX_SAFE_INTEGER) };
    }
    case "readings":
      return { kind, readings: readReadings(reader) };
    case "access":
      return {
        ...{ kind, resource: reader.text("resource", MOST_ADDRESS), holder: toAgentId(reader.text("holder", 78)) },
        ...{ token: reader.bytes32("token"), until: size("until", LAST_SECOND) },
      };
  }
}

function readReadings(reader: JsonReader): readonly string[] {
  const list = reader.raw("readings");
  const isText = (one: Json): one is string => typeof one === "string" && one.length <= MOST_READING;
  if (Array.isArray(list) && list.length <= MOST_READINGS && list.every(isText)) return list;
  throw new ParleyError("Malformed", `'${reader.at("readings")}' must be at most ${MOST_READINGS} signed readings`, {
    facts: { path: reader.at("readings") },
  });
}
