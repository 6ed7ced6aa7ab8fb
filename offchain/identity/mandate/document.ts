import { ParleyError } from "../../kernel/errors.ts";
import { type AgentId, type Bytes32, toAgentId } from "../../kernel/ids.ts";
import type { PublicKey } from "../../ports/crypto.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { type Rule, readRule } from "./rules.ts";

const TYPE = "parley.mandate";

const VERSION = 1;

const MOST_CONSTRAINTS = 32;

/** The most links of a chain, the owner's own one included. */
export const MOST_LINKS = 8;

/** What a mandate lets its holder do, before it is signed. */
export interface MandateTerms {
  /** The key that may act by it, and pass on less of it. */
  readonly holder: PublicKey;
  /** Each with its `type`; all of them have to hold. */
  readonly constraints: readonly JsonObject[];
  /** Unix seconds, both included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** How many more times it may be passed on. */
  readonly delegations: number;
}

/** One link of a mandate's chain, as it was understood. */
export interface MandateDocument extends Omit<MandateTerms, "constraints"> {
  readonly agent: AgentId;
  /** SHA-256 of the document that this one is derived from; null where the owner itself speaks. */
  readonly parent: Bytes32 | null;
  /** Which owner of the agent speaks; null where it is a holder. */
  readonly tenure: number | null;
  /** By type: no two are of the same. */
  readonly rules: ReadonlyMap<string, Rule>;
}

/** Who stands behind a link: the owner of that tenure, or a link before. */
export type Origin = { readonly tenure: number } | { readonly parent: Bytes32 };

export function writeDocument(agent: AgentId, origin: Origin, terms: MandateTerms): JsonObject {
  const { holder, constraints, notBefore, notAfter, delegations } = terms;
  return {
    type: TYPE,
    version: VERSION,
    agent: agent.toString(),
    ...origin,
    holder: { x: holder.x, y: holder.y },
    constraints,
    notBefore,
    notAfter,
    delegations,
  };
}

/** Reads a document from outside; whatever isn't known in it fails. */
export function readDocument(value: Json): MandateDocument {
  const reader = new JsonReader(value, "mandate");
  reader.oneOf("type", [TYPE]);
  reader.integer("version", VERSION, VERSION);
  const holder = reader.object("holder");
  const document: MandateDocument = {
    agent: toAgentId(reader.text("agent")),
    parent: reader.has("parent") ? reader.bytes32("parent") : null,
    tenure: reader.has("tenure") ? reader.integer("tenure", 1, 2 ** 24 - 1) : null,
    holder: { x: holder.bytes32("x"), y: holder.bytes32("y") },
    rules: readRules(reader.raw("constraints")),
    notBefore: reader.integer("notBefore", 0, Number.MAX_SAFE_INTEGER),
    notAfter: reader.integer("notAfter", 0, Number.MAX_SAFE_INTEGER),
    delegations: reader.integer("delegations", 0, MOST_LINKS - 1),
  };
  holder.end();
  reader.end();
  return document;
}

function readRules(constraints: Json): ReadonlyMap<string, Rule> {
  if (!Array.isArray(constraints) || constraints.length > MOST_CONSTRAINTS) {
    throw new ParleyError("Malformed", `'mandate.constraints' must be a list of at most ${MOST_CONSTRAINTS}`);
  }
  const rules = constraints.map((one: Json) => readRule(one));
  const byType = new Map(rules.map((rule) => [rule.type, rule]));
  if (byType.size === rules.length) return byType;
  throw new ParleyError("Malformed", "'mandate.constraints' holds two of one type");
}
