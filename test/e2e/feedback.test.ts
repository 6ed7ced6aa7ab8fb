import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { reputationRegistryAbi } from "../../offchain/adapters/chain/abis.ts";
import { readArtifact } from "../../offchain/adapters/chain/artifacts.ts";
import { firstBlockOf } from "../../offchain/adapters/chain/first-block.ts";
import { ReputationClient, verifyReputation } from "../../offchain/adapters/chain/reputation.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { keccak256 } from "../../offchain/kernel/hash.ts";
import type { Address, Bytes32 } from "../../offchain/kernel/ids.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { rateDeals } from "../../offchain/node/deal-feedback.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startWithKeys } from "./keys.ts";
import { NARROW, narrowed } from "./narrow-node.ts";
import { Quarrel } from "./quarrel.ts";

const DIGEST: Bytes32 = `0x${"d1".repeat(32)}`;
const URI = "https://files.example/feedback/";

describe("agents that rate each other", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-feedback-"));
  let chain: EmbeddedChain;
  let rpc: Rpc;
  let rehearsal: Rehearsal;
  let reputation: Address;

  before(async () => {
    chain = await startEmbeddedChain();
    rpc = await connectRpc(chain.url);
    // The contracts come long after the chain's first block.
    await rpc.reads.request({ method: "hardhat_mine", params: ["0x20"] } as never);
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    const { abi, bytecode } = await readArtifact("ReputationRegistry.sol/ReputationRegistry");
    const { settlement } = rehearsal.deployment;
    const deploying = new Sender(rpc, DEVELOPMENT_KEY);
    reputation = (await deploying.deploy("deploying the reputation registry", abi, bytecode, [settlement])).address;
  });

  after(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** All feedback that was given, with the deal that stands behind it. */
  async function given() {
    const query = { address: reputation, abi: reputationRegistryAbi, fromBlock: 0n, strict: true } as const;
    const [feedback, rated] = await Promise.all([
      rpc.reads.getContractEvents({ ...query, eventName: "NewFeedback" }),
      rpc.reads.getContractEvents({ ...query, eventName: "DealRated" }),
    ]);
    return feedback.map(({ args }, place) => ({
      ...args,
      deal: rated[place]?.args.deal,
      rater: rated[place]?.args.rater,
    }));
  }

  it("leave feedback on the chain whose file verifies, once a deal is settled", async () => {
    const [buyer, seller] = [await rehearsal.enroll(10_000n), await rehearsal.enroll(10_000n)];
    const [sold, bought] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const over = (done: () => void) => (event: AgentEvent) => {
      if (event.event === "outcome") done();
    };
    const terms = { token: rehearsal.token, mostBond: "100" };
    const falling = { kind: "time-dependent", from: "900", limit: "200", pace: "1" };
    const respond = { role: "seller", ...terms, strategy: falling };
    const selling = await startWithKeys(
      await config("seller", seller, { listen: "ws://127.0.0.1:0", respond, deliver: DIGEST }),
      over(sold.resolve),
    );
    const proposal = JSON.parse(
      encodeProposal(
        proposalFor({
          ...{ rounds: 6, commitBy: (await rehearsal.chain.time()) + 3_600, token: rehearsal.token },
          terms: { digest: DIGEST },
        }),
      ),
    ) as JsonObject;
    const rising = { kind: "time-dependent", from: "100", limit: "1000", pace: "1" };
    const opening = { peer: seller.agent.toString(), address: selling.address ?? "", proposal, strategy: rising };
    const buying = await startWithKeys(await config("buyer", buyer, { open: opening }), over(bought.resolve));
    await Promise.all([sold.promise, bought.promise]);
    await Promise.all([buying.stop(), selling.stop()]);

    const all = await given();
    assert.deepEqual(all.map(({ rater }) => rater).sort(), [buyer.agent, seller.agent].sort());
    for (const { agentId, value, valueDecimals, feedbackURI, feedbackHash, deal, clientAddress } of all) {
      assert.deepEqual([value, valueDecimals], [10_000n, 2]);
      assert.ok(feedbackURI.startsWith(URI));
      const bytes = readFileSync(join(folder, "feedback", feedbackURI.slice(URI.length)));
      assert.equal(keccak256(bytes), feedbackHash);
      const file = JSON.parse(bytes.toString("utf8"));
      assert.deepEqual([file.agentId, file.parley.deal], [Number(agentId), deal]);
      assert.equal(file.clientAddress, `eip155:31337:${clientAddress.toLowerCase()}`);
      const { status, logs } = await rpc.reads.getTransactionReceipt({ hash: file.proofOfPayment.txHash });
      assert.ok(status === "success" && logs.some(({ topics }) => topics[1] === deal), "it is what paid the deal out");
    }
  });

  it("rate once, whatever was forgotten of it", async () => {
    const parties = { buyer: await rehearsal.enroll(10_000n), seller: await rehearsal.enroll(10_000n) };
    const about = { arbitrator: rehearsal.token, maxFee: 0n, rulingWithin: 0, terms: { digest: DIGEST } };
    const { deal, transcript } = await Quarrel.over(rpc, rehearsal, parties, { ...about, delivered: DIGEST });
    const { deployment, chain: reading } = rehearsal;
    await new SettlementChain(rpc, new Sender(rpc, parties.buyer.wallet), deployment).accept(deal, transcript);
    const payout = await reading.payout(deal);
    assert.ok(payout !== null);
    const order = { id: "1", deal, dealHash: hashDeal(deal), transcript, terms: null };
    const rate = async () => {
      const client = new ReputationClient(rpc, new Sender(rpc, parties.buyer.wallet), deployment, reputation);
      const config = { reputation, folder: join(folder, "again"), uri: URI };
      const { agent } = parties.buyer;
      await rateDeals({ config, agent, client, registry: reading, deployment, onRefused: assert.fail })(order, payout);
    };
    const before = (await given()).length;
    await rate();
    const [name = ""] = readdirSync(join(folder, "again"));
    const first = readFileSync(join(folder, "again", name), "utf8");
    // A process that knows nothing of it.
    await rate();
    assert.equal((await given()).length, before + 1);
    assert.deepEqual(readdirSync(join(folder, "again")), [name]);
    assert.equal(readFileSync(join(folder, "again", name), "utf8"), first);
  });

  it("find a settlement through a node that looks through few blocks at once, and ask for none before the contract's", async () => {
    const parties = { buyer: await rehearsal.enroll(10_000n), seller: await rehearsal.enroll(10_000n) };
    const about = { arbitrator: rehearsal.token, maxFee: 0n, rulingWithin: 0, terms: { digest: DIGEST } };
    const { deal, transcript } = await Quarrel.over(rpc, rehearsal, parties, { ...about, delivered: DIGEST });
    const { deployment } = rehearsal;
    const sender = new Sender(rpc, parties.buyer.wallet);
    const { transaction } = await new SettlementChain(rpc, sender, deployment).accept(deal, transcript);
    const first = await firstBlockOf(rpc, deployment.settlement);
    assert.ok(first > NARROW);
    const { node, granted } = narrowed(rpc, false);
    const client = new ReputationClient(node, sender, deployment, reputation);
    assert.equal((await client.settlementOf(deal)).transaction, transaction);
    assert.ok(granted.length > 1 && granted.every(([from]) => from >= first), `${first}: ${granted.join(" ")}`);
    const { node: other } = narrowed(rpc, true);
    const forgetful = new ReputationClient(other, sender, deployment, reputation);
    assert.equal((await forgetful.settlementOf(deal)).transaction, transaction);
    // Where its block is known, not even such a node looks through those before it; and one that isn't right is no harm.
    const { blockNumber } = await rpc.reads.getTransactionReceipt({ hash: transaction });
    for (const [block, looksElsewhere] of [
      [Number(blockNumber), false],
      [Number(blockNumber) + 1, true],
    ] as const) {
      const { node: pruned, granted: asked } = narrowed(rpc, true);
      const informed = new ReputationClient(pruned, sender, deployment, reputation, () => block);
      assert.equal((await informed.settlementOf(deal)).transaction, transaction);
      assert.equal(
        asked.some(([from]) => from < block),
        looksElsewhere,
        asked.join(" "),
      );
    }
  });

  it("leave what the registry will never take, and say so", async () => {
    const parties = { buyer: await rehearsal.enroll(10_000n), seller: await rehearsal.enroll(10_000n) };
    const about = { arbitrator: rehearsal.token, maxFee: 0n, rulingWithin: 0, terms: { digest: DIGEST } };
    const { deal, dealHash, transcript } = await Quarrel.over(rpc, rehearsal, parties, { ...about, delivered: DIGEST });
    const { deployment, chain: reading } = rehearsal;
    await new SettlementChain(rpc, new Sender(rpc, parties.buyer.wallet), deployment).accept(deal, transcript);
    const payout = await reading.payout(deal);
    assert.ok(payout !== null);
    const refused: string[] = [];
    const client = new ReputationClient(rpc, new Sender(rpc, DEVELOPMENT_KEY), deployment, reputation);
    const config = { reputation, folder: join(folder, "stranger"), uri: URI };
    const onRefused = ({ code }: { readonly code: string }) => refused.push(code);
    const { agent } = parties.buyer;
    const order = { id: "2", deal, dealHash, transcript, terms: null };
    await rateDeals({ config, agent, client, registry: reading, deployment, onRefused })(order, payout);
    assert.deepEqual(refused, ["NotParty"]);
    await assert.rejects(verifyReputation(rpc, deployment, rehearsal.token), { code: "UnverifiedContract" });
  });

  async function config(name: string, { agent, wallet }: Participant, more: JsonObject) {
    const keys = join(folder, `${name}.keys.json`);
    await makeKeys(keys, wallet);
    return parseAgentConfig({
      ...{
        agent: agent.toString(),
        rpc: chain.url,
        deployment: { ...rehearsal.deployment },
        keys,
        journal: ":memory:",
      },
      feedback: { reputation, folder: join(folder, "feedback"), uri: URI },
      ...more,
    });
  }
});
