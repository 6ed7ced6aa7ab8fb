import { ParleyError } from "../../kernel/errors.ts";
import { toAgentId } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { readDeployment } from "../../transcript/evidence/deployment.ts";
import { readSigned, type SignedEntry, signedToJson } from "./entry.ts";
import { MOST_ENTRIES, type TabState } from "./state.ts";
import type { TabParty, TabTerms } from "./terms.ts";

/** A running account in one document: whoever gets it can verify what was signed without asking either side. */
export interface TabBook {
  readonly deployment: Deployment;
  readonly terms: TabTerms;
  /** What each side has signed, in the order of the terms' parties. */
  readonly sides: readonly [readonly SignedEntry[], readonly SignedEntry[]];
  /** Entries that were signed under a number which another one has: each shows a fork. */
  readonly beside: readonly SignedEntry[];
}

const FORMAT = "parley-account";
const VERSION = 1;

/** A side is known to have forked by one; what else it signs makes nothing worse. */
const MOST_BESIDE = 16;

export function bookOf(deployment: Deployment, terms: TabTerms, { ours, theirs, fork }: TabState): TabBook {
  const [lower, higher] = ours.agent < theirs.agent ? [ours, theirs] : [theirs, ours];
  const signed = ({ entries }: TabState["ours"]) => entries.map((held) => held.signed);
  return {
    ...{ deployment, terms, sides: [signed(lower), signed(higher)] },
    beside: fork === null ? [] : [fork.second],
  };
}

export function bookToJson({ deployment, terms, sides, beside }: TabBook): JsonObject {
  const parties = terms.parties.map(({ agent, credit }) => ({ agent: agent.toString(), credit: credit.toString() }));
  return {
    ...{ format: FORMAT, version: VERSION, deployment: { ...deployment }, terms: { ...terms, parties } },
    sides: sides.map((side) => side.map(signedToJson)),
    beside: beside.map(signedToJson),
  };
}

/** Reads one from outside. That it is well-formed proves nothing yet: see `examineBook`. */
export function bookFromJson(value: Json): TabBook {
  const reader = new JsonReader(value, "");
  reader.oneOf("format", [FORMAT]);
  reader.integer("version", VERSION, VERSION);
  const sides = exactly(reader, "sides", 2);
  const book: TabBook = {
    deployment: readDeployment(reader.object("deployment")),
    terms: readTerms(reader.object("terms")),
    sides: [entriesAt(reader, sides, 0), entriesAt(reader, sides, 1)],
    beside: list(reader.raw("beside"), reader.at("beside"), MOST_BESIDE).map((one, at) =>
      readSigned(new JsonReader(one, `${reader.at("beside")}.${at}`)),
    ),
  };
  reader.end();
  return book;
}

function entriesAt(reader: JsonReader, sides: readonly Json[], side: number): readonly SignedEntry[] {
  const path = `${reader.at("sides")}.${side}`;
  return list(sides[side], path, MOST_ENTRIES).map((one, at) => readSigned(new JsonReader(one, `${path}.${at}`)));
}

function readTerms(reader: JsonReader): TabTerms {
  const parties = exactly(reader, "parties", 2);
  const terms: TabTerms = {
    parties: [partyAt(reader, parties, 0), partyAt(reader, parties, 1)],
    token: reader.address("token"),
    salt: reader.bytes32("salt"),
  };
  reader.end();
  return terms;
}

function partyAt(terms: JsonReader, parties: readonly Json[], at: number): TabParty {
  const reader = new JsonReader(parties[at], `${terms.at("parties")}.${at}`);
  const party: TabParty = { agent: toAgentId(reader.text("agent")), credit: reader.amount("credit") };
  reader.end();
  return party;
}

/** A list of exactly so many. */
function exactly(reader: JsonReader, name: string, count: number): readonly Json[] {
  const found = list(reader.raw(name), reader.at(name), count);
  if (found.length === count) return found;
  throw malformed(reader.at(name), `a list of ${count}`);
}

function list(value: Json | undefined, path: string, most: number): readonly Json[] {
  if (Array.isArray(value) && value.length <= most) return value as readonly Json[];
  throw malformed(path, `a list of ${most} at most`);
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
