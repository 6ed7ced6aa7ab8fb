import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { type Broker, type BrokerKind, findBroker } from "../conformance/brokers.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startWithKeys } from "./keys.ts";

const STRATEGIES = {
  buyer: { kind: "time-dependent", from: 100n, limit: 1_010n, pace: 1 },
  seller: { kind: "time-dependent", from: 2_000n, limit: 990n, pace: 1 },
} as const;

type Agreed = Extract<AgentEvent, { event: "agreed" }>;

const KINDS: readonly BrokerKind[] = ["nats", "mqtt", "amqp"];
const BROKERS = new Map<string, Broker>();
for (const kind of KINDS) BROKERS.set(kind, await findBroker(kind));

describe("two agents that are told nothing but addresses", () => {
  let chain: EmbeddedChain;
  let rehearsal: Rehearsal;
  let buyer: Participant;
  let seller: Participant;
  let folder: string;

  before(async () => {
    chain = await startEmbeddedChain();
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    [buyer, seller] = [await rehearsal.enroll(10_000n), await rehearsal.enroll(10_000n)];
    folder = await mkdtemp(join(tmpdir(), "parley-transports-"));
  });

  after(async () => {
    for (const broker of BROKERS.values()) broker.stop();
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const scheme of ["ws", "grpc", ...KINDS]) {
    const broker = BROKERS.get(scheme);
    const skip = broker?.place === null ? broker.missing : false;
    it(`agree over ${scheme}:`, { skip }, async () => {
      const listen = broker ? `${scheme}://${broker.place}/agent.${process.pid}` : `${scheme}://127.0.0.1:0`;
      const sold = Promise.withResolvers<Agreed>();
      const bought = Promise.withResolvers<Agreed>();
      const selling = await start(`${scheme}.seller`, seller, sellerConfig(listen), sold.resolve);
      const { address } = selling;
      assert.ok(address !== null);
      assert.equal(new URL(address).protocol, `${scheme}:`);
      const buying = await start(`${scheme}.buyer`, buyer, await buyerConfig(address), bought.resolve);
      const [one, other] = await Promise.all([sold.promise, bought.promise]);
      assert.equal(one.dealHash, other.dealHash);
      await Promise.all([buying.stop(), selling.stop()]);
    });
  }

  async function start(name: string, participant: Participant, more: JsonObject, onAgreed: (event: Agreed) => void) {
    const { agent, wallet } = participant;
    const keys = join(folder, `${name}.keys`);
    await makeKeys(keys, wallet);
    const config = parseAgentConfig({
      agent: agent.toString(),
      rpc: chain.url,
      deployment: { ...rehearsal.deployment },
      keys,
      journal: ":memory:",
      settle: "no",
      ...more,
    });
    return startWithKeys(config, (event) => {
      if (event.event === "agreed") onAgreed(event);
    });
  }

  function sellerConfig(listen: string): JsonObject {
    const { token } = rehearsal;
    const respond = { role: "seller", token, mostBond: "1000", strategy: strategyToJson(STRATEGIES.seller) };
    return { listen, respond, deliver: null };
  }

  async function buyerConfig(address: string): Promise<JsonObject> {
    const proposal = JSON.parse(encodeProposal(proposalAt(await rehearsal.chain.time()))) as JsonObject;
    const peer = seller.agent.toString();
    return { open: { peer, address, proposal, strategy: strategyToJson(STRATEGIES.buyer) } };
  }

  function proposalAt(now: number): Proposal {
    return proposalFor({ rounds: 8, commitBy: now + 3_600, token: rehearsal.token });
  }
});
