import { utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { toAgentId } from "../../kernel/ids.ts";
import type { Finding, Rejection } from "../../ports/connector.ts";
import { dealFromHex, dealToHex, readWord, wordToJson } from "../../terms/agreement-json.ts";
import { canonicalJson, type Json, type JsonObject, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { MAX_MESSAGE_BYTES } from "../../terms/message.ts";
import type { Fact, Undertaking } from "./memory.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { TASKS } from "./tasks.ts";

/** Hexadecimal digits of the largest message or terms. */
const LONGEST = 2 * MAX_MESSAGE_BYTES + 2;

export function encodeFact(fact: Fact): Uint8Array {
  return utf8.encode(canonicalJson({ version: 1, ...toJson(fact) }));
}

export function decodeFact(record: Uint8Array): Fact {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(record)), "fact");
  if (reader.raw("version") !== 1) {
    throw new ParleyError("JournalVersion", "the journal of settlements holds a record of another version", {
      hint: "open it with the version of Parley that wrote it",
    });
  }
  const fact = fromJson(reader);
  reader.end();
  return fact;
}

function toJson(fact: Fact): JsonObject {
  switch (fact.type) {
    case "begun":
      return { type: fact.type, at: fact.at, ...undertakingToJson(fact.undertaking) };
    case "declared":
      return { type: fact.type, by: fact.by.toString() };
    case "cleared":
      return { ...fact, rejection: fact.rejection === null ? null : { ...fact.rejection } };
    case "found":
      return { type: fact.type, finding: { ...fact.finding } };
    case "ended":
      return { type: fact.type, outcome: outcomeToJson(fact.outcome) };
    case "produced":
    case "released":
    case "rated":
    case "refused":
    case "waits":
      return { ...fact };
  }
}

function fromJson(reader: JsonReader): Fact {
  const type = reader.oneOf("type", [
    ...([
      "begun",
      "cleared",
      "produced",
      "found",
      "released",
      "rated",
      "declared",
      "refused",
      "waits",
      "ended",
    ] as const),
  ]);
  switch (type) {
    case "begun":
      return { type, at: reader.integer("at", 0, Number.MAX_SAFE_INTEGER), undertaking: readUndertaking(reader) };
    case "cleared":
      return {
        type,
        rejection: orNull(reader, "rejection", readRejection),
        chainTime: readSeconds(reader, "chainTime"),
      };
    case "produced":
      return { type, evidence: reader.bytes32("evidence") };
    case "found":
      return { type, finding: readFinding(reader.object("finding")) };
    case "released":
    case "rated":
      return { type };
    case "declared":
      return { type, by: toAgentId(reader.text("by")) };
    case "refused":
      return { type, task: reader.oneOf("task", TASKS), code: reader.text("code") };
    case "waits":
      return {
        type,
        reason: reader.text("reason", LONGEST),
        until: reader.raw("until") === null ? null : readSeconds(reader, "until"),
      };
    case "ended":
      return { type, outcome: readOutcome(reader.object("outcome")) };
  }
}

function undertakingToJson({ role, deal, transcript, proofs, terms }: Undertaking): JsonObject {
  return {
    ...{ role, transcript, terms: terms ?? null, deal: dealToHex(deal) },
    proofs: proofs === null ? null : { buyer: wordToJson(proofs.buyer), seller: wordToJson(proofs.seller) },
  };
}

function readUndertaking(reader: JsonReader): Undertaking {
  const deal = dealFromHex(reader.text("deal", LONGEST));
  const proofs = orNull(reader, "proofs", (sides) => {
    const both = { buyer: readWord(sides.object("buyer")), seller: readWord(sides.object("seller")) };
    return both;
  });
  const terms = reader.raw("terms");
  return {
    ...{ role: reader.oneOf("role", ["buyer", "seller"]), deal, transcript: reader.bytes32("transcript"), proofs },
    terms: terms === null ? null : (terms as JsonObject),
  };
}

function readRejection(reader: JsonReader): Rejection {
  return { code: reader.text("code"), note: reader.text("note", LONGEST) };
}

function readFinding(reader: JsonReader): Finding {
  if (reader.raw("good") === true) return { good: true };
  return {
    ...{ good: false, share: reader.integer("share", 0, 10_000), evidence: reader.bytes32("evidence") },
    note: reader.text("note", LONGEST),
  };
}

function outcomeToJson(outcome: Outcome): JsonObject {
  if (outcome.kind === "forfeited") return { kind: outcome.kind, by: outcome.by?.toString() ?? null };
  if (!("toBuyer" in outcome)) return { ...outcome };
  const { toBuyer, toSeller, ...rest } = outcome;
  return { ...rest, toBuyer: toBuyer.toString(), toSeller: toSeller.toString() };
}

function readOutcome(reader: JsonReader): Outcome {
  const kind = reader.oneOf("kind", ["settled", "refunded", "cancelled", "forfeited", "ruled"]);
  if (kind === "forfeited") {
    const by: Json = reader.raw("by");
    return { kind, by: typeof by === "string" ? toAgentId(by) : null };
  }
  const how = reader.oneOf("how", [
    ...(["Accepted", "Claimed", "Refunded", "Closed", "Split", "Agreed", "Ruled", "Lapsed", "Superseded"] as const),
  ]);
  if (kind === "cancelled" && (how === "Lapsed" || how === "Superseded")) return { kind, how };
  if (how === "Superseded") throw new ParleyError("JournalCorrupt", "the journal names an outcome that there is not");
  return outcomeOf({ outcome: how, toBuyer: reader.amount("toBuyer"), toSeller: reader.amount("toSeller") });
}

function readSeconds(reader: JsonReader, name: string): number {
  return reader.integer(name, 0, Number.MAX_SAFE_INTEGER);
}

function orNull<T>(reader: JsonReader, name: string, read: (part: JsonReader) => T): T | null {
  if (reader.raw(name) === null) return null;
  const part = reader.object(name);
  const value = read(part);
  part.end();
  return value;
}
