import { readFile } from "node:fs/promises";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, toAgentId } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { type PriceStrategy, strategyFromJson } from "../negotiation/price/strategy.ts";
import type { Deployment } from "../ports/chain.ts";
import { canonicalJson, type Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { decodeProposal, type Proposal, type Role } from "../terms/proposal.ts";

const MAX_UINT32 = 2 ** 32 - 1;

/** What an agent opens by itself when it starts with an empty journal. */
export interface OpenConfig {
  readonly peer: AgentId;
  readonly address: string;
  readonly proposal: Proposal;
  readonly strategy: PriceStrategy;
}

/** What an agent agrees to bargain over, and how. */
export interface RespondConfig {
  /** The side that it takes; a proposal that leaves it the other one is refused. */
  readonly role: Role;
  readonly strategy: PriceStrategy;
  readonly token: Address;
  /** The largest bond of its own that it lets a proposal name. */
  readonly mostBond: Amount;
  /** The shortest time to deliver that it agrees to, in seconds. */
  readonly leastDeliverWithin: number;
  /** The longest review that it agrees to, in seconds: so long its money may be locked. */
  readonly mostReviewPeriod: number;
}

/** All that a running agent is told, resolved once from its configuration file. */
export interface AgentConfig {
  readonly agent: AgentId;
  readonly rpc: string;
  readonly deployment: Deployment;
  /** File with the agent's keys. */
  readonly keys: string;
  /** SQLite file; `:memory:` keeps nothing. */
  readonly journal: string;
  /** Where peers connect; null where the agent only opens. */
  readonly listen: string | null;
  readonly open: OpenConfig | null;
  readonly respond: RespondConfig | null;
  /** What a seller hands over, by its digest; null is a seller that delivers nothing. */
  readonly deliver: Bytes32 | null;
  /** Milliseconds to wait before each answer. */
  readonly paceMs: number;
  /** Makes salts repeatable. For rehearsals only: who knows the seed knows the salts. */
  readonly seed: number | null;
  /** Whether to carry agreements to the chain. */
  readonly settle: boolean;
}

export async function readAgentConfig(file: string): Promise<AgentConfig> {
  try {
    return parseAgentConfig(JSON.parse(await readFile(file, "utf8")) as Json);
  } catch (thrown) {
    throw new ParleyError("BadConfig", `the configuration ${file} can't be used: ${messageOf(thrown)}`, {
      hint: "mend the field that is named; `parley agent --help` shows a complete example",
      cause: thrown,
    });
  }
}

export function parseAgentConfig(content: Json): AgentConfig {
  const reader = new JsonReader(content, "");
  const optional = <T>(name: string, read: () => T): T | null => {
    if (!reader.has(name) || reader.raw(name) === null) return null;
    return read();
  };
  const config: AgentConfig = {
    agent: toAgentId(reader.text("agent")),
    rpc: reader.text("rpc", 2_048),
    deployment: readDeployment(reader.object("deployment")),
    keys: reader.text("keys", 4_096),
    journal: reader.text("journal", 4_096),
    listen: optional("listen", () => reader.text("listen", 2_048)),
    open: optional("open", () => readOpen(reader.object("open"))),
    respond: optional("respond", () => readRespond(reader.object("respond"))),
    deliver: optional("deliver", () => reader.bytes32("deliver")),
    paceMs: optional("paceMs", () => reader.integer("paceMs", 0, 60_000)) ?? 0,
    seed: optional("seed", () => reader.integer("seed", 0, 2 ** 32 - 1)),
    settle: optional("settle", () => reader.oneOf("settle", ["yes", "no"])) !== "no",
  };
  reader.end();
  const missing = (path: string, where: string) =>
    new ParleyError("Malformed", `'${path}' must be present where ${where}`, { facts: { path } });
  if (config.respond !== null && config.listen === null) throw missing("listen", "the agent responds");
  // Saying nothing of it would lose every bond without a word; `null` says that it is meant.
  if (config.respond?.role === "seller" && !reader.has("deliver")) throw missing("deliver", "the agent sells");
  if (!URL.canParse(config.rpc)) throw new ParleyError("Malformed", "'rpc' must be a node's http address");
  return config;
}

function readDeployment(reader: JsonReader): Deployment {
  const deployment: Deployment = {
    chainId: reader.integer("chainId", 1, Number.MAX_SAFE_INTEGER),
    registry: reader.address("registry"),
    settlement: reader.address("settlement"),
  };
  reader.end();
  return deployment;
}

function readOpen(reader: JsonReader): OpenConfig {
  const open: OpenConfig = {
    peer: toAgentId(reader.text("peer")),
    address: reader.text("address", 2_048),
    proposal: decodeProposal(canonicalJson(reader.raw("proposal"))),
    strategy: strategyFromJson(reader.object("strategy")),
  };
  reader.end();
  return open;
}

function readRespond(reader: JsonReader): RespondConfig {
  const seconds = (name: string, otherwise: number) =>
    reader.has(name) ? reader.integer(name, 1, MAX_UINT32) : otherwise;
  const respond: RespondConfig = {
    role: reader.oneOf("role", ["buyer", "seller"]),
    strategy: strategyFromJson(reader.object("strategy")),
    token: reader.address("token"),
    mostBond: reader.amount("mostBond"),
    leastDeliverWithin: seconds("leastDeliverWithin", 60),
    mostReviewPeriod: seconds("mostReviewPeriod", 30 * 24 * 60 * 60),
  };
  reader.end();
  return respond;
}
