import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentProcess } from "../../offchain/cli/agent-process.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../offchain/kernel/random.ts";
import { type PriceStrategy, strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import { verifier } from "../../offchain/node/verifier.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { verifyTranscript } from "../../offchain/transcript/verify.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startProcess, startWithKeys } from "./keys.ts";

/** How often the seller is killed, each time at another random point of another run. */
const KILLS = 20;

const ROUNDS = 20;

const SEED = 20_26;

const STRATEGIES: Readonly<Record<"buyer" | "seller", PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 100n, limit: 1_010n, pace: 1 },
  seller: { kind: "time-dependent", from: 2_000n, limit: 990n, pace: 1 },
};

/** What has to be the same in every run, killed or not. */
interface Result {
  readonly dealHash: Bytes32;
  readonly price: string;
  readonly rounds: number;
}

describe("a seller that is killed in the middle of the rounds", { concurrency: 2 }, () => {
  let chain: EmbeddedChain;
  let rehearsal: Rehearsal;
  let buyer: Participant;
  let seller: Participant;
  let proposal: Proposal;
  let folder: string;
  let unkilled: Result;
  const random = new SeededEntropy(SEED);

  before(async () => {
    chain = await startEmbeddedChain();
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    [buyer, seller] = [await rehearsal.enroll(10_000n), await rehearsal.enroll(10_000n)];
    proposal = proposalAt(await rehearsal.chain.time());
    folder = await mkdtemp(join(tmpdir(), "parley-kill-"));
    unkilled = await run("unkilled", null);
  });

  after(async () => {
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("needs many rounds when nobody is killed", () => {
    assert.ok(unkilled.rounds > ROUNDS / 2, `${unkilled.rounds} rounds`);
  });

  for (let kill = 1; kill <= KILLS; kill++) {
    const point = { afterSeq: random.uint32() % (ROUNDS - 4), delayMs: random.fraction() * 6 };
    it(`ends in the deal of the unkilled run (point ${kill} of ${KILLS})`, async () => {
      assert.deepEqual(await run(`kill-${kill}`, point), unkilled, JSON.stringify(point));
    });
  }

  /** One negotiation; the seller is killed a moment after its envelope of that `seq` has come, and started again. */
  async function run(name: string, kill: { afterSeq: number; delayMs: number } | null): Promise<Result> {
    const first = await startSeller(name, "ws://127.0.0.1:0");
    const { address } = await first.event("ready");
    assert.ok(address);
    let restarted: Promise<AgentProcess> | null = null;
    const outcome = Promise.withResolvers<Extract<AgentEvent, { event: "agreed" | "ended" }>>();
    const agent = await startWithKeys(await buyerConfig(name, address), (event) => {
      if (event.event === "agreed" || event.event === "ended") outcome.resolve(event);
      if (event.event !== "said" || event.by !== "peer" || kill === null || restarted !== null) return;
      if (event.seq >= kill.afterSeq) restarted = killAndRestart(first, kill.delayMs, name, address);
    });
    const result = await outcome.promise;
    const last = (await restarted) ?? first;
    assert.equal(result.event, "agreed", JSON.stringify(result));
    const { dealHash, price, rounds } = result as Extract<AgentEvent, { event: "agreed" }>;
    // Killed or not, the buyer holds a transcript whose every signature is good.
    const [session] = agent.dealer.sessions;
    assert.ok(session);
    const { chainId, settlement } = rehearsal.deployment;
    const separator = domainSeparator(settlementDomain(chainId, settlement));
    const verified = await verifyTranscript(verifier, separator, await session.transcript());
    assert.ok(verified.agreement);
    if (kill !== null) assert.equal((await last.event("recovered")).negotiation, verified.negotiation);
    await agent.stop();
    await last.stop();
    return { dealHash, price, rounds };
  }

  async function killAndRestart(victim: AgentProcess, delayMs: number, name: string, address: string) {
    await sleep(delayMs);
    victim.kill();
    await victim.exited;
    const heir = await startSeller(name, address);
    await heir.event("ready");
    return heir;
  }

  async function startSeller(name: string, listen: string): Promise<AgentProcess> {
    const file = join(folder, `${name}.seller.json`);
    const { token } = rehearsal;
    const respond = { role: "seller", token, mostBond: "1000", strategy: strategyToJson(STRATEGIES.seller) };
    const config = await common(`${name}.seller`, seller, { listen, respond, deliver: null, paceMs: 4 });
    await writeFile(file, JSON.stringify(config));
    return startProcess("seller", file);
  }

  async function buyerConfig(name: string, address: string) {
    const document = JSON.parse(encodeProposal(proposal)) as JsonObject;
    const peer = seller.agent.toString();
    const open = { peer, address, proposal: document, strategy: strategyToJson(STRATEGIES.buyer) };
    return parseAgentConfig(await common(`${name}.buyer`, buyer, { open }));
  }

  async function common(name: string, { agent, wallet }: Participant, more: JsonObject): Promise<JsonObject> {
    const keys = join(folder, `${name}.keys`);
    await makeKeys(keys, wallet);
    return {
      agent: agent.toString(),
      rpc: chain.url,
      deployment: { ...rehearsal.deployment },
      keys,
      journal: join(folder, `${name}.sqlite`),
      seed: SEED,
      settle: "no",
      ...more,
    };
  }

  function proposalAt(now: number): Proposal {
    return proposalFor({
      rounds: ROUNDS,
      commitBy: now + 3_600,
      token: rehearsal.token,
      terms: { salt: toHex(new SeededEntropy(SEED).bytes(32)) },
    });
  }
});
