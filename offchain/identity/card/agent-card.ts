import { ParleyError } from "../../kernel/errors.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";

/** Where and how an agent is reached. */
export interface CardInterface {
  readonly url: string;
  /** `JSONRPC`, `GRPC`, `HTTP+JSON`, or the URI of another one. */
  readonly protocolBinding: string;
  readonly protocolVersion: string;
}

/** What everybody reads of an agent card (A2A 1.0), and the whole card as it came. */
export interface AgentCard {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** The preferred one first. */
  readonly interfaces: readonly CardInterface[];
  readonly content: JsonObject;
}

const MOST_CHARACTERS = 128 << 10;

const MOST_ENTRIES = 100;

const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "wss:", "ws:", "grpc:", "grpcs:"]);

/** Parses a card from outside. That it is well formed says nothing about whose it is. */
export function parseCard(text: string): AgentCard {
  if (text.length > MOST_CHARACTERS) throw malformed(`an agent card is longer than ${MOST_CHARACTERS} characters`);
  let content: Json;
  try {
    content = JSON.parse(text) as Json;
  } catch (cause) {
    throw new ParleyError("Malformed", "the agent card is not JSON", { cause });
  }
  return readCard(content);
}

/** Reads what has to be there. More may be: cards are meant to be extended. */
export function readCard(content: Json): AgentCard {
  const reader = new JsonReader(content, "card");
  for (const name of ["defaultInputModes", "defaultOutputModes", "skills"]) listOf(reader, name);
  reader.object("capabilities");
  return {
    name: reader.text("name", 1_000),
    description: reader.text("description", 10_000),
    version: reader.text("version", 100),
    interfaces: listOf(reader, "supportedInterfaces").map((one, index) => readInterface(one, index)),
    content: content as JsonObject,
  };
}

function readInterface(value: Json, index: number): CardInterface {
  const reader = new JsonReader(value, `card.supportedInterfaces.${index}`);
  const url = reader.text("url", 2_048);
  // Whoever follows an address from a stranger should know at least what kind it is.
  if (!SCHEMES.has(URL.parse(url)?.protocol ?? ""))
    throw malformed(`'${reader.at("url")}' must be an address to connect to`);
  return {
    url,
    protocolBinding: reader.text("protocolBinding"),
    protocolVersion: reader.text("protocolVersion", 20),
  };
}

export function listOf(reader: JsonReader, name: string): readonly Json[] {
  const list = reader.raw(name);
  if (Array.isArray(list) && list.length <= MOST_ENTRIES) return list as readonly Json[];
  throw malformed(`'${reader.at(name)}' must be a list of at most ${MOST_ENTRIES}`);
}

function malformed(what: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", what);
}
