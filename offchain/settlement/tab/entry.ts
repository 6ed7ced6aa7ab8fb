import { concat, fromHex, isHex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { type AgentId, type Bytes32, toAgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { canonicalJson, type JsonObject } from "../../terms/canonical-json.ts";
import { type Certificate, certificateFromHex, certificateToHex } from "../../terms/certificate.ts";
import type { JsonReader } from "../../terms/json-reader.ts";

/**
 * One line of a running account: what an agent says that it owes. Only the debtor signs a debt, so two that cross on the wire never
 * contradict each other, and whoever holds one can prove it alone.
 */
export interface Entry {
  readonly tab: Bytes32;
  /** Who owes, and signs. */
  readonly agent: AgentId;
  /** Counts the agent's entries from 0 without a gap. Two different ones under one number are a fault. */
  readonly seq: number;
  /** What the agent has come to owe by all its entries; it never falls. */
  readonly total: Amount;
  /** Hash of the agent's entry before this one; zeros for the first. */
  readonly prev: Bytes32;
  /** Hash of the newest entry of the other side that it had; zeros where it had none. So a signature confirms that one too. */
  readonly seen: Bytes32;
  /** What it is for, by a hash of whatever both sides know; zeros where nothing is said. */
  readonly memo: Bytes32;
  /** The agent signs nothing more on this account. */
  readonly last: boolean;
}

export interface SignedEntry {
  readonly entry: Entry;
  /** By the session key of the certificate. */
  readonly signature: `0x${string}`;
  readonly certificate: Certificate;
}

/** Keeps these signatures apart from those of envelopes and of whatever else is signed for one Settlement. */
const KIND = "parley tab entry 1\n";

/** Hexadecimal digits of the largest certificate: of wallets that are contracts they hold no signature. */
const LONGEST_CERTIFICATE = 2_048;

/** What is signed: bound to the chain and the Settlement by its domain separator. */
export function entryPreimage(separator: Bytes32, entry: Entry): Uint8Array {
  return concat(fromHex(separator), utf8.encode(KIND + canonicalJson(entryToJson(entry))));
}

export function hashEntry(separator: Bytes32, entry: Entry): Bytes32 {
  return sha256(entryPreimage(separator, entry));
}

export function signedToJson({ entry, signature, certificate }: SignedEntry): JsonObject {
  return { entry: entryToJson(entry), signature, certificate: certificateToHex(certificate) };
}

export function readSigned(reader: JsonReader): SignedEntry {
  const signature = reader.text("signature", 130);
  if (!isHex(signature, 64)) {
    throw new ParleyError("Malformed", `'${reader.at("signature")}' must be 64 bytes in hexadecimal`);
  }
  const signed: SignedEntry = {
    entry: readEntry(reader.object("entry")),
    signature,
    certificate: certificateFromHex(reader.text("certificate", LONGEST_CERTIFICATE)),
  };
  reader.end();
  return signed;
}

function entryToJson(entry: Entry): JsonObject {
  return { ...entry, agent: entry.agent.toString(), total: entry.total.toString() };
}

function readEntry(reader: JsonReader): Entry {
  const entry: Entry = {
    tab: reader.bytes32("tab"),
    agent: toAgentId(reader.text("agent")),
    seq: reader.integer("seq", 0, Number.MAX_SAFE_INTEGER),
    total: reader.amount("total"),
    prev: reader.bytes32("prev"),
    seen: reader.bytes32("seen"),
    memo: reader.bytes32("memo"),
    last: readFlag(reader, "last"),
  };
  reader.end();
  return entry;
}

function readFlag(reader: JsonReader, name: string): boolean {
  const value = reader.raw(name);
  if (typeof value === "boolean") return value;
  throw new ParleyError("Malformed", `'${reader.at(name)}' must be true or false`);
}
