import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { WebSocketTransport } from "../../offchain/adapters/transport/websocket/transport.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { type PriceStrategy, strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { Channel } from "../../offchain/ports/transport.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { decodeMessage, MESSAGE_VERSION } from "../../offchain/terms/message.ts";
import { encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startWithKeys } from "./keys.ts";

const DIGEST: Bytes32 = `0x${"d1".repeat(32)}`;

/** The seller comes down to what the buyer offers at once, so that it is the buyer who accepts. */
const STRATEGIES: Readonly<Record<"buyer" | "seller", PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 },
  seller: { kind: "time-dependent", from: 900n, limit: 200n, pace: 5 },
};

describe("a buyer that commits, and keeps its ACCEPT to itself", () => {
  let chain: EmbeddedChain;
  let rehearsal: Rehearsal;
  let buyer: Participant;
  let seller: Participant;
  let folder: string;

  before(async () => {
    chain = await startEmbeddedChain();
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    [buyer, seller] = [await rehearsal.enroll(10_000n), await rehearsal.enroll(10_000n)];
    folder = await mkdtemp(join(tmpdir(), "parley-withheld-"));
  });

  after(async () => {
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("gets its delivery all the same, and the seller its price", async () => {
    const told: AgentEvent[] = [];
    const delivered = Promise.withResolvers<void>();
    const paid = Promise.withResolvers<string>();
    const selling = await startWithKeys(await config("seller", seller, sellerConfig()), (event) => {
      told.push(event);
      if (event.event === "act" && event.act === "deliver") delivered.resolve();
      if (event.event === "outcome") paid.resolve(event.outcome);
    });
    const wire = await startWire(selling.address ?? "");
    const buying = await startWithKeys(await config("buyer", buyer, await buyerConfig(wire.address)), () => undefined);
    await delivered.promise;
    assert.ok(wire.withheld > 0, "the buyer did accept");
    assert.ok(!told.some(({ event }) => event === "agreed"), "the seller never heard of it");
    // Without a DELIVER that it could have heard, the buyer accepts nothing; silence is paid for by the review period.
    await rehearsal.passTime(3_601);
    assert.equal(await paid.promise, "settled");
    await Promise.all([buying.stop(), selling.stop(), wire.close()]);
  });

  it("is not bought from twice because its negotiation can't be brought back", async () => {
    const file = join(folder, "spoilt.sqlite");
    const spoilt = new SqliteJournal(file);
    await spoilt.append("0xspoilt", 0, Uint8Array.of(9, 9, 9), "process");
    await spoilt.close();
    const told: string[] = [];
    const more = { ...(await buyerConfig("ws://127.0.0.1:9")), journal: file };
    const agent = await startWithKeys(await config("spoilt", buyer, more), ({ event }) => told.push(event));
    assert.deepEqual(told, ["trouble", "ready", "openSkipped"]);
    assert.equal(agent.dealer.sessions.size, 0);
    await agent.stop();
  });

  /** Carries frames between the two, but no ACCEPT, and nothing that follows it. */
  async function startWire(target: string) {
    const transport = new WebSocketTransport();
    const onward = new Map<Channel, Channel>();
    const wire = { address: "", withheld: 0, close: (): Promise<void> => Promise.resolve() };
    const listening = await transport.listen("ws://127.0.0.1:0", {
      onOpen: (inbound) => {
        const back = { onFrame: (frame: Uint8Array) => inbound.send(frame) };
        onward.set(inbound, transport.connect(target, back));
      },
      onFrame: (frame, inbound) => {
        if (wire.withheld > 0 || isAccept(frame)) wire.withheld++;
        // The onward connection may not stand yet when the first frame comes.
        else setTimeout(() => onward.get(inbound)?.send(frame), 100);
      },
    });
    wire.address = listening.address;
    wire.close = async () => {
      for (const channel of onward.values()) channel.close();
      await listening.close();
    };
    return wire;
  }

  function isAccept(frame: Uint8Array): boolean {
    return frame[0] === MESSAGE_VERSION && decodeMessage(frame).envelope.kind === "ACCEPT";
  }

  function sellerConfig(): JsonObject {
    const respond = {
      role: "seller",
      token: rehearsal.token,
      mostBond: "100",
      strategy: strategyToJson(STRATEGIES.seller),
    };
    return { listen: "ws://127.0.0.1:0", respond, deliver: DIGEST };
  }

  async function buyerConfig(address: string): Promise<JsonObject> {
    const proposal: Proposal = proposalFor({
      rounds: 6,
      commitBy: (await rehearsal.chain.time()) + 3_600,
      token: rehearsal.token,
      terms: { digest: DIGEST },
    });
    const document = JSON.parse(encodeProposal(proposal)) as JsonObject;
    return {
      open: { peer: seller.agent.toString(), address, proposal: document, strategy: strategyToJson(STRATEGIES.buyer) },
    };
  }

  async function config(name: string, { agent, wallet }: Participant, more: JsonObject) {
    const keys = join(folder, `${name}.keys.json`);
    await makeKeys(keys, wallet);
    const deployment = { ...rehearsal.deployment };
    return parseAgentConfig({
      agent: agent.toString(),
      rpc: chain.url,
      deployment,
      keys,
      journal: ":memory:",
      ...more,
    });
  }
});
