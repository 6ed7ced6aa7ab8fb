import { type Hex, isHex } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, toAgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";

/** One side's signed consent to a split, as it travels to the other. */
export interface ConsentFile {
  readonly chainId: number;
  readonly settlement: Address;
  readonly deal: Bytes32;
  readonly toSeller: Amount;
  readonly until: number;
  /** Who signed. */
  readonly agent: AgentId;
  readonly epoch: number;
  readonly signature: Hex;
}

const [FORMAT, VERSION] = ["parley-split-consent", 1] as const;
const [MAX_UINT32, MAX_UINT40] = [2 ** 32 - 1, 2 ** 40 - 1];

/** An ERC-1271 wallet's signature may be long, but not that long. */
const MOST_SIGNATURE = 8_192;

export function consentToJson({ toSeller, agent, ...consent }: ConsentFile): JsonObject {
  return { format: FORMAT, version: VERSION, ...consent, toSeller: toSeller.toString(), agent: agent.toString() };
}

/** Reads a consent from outside. That it is well-formed proves nothing yet. */
export function consentFromText(text: string): ConsentFile {
  try {
    return read(new JsonReader(JSON.parse(text) as Json, ""));
  } catch (thrown) {
    throw new ParleyError("BadConsent", `the file is no consent to a split: ${messageOf(thrown)}`, {
      hint: "ask the other side for the file that `parley deal split --out` made",
      cause: thrown,
    });
  }
}

function read(reader: JsonReader): ConsentFile {
  reader.oneOf("format", [FORMAT]);
  reader.integer("version", VERSION, VERSION);
  const signature = reader.raw("signature");
  if (!isHex(signature) || signature.length > 2 + 2 * MOST_SIGNATURE || signature === "0x") {
    throw new ParleyError("Malformed", "'signature' must be bytes in hexadecimal");
  }
  const consent: ConsentFile = {
    chainId: reader.integer("chainId", 1, Number.MAX_SAFE_INTEGER),
    settlement: reader.address("settlement"),
    deal: reader.bytes32("deal"),
    toSeller: reader.amount("toSeller"),
    until: reader.integer("until", 0, MAX_UINT40),
    agent: toAgentId(reader.text("agent")),
    epoch: reader.integer("epoch", 0, MAX_UINT32),
    signature,
  };
  reader.end();
  return consent;
}
