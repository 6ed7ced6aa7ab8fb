import type { BatchOptions } from "../adapters/chain/batch-relay.ts";
import { type Again, readAgain, type Wanted } from "../dealing/brief.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { type Address, type AgentId, toAgentId } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { type PriceStrategy, strategyFromJson } from "../negotiation/price/strategy.ts";
import type { Deployment } from "../ports/chain.ts";
import { MAX_REORG } from "../settlement/follower/recent-blocks.ts";
import { objectionToAccess } from "../settlement/metering/access.ts";
import { canonicalJson, type Json } from "../terms/canonical-json.ts";
import { USUAL_ANSWER_BYTES } from "../terms/delivery-terms.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { decodeProposal, type Proposal, type Role } from "../terms/proposal.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import { readDeployment } from "../transcript/evidence/deployment.ts";
import { type AccountsConfig, readAccounts, readPeerAddress, requireAccountsKept } from "./accounts-config.ts";
import { type AdmissionConfig, readAdmission, readTls, type TlsConfig } from "./admission.ts";
import { readBatch } from "./batch-config.ts";
import { MOST_CONFIG_BYTES, readBounded } from "./bounded-file.ts";
import { type CoinPrices, readPrices } from "./claim-cost.ts";
import { type DeliverConfig, type IntakeConfig, readDeliver, readIntake } from "./connectors-config.ts";
import { type FeedbackConfig, readFeedbackConfig } from "./deal-feedback.ts";
import { type DisputesConfig, readDisputes, USUAL_DISPUTES } from "./disputes-config.ts";
import { type FaultsConfig, readFaults } from "./fault-watch.ts";
import { isLoopback } from "./loopback.ts";
import { readTransport, type TransportConfig } from "./transport-config.ts";

const MAX_UINT32 = 2 ** 32 - 1;

/** What Hardhat's node and anvil call themselves. They make a block when there is something to put into it, and take none away. */
const DEVELOPMENT_CHAIN = 31_337;

const USUAL_FINAL_DEPTH = 12;

const MOST_NODES = 8;

const MOST_ARBITRATORS = 100;

/** What an agent opens by itself when it starts with an empty journal, or with one that has nothing of what is wanted. */
export interface OpenConfig {
  readonly peer: AgentId;
  readonly address: string;
  readonly proposal: Proposal;
  readonly strategy: PriceStrategy;
  /** What it is for: once at most, whatever else the journal holds. */
  readonly wanted?: Wanted;
  /** Asks again later, where nothing comes of it. */
  readonly again?: Again;
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
  /** Who may rule over its deals; null where it leaves that to who opens them. */
  readonly arbitrators: readonly Address[] | null;
  /** The longest that a ruling may take, in seconds. */
  readonly mostRulingWithin: number;
}

/** All that a running agent is told, resolved once from its configuration file. */
export interface AgentConfig {
  readonly agent: AgentId;
  /** Nodes of the chain: while one doesn't answer, the next is asked. */
  readonly rpc: readonly string[];
  /** A node's WebSocket, which tells of new blocks; null where the nodes are asked for them. */
  readonly live: string | null;
  /** Milliseconds between two looks for a new block; where `live` tells of them, ten times as many. */
  readonly blockPollMs: number;
  readonly deployment: Deployment;
  /** File with the agent's keys. */
  readonly keys: string;
  /** SQLite file; `:memory:` keeps nothing. */
  readonly journal: string;
  /** Where it is noted how far the journal has come, best on another disk; null is a file beside it. */
  readonly witness: string | null;
  /** Where peers connect; null where the agent only opens. The scheme says how: `ws:`, `grpc:`, `nats:` and so on. */
  readonly listen: string | null;
  /** Certificates, and what brokers ask for; null where there is no need of any. WebSockets have `tls`. */
  readonly transport: TransportConfig | null;
  /** TLS of our own, for WebSockets: `listen` is a `wss:` address then. */
  readonly tls: TlsConfig | null;
  /** Who may connect by WebSocket; null is everybody, since only what is signed counts. */
  readonly admit: AdmissionConfig | null;
  /** Whether to show a token of ours when we connect by WebSocket. */
  readonly introduce: boolean;
  /** For how many milliseconds an answer of the registry may be used: so long a revocation can go unseen. */
  readonly registryMaxAgeMs: number;
  readonly open: OpenConfig | null;
  readonly respond: RespondConfig | null;
  /** What a seller hands over; null is a seller that delivers nothing. */
  readonly deliver: DeliverConfig | null;
  /** What a buyer does with what it bought; null is one that only looks at the digest it is told. */
  readonly intake: IntakeConfig | null;
  /** Running accounts with other agents; null where every deal goes by the chain. */
  readonly accounts: AccountsConfig | null;
  /** Whether proofs that a peer signed two binding things as one are shown to Settlement, or only told. */
  readonly faults: FaultsConfig;
  /** What is done by itself where a delivery is disputed. */
  readonly disputes: DisputesConfig;
  /** The folder that keeps personal data of deals; null where deals with such data are not made. */
  readonly personal: string | null;
  /** How the other side of settled deals is rated; null where it isn't. */
  readonly feedback: FeedbackConfig | null;
  /** Milliseconds to wait before each answer. */
  readonly paceMs: number;
  /** Makes salts repeatable. For rehearsals only: who knows the seed knows the salts. */
  readonly seed: number | null;
  /** Whether to carry agreements to the chain. */
  readonly settle: boolean;
  /** Commits deals together, to share what a transaction costs by itself; null where each has its own. */
  readonly batch: BatchOptions | null;
  /** Who brings agreements to the chain for us, as long as it does; null where only we do. */
  readonly relay: string | null;
  /** What a native coin is worth in tokens: where gas counts against what is at risk. Empty where nobody says. */
  readonly prices: CoinPrices;
  /** Blocks below the newest one that no reorganisation reaches: a deal counts as over only there. */
  readonly finalDepth: number;
  /** By how many milliseconds its clock is ahead of the machine's. For rehearsals only: of what a wrong clock does. */
  readonly clockSkewMs: number;
}

export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const attempt = <T>(says: string, hint: string, act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw new ParleyError("BadConfig", `the configuration ${file} ${says}: ${messageOf(cause)}`, { hint, cause });
    }
  };
  const example = "`parley agent --help` shows a complete example";
  const text = attempt("can't be read", "name a file that is there, and that this user can read", () =>
    readBounded(file, MOST_CONFIG_BYTES),
  );
  const content = attempt("is not JSON", `mend it where the message says; ${example}`, () => JSON.parse(text) as Json);
  return attempt("can't be used", `mend the field that is named; ${example}`, () => parseAgentConfig(content));
}

export function parseAgentConfig(content: Json): AgentConfig {
  const reader = new JsonReader(content, "");
  const optional = <T>(name: string, read: () => T): T | null => {
    if (!reader.has(name) || reader.raw(name) === null) return null;
    return read();
  };
  const deployment = readDeployment(reader.object("deployment"));
  const config: AgentConfig = {
    agent: toAgentId(reader.text("agent")),
    rpc: readNodes(reader),
    live: optional("live", () => readLive(reader)),
    blockPollMs:
      optional("blockPollMs", () => reader.integer("blockPollMs", 10, 600_000)) ??
      (deployment.chainId === DEVELOPMENT_CHAIN ? 100 : 1_000),
    deployment,
    keys: reader.text("keys", 4_096),
    journal: reader.text("journal", 4_096),
    witness: optional("witness", () => reader.text("witness", 4_096)),
    listen: optional("listen", () => reader.text("listen", 2_048)),
    transport: optional("transport", () => readTransport(reader.object("transport"))),
    tls: optional("tls", () => readTls(reader.object("tls"))),
    admit: optional("admit", () => readAdmission(reader.object("admit"))),
    introduce: optional("introduce", () => reader.oneOf("introduce", ["yes", "no"])) === "yes",
    registryMaxAgeMs: optional("registryMaxAgeMs", () => reader.integer("registryMaxAgeMs", 0, 3_600_000)) ?? 10_000,
    open: optional("open", () => readOpen(reader.object("open"))),
    respond: optional("respond", () => readRespond(reader.object("respond"))),
    deliver: optional("deliver", () => readDeliver(reader.raw("deliver"), "deliver")),
    intake: optional("intake", () => readIntake(reader.object("intake"))),
    accounts: optional("accounts", () => readAccounts(reader.raw("accounts"), "accounts")),
    faults: readFaults(reader.has("faults") ? reader.raw("faults") : "file", "faults"),
    disputes: optional("disputes", () => readDisputes(reader.object("disputes"))) ?? USUAL_DISPUTES,
    personal: optional("personal", () => reader.text("personal", 4_096)),
    feedback: optional("feedback", () => readFeedbackConfig(reader.object("feedback"))),
    paceMs: optional("paceMs", () => reader.integer("paceMs", 0, 60_000)) ?? 0,
    seed: optional("seed", () => reader.integer("seed", 0, 2 ** 32 - 1)),
    batch: optional("batch", () => readBatch(reader.object("batch"))),
    relay: optional("relay", () => readRelay(reader)),
    prices: optional("prices", () => readPrices(reader.raw("prices"), "prices")) ?? new Map(),
    finalDepth:
      optional("finalDepth", () => reader.integer("finalDepth", 0, MAX_REORG)) ??
      (deployment.chainId === DEVELOPMENT_CHAIN ? 0 : USUAL_FINAL_DEPTH),
    clockSkewMs: optional("clockSkewMs", () => reader.integer("clockSkewMs", -3_600_000, 3_600_000)) ?? 0,
    settle: optional("settle", () => reader.oneOf("settle", ["yes", "no"])) !== "no",
  };
  reader.end();
  const missing = (path: string, where: string) =>
    new ParleyError("Malformed", `'${path}' must be present where ${where}`, { facts: { path } });
  if (config.respond !== null && config.listen === null) throw missing("listen", "the agent responds");
  if (config.open?.peer === config.agent) {
    throw new ParleyError("Malformed", "'open.peer' must be another agent than this one", {
      facts: { path: "open.peer" },
    });
  }
  checkListen(config);
  checkIntake(config);
  requireAccountsKept(config);
  // Saying nothing of it would lose every bond without a word; `null` says that it is meant.
  if (config.respond?.role === "seller" && !reader.has("deliver")) throw missing("deliver", "the agent sells");
  return config;
}

/** One address, or several of one chain. */
function readNodes(reader: JsonReader): readonly string[] {
  const value = reader.raw("rpc");
  const nodes = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const isNode = (url: Json): url is string =>
    typeof url === "string" && url.length <= 2_048 && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
  if (nodes.length > 0 && nodes.length <= MOST_NODES && nodes.every(isNode)) return nodes;
  throw new ParleyError("Malformed", "'rpc' must be a node's address that begins with http:// or https://, or a list", {
    facts: { path: "rpc" },
  });
}

function readRelay(reader: JsonReader): string {
  const text = reader.text("relay", 2_048);
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(text));
  if (isSafe && url.username === "" && url.password === "") return text;
  throw new ParleyError(
    "Malformed",
    "'relay' must be an https:// address, or http:// of this machine, without a user",
    {
      facts: { path: "relay" },
    },
  );
}

function readLive(reader: JsonReader): string {
  const url = reader.text("live", 2_048);
  if (/^wss?:$/.test(URL.parse(url)?.protocol ?? "")) return url;
  throw new ParleyError("Malformed", "'live' must be a node's address that begins with ws:// or wss://", {
    facts: { path: "live" },
  });
}

/** What only WebSockets do must not be left out in silence elsewhere: everybody would be let in. */
function checkListen({ listen, tls, admit }: AgentConfig): void {
  if (listen === null || /^wss?:/i.test(listen)) return;
  for (const [path, value] of Object.entries({ tls, admit })) {
    if (value === null) continue;
    throw new ParleyError("Malformed", `'${path}' is for agents that listen on a WebSocket, not on ${listen}`, {
      hint: "listen on a ws: or wss: address; certificates for others go under 'transport.tls'",
      facts: { path },
    });
  }
}

/** What is bought has to arrive somewhere. */
function checkIntake({ open, intake }: AgentConfig): void {
  const standard = open === null ? null : readStandardTerms(open.proposal.terms);
  const objection = open === null || standard === null ? null : objectionToAccess(open.proposal.deal, standard);
  if (objection !== null) {
    throw new ParleyError("Malformed", `'open.proposal' is what nobody should agree to: ${objection}`, {
      facts: { path: "open.proposal" },
    });
  }
  const delivery = open?.proposal.role === "buyer" ? standard?.delivery : null;
  const bytes = delivery?.by === "access" ? (delivery.bytes ?? USUAL_ANSWER_BYTES) : 0;
  if (bytes > (intake?.mostCallBytes ?? bytes)) {
    throw new ParleyError(
      "Malformed",
      `'intake.mostCallBytes' must be at least the ${bytes} that the terms to open with allow`,
      {
        facts: { path: "intake.mostCallBytes" },
      },
    );
  }
  const isCalled = delivery?.by === "meter" || delivery?.by === "access";
  const path = isCalled ? "intake.calls" : "intake";
  const isThere = isCalled ? intake?.calls : intake;
  if (delivery?.url == null || (isThere ?? null) !== null) return;
  throw new ParleyError("Malformed", `'${path}' must be present where the terms to open with say how it is delivered`, {
    facts: { path },
  });
}

function readOpen(reader: JsonReader): OpenConfig {
  const open: OpenConfig = {
    peer: toAgentId(reader.text("peer")),
    address: readPeerAddress(reader),
    proposal: decodeProposal(canonicalJson(reader.raw("proposal"))),
    strategy: strategyFromJson(reader.object("strategy")),
    ...(reader.has("wanted") && { wanted: { id: reader.bytes32("wanted"), most: 1 } }),
    ...(reader.has("again") && { again: readOpenAgain(reader.object("again")) }),
  };
  reader.end();
  return open;
}

function readOpenAgain(reader: JsonReader): Again {
  const again = readAgain(reader);
  reader.end();
  return again;
}

/** `any`, or a list of addresses. */
function readArbitrators(reader: JsonReader): readonly Address[] | null {
  const value = reader.raw("arbitrators");
  if (value === "any") return null;
  const path = reader.at("arbitrators");
  if (!Array.isArray(value) || value.length > MOST_ARBITRATORS) {
    throw new ParleyError("Malformed", `'${path}' must be "any", or a list of ${MOST_ARBITRATORS} addresses at most`, {
      facts: { path },
    });
  }
  return value.map((_, index) => new JsonReader({ ...value }, path).address(index.toString()));
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
    arbitrators: reader.has("arbitrators") ? readArbitrators(reader) : [],
    mostRulingWithin: seconds("mostRulingWithin", 60 * 24 * 60 * 60),
  };
  reader.end();
  return respond;
}
