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
  /**
   * A gate that is open to its holder, who shows who it is by tokens of its own. It follows from the deal and its terms, so anybody who has
   * these knows its hash; whoever delivers under that hash says that the gate is open. Its time is counted from that delivery.
   */
  | {
      readonly kind: "access";
      readonly deal: Bytes32;
      readonly transcript: Bytes32;
      readonly resource: string;
      readonly holder: AgentId;
      readonly calls: number;
      readonly seconds: number;
    };

const FORMAT = "parley-proof/1";

const [MOST_READINGS, MOST_READING, MOST_ADDRESS] = [10_000, 8_192, 2_048];

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
        ...{ kind, deal: reader.bytes32("deal"), transcript: reader.bytes32("transcript") },
        ...{ resource: reader.text("resource", MOST_ADDRESS), holder: toAgentId(reader.text("holder", 78)) },
        ...{ calls: size("calls", Number.MAX_SAFE_INTEGER), seconds: size("seconds", Number.MAX_SAFE_INTEGER) },
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
