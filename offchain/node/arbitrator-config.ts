import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Address } from "../kernel/ids.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { readDeployment } from "../transcript/evidence/deployment.ts";
import { MOST_CONFIG_BYTES, readBounded } from "./bounded-file.ts";

/** Where evidence may be read from. */
export interface EvidenceConfig {
  /** A folder with files that came by another way; they are found by their hash. */
  readonly folder: string | null;
  readonly ipfsGateway: string | null;
  /** Also addresses of this network. For rehearsals only. */
  readonly allowPrivate: boolean;
}

export const NO_EVIDENCE_CONFIG: EvidenceConfig = { folder: null, ipfsGateway: null, allowPrivate: false };

/** All that an arbitrator's tools are told. */
export interface ArbitratorConfig {
  readonly rpc: string;
  readonly deployment: Deployment;
  readonly court: Address;
  /** File with the key of the account that has the seat. */
  readonly keys: string;
  /** SQLite file with its votes: what is lost of it costs penalties. */
  readonly journal: string;
  readonly evidence: EvidenceConfig;
  /** Deals that are judged were not committed before this block. */
  readonly fromBlock: bigint;
}

export function readArbitratorConfig(file: string): ArbitratorConfig {
  try {
    return parseArbitratorConfig(JSON.parse(readBounded(file, MOST_CONFIG_BYTES)) as Json);
  } catch (cause) {
    throw new ParleyError("BadConfig", `the configuration ${file} can't be used: ${messageOf(cause)}`, {
      hint: "`parley court --help` shows a complete example",
      cause,
    });
  }
}

export function parseArbitratorConfig(content: Json): ArbitratorConfig {
  const reader = new JsonReader(content, "");
  const config: ArbitratorConfig = {
    rpc: reader.text("rpc", 2_048),
    deployment: readDeployment(reader.object("deployment")),
    court: reader.address("court"),
    keys: reader.text("keys", 4_096),
    journal: reader.text("journal", 4_096),
    evidence: reader.has("evidence") ? readEvidenceConfig(reader.object("evidence")) : NO_EVIDENCE_CONFIG,
    fromBlock: BigInt(reader.has("fromBlock") ? reader.integer("fromBlock", 0, Number.MAX_SAFE_INTEGER) : 0),
  };
  reader.end();
  if (!/^https?:$/.test(URL.parse(config.rpc)?.protocol ?? "")) {
    throw new ParleyError("Malformed", "'rpc' must be a node's address that begins with http:// or https://");
  }
  // Votes that only this process knows can't be revealed by the next.
  if (config.journal === ":memory:") throw new ParleyError("Malformed", "'journal' must be a file");
  return config;
}

function readEvidenceConfig(reader: JsonReader): EvidenceConfig {
  const config: EvidenceConfig = {
    folder: reader.has("folder") ? reader.text("folder", 4_096) : null,
    ipfsGateway: reader.has("ipfsGateway") ? readGateway(reader) : null,
    allowPrivate: reader.has("allowPrivate") && reader.oneOf("allowPrivate", ["yes", "no"]) === "yes",
  };
  reader.end();
  return config;
}

function readGateway(reader: JsonReader): string {
  const gateway = reader.text("ipfsGateway", 2_048);
  if (URL.parse(gateway)?.protocol === "https:") return gateway;
  throw new ParleyError("Malformed", "'evidence.ipfsGateway' must be an address that begins with https://");
}
