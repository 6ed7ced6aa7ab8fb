import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { agentRegistryAbi } from "../../offchain/adapters/chain/abis.ts";
import { readArtifact } from "../../offchain/adapters/chain/artifacts.ts";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { CachedRegistry } from "../../offchain/identity/cached-registry.ts";
import { CertificateVerifier, issueCertificate } from "../../offchain/identity/certificate.ts";
import { issueMandate } from "../../offchain/identity/mandate/credential.ts";
import { verifyMandate } from "../../offchain/identity/mandate/verify.ts";
import { SessionKeys } from "../../offchain/identity/session-keys.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import type { Address, AgentId, Bytes32 } from "../../offchain/kernel/ids.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { certify } from "../../offchain/node/certify.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { KeyStore } from "../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../offchain/node/keys/scrypt.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import type { Certificate } from "../../offchain/terms/certificate.ts";
import { domainSeparator, registryDomain } from "../../offchain/terms/eip712.ts";
import { encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { walletChangeDigest } from "../../offchain/terms/wallet-change.ts";
import { signDigest } from "../../offchain/terms/wallet-signature.ts";
import { freePort } from "../free-port.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startWithKeys } from "./keys.ts";

/** The contract wallet's manners, by number. */
const REFUSING = 1;
const REVERTING = 2;
const SHORT = 3;
const GAS_EATING = 4;
const FLOODING = 5;

const MINUTE = 60;

describe("identity, judged off-chain by what the real registry says", () => {
  const crypto = new NodeCrypto();
  const clock = new SystemClock();
  const stopping: (() => Promise<void>)[] = [];
  let embedded: EmbeddedChain;
  let rpc: Rpc;
  let rehearsal: Rehearsal;
  let folder: string;

  before(async () => {
    embedded = await startEmbeddedChain();
    rpc = await connectRpc(embedded.url);
    rehearsal = await prepareRehearsal(embedded.url, DEVELOPMENT_KEY);
    folder = await mkdtemp(join(tmpdir(), "parley-identity-"));
  });

  after(async () => {
    for (const stop of stopping) await stop();
    await embedded.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("takes a contract wallet's certificate once it is recorded, and not before", async () => {
    const { agent, chain, wallet } = await makeContractWallet();
    const { certifying, verifying } = desk(agent, chain, wallet);
    const { key } = await issueCertificate(localWallet(wallet), rehearsal.deployment, agent, freshKey(), validity(1));
    await refuses("EpochEnded", verifying({ key, signature: "0x" }));
    const certificate = await certifying(2);
    assert.equal(certificate.signature, "0x", "the chain has it: nothing need travel");
    await verifying(certificate);
    const unrecorded = {
      key: { ...certificate.key, notAfter: certificate.key.notAfter - 1 },
      signature: "0x",
    } as const;
    await refuses("CertificateInvalid", verifying(unrecorded));
  });

  it("holds a contract wallet to what it recorded, even if it would deny it now", async () => {
    const { agent, chain, wallet, setManner } = await makeContractWallet();
    const { certifying, verifying } = desk(agent, chain, wallet);
    const certificate = await certifying(2);
    await setManner(REFUSING);
    await verifying(certificate);
    await assert.rejects(certifying(2), { code: "WrongKeys", hint: /./ });
  });

  it("ends all certificates with their epoch, as soon as the cache's age is over or it is told", async () => {
    const { agent, wallet } = await rehearsal.enroll(1_000n);
    const sender = new Sender(rpc, wallet);
    const { certifying, verifying, registry } = desk(agent, chainOf(sender), wallet);
    const certificate = await certifying(1);
    assert.notEqual(certificate.signature, "0x");
    await verifying(certificate);
    await new Operator(rpc, sender).revokeKeys(rehearsal.deployment, agent);
    await verifying(certificate);
    registry.forget(agent);
    await refuses("EpochEnded", verifying(certificate));
    await verifying(await certifying(2));
    // What it has signed by then it still answers for.
    const { endedAt = 0, wallet: speaker } = (await registry.ended(agent, 1)) ?? {};
    assert.deepEqual([speaker, await registry.ended(agent, 2)], [localWallet(wallet).address, null]);
    const verifier = new CertificateVerifier(registry, rehearsal.deployment);
    await verifier.verifyLiability(certificate, agent, endedAt + MINUTE, MINUTE);
    await refuses("EpochEnded", verifier.verifyLiability(certificate, agent, endedAt + MINUTE + 1, MINUTE));
  });

  it("makes an agent's session keys under the epoch that the chain says, and keeps them in its file", async () => {
    const { agent, wallet } = await rehearsal.enroll(1_000n);
    const sender = new Sender(rpc, wallet);
    const chain = chainOf(sender);
    const { verifying, registry } = desk(agent, chain, wallet);
    const file = join(folder, "agent.keys");
    const passphrase = new Secret("words for a test that ends soon");
    await KeyStore.create(file, passphrase, { wallet: new Secret(wallet), cost: RANDOM_PASSPHRASE_COST });
    const start = async () => {
      const keys = await SessionKeys.start({
        agent,
        settlement: rehearsal.deployment.settlement,
        clock,
        crypto,
        vault: await KeyStore.open(file, passphrase),
        certify: (key, bounds) => certify(chain, localWallet(wallet), agent, key, bounds),
        epoch: async () => (await chain.authority(agent)).epoch,
        report: (thrown) => assert.fail(String(thrown)),
      });
      stopping.push(() => keys.stop());
      return keys;
    };
    const first = (await start()).certificate(now());
    await verifying(first);
    const again = await start();
    assert.deepEqual(again.certificate(now()), first);
    await new Operator(rpc, sender).revokeKeys(rehearsal.deployment, agent);
    registry.forget(agent);
    await again.check();
    const second = again.certificate(now());
    assert.equal(second.key.epoch, 2);
    assert.notEqual(second.key.x, first.key.x);
    await verifying(second);
    await refuses("EpochEnded", verifying(first));
  });

  it("takes a mandate that the owner's contract signed, as the contracts would, and from nobody else", async () => {
    const { agent, chain, wallet, contract, setManner } = await makeContractWallet();
    const { deployment } = rehearsal;
    const holder = crypto.sessionSigner(freshKey());
    const terms = { holder: holder.publicKey, constraints: [], notBefore: 0, notAfter: 2 * now(), delegations: 0 };
    const verifying = (text: string) => verifyMandate(text, { deployment, principals: chain, crypto });
    const issue = (key: Bytes32, tenure: number) => issueMandate(localWallet(key), deployment, agent, tenure, terms);
    const byKey = await issue(wallet, 1);
    assert.equal((await verifying(byKey)).agent, agent);
    await transfer(wallet, agent, contract);
    await assert.rejects(verifying(byKey), { code: "MandateEnded" }, "it ended with its owner");
    const byContract = await issue(wallet, 2);
    assert.equal((await verifying(byContract)).agent, agent);
    await assert.rejects(verifying(await issue(DEVELOPMENT_KEY, 2)), { code: "MandateInvalid" });
    for (const manner of [REFUSING, REVERTING, SHORT, GAS_EATING]) {
      await setManner(manner);
      await assert.rejects(verifying(byContract), { code: "MandateInvalid" }, `manner ${manner}`);
    }
    await setManner(FLOODING);
    assert.equal((await verifying(byContract)).agent, agent, "only the first word counts");
    await assert.rejects(
      verifyMandate(byKey.replace(`"${agent}"`, '"999"'), { deployment, principals: chain, crypto }),
      {
        code: "MandateEnded",
      },
    );
  });

  it("lets agents connect to each other by their tokens, and nobody without", async () => {
    const [seller, buyer] = [await rehearsal.enroll(1_000n), await rehearsal.enroll(1_000n)];
    const address = `ws://127.0.0.1:${await freePort()}`;
    const said: AgentEvent[] = [];
    const selling = await startWithKeys(
      await configOf("seller", seller, {
        listen: address,
        admit: { tokens: address, used: join(folder, "used.sqlite") },
        respond: { role: "seller", token: rehearsal.token, mostBond: "100", strategy: strategy("900", "200") },
        deliver: null,
      }),
      (event) => said.push(event),
    );
    stopping.push(() => selling.stop());
    const agreed = Promise.withResolvers<void>();
    const open = {
      peer: seller.agent.toString(),
      address,
      strategy: strategy("100", "900"),
      proposal: await proposal(),
    };
    const start = async (name: string, introduce: string) => {
      const agent = await startWithKeys(await configOf(name, buyer, { open, introduce }), ({ event }) => {
        if (event === "agreed" && introduce === "yes") agreed.resolve();
      });
      stopping.push(() => agent.stop());
    };
    await start("stranger", "no");
    await start("buyer", "yes");
    await agreed.promise;
    const turnedAway = said.filter((event) => event.event === "trouble" && event.code === "TurnedAway");
    assert.equal(turnedAway.length, 0, "who shows nothing is no trouble");
    assert.equal(said.filter(({ event }) => event === "agreed").length, 1);
  });

  it("says what to do where the agent has no wallet", async () => {
    const { wallet } = await rehearsal.enroll(1_000n);
    const certifying = certify(chainOf(new Sender(rpc, wallet)), localWallet(wallet), 999n, freshKey(), validity(1));
    await assert.rejects(certifying, { code: "NoWallet", hint: /register/ });
  });

  it("says whose wallet is which where the key file is another agent's", async () => {
    const [one, other] = [await rehearsal.enroll(1_000n), await rehearsal.enroll(1_000n)];
    const wallet = localWallet(other.wallet);
    const certifying = certify(chainOf(new Sender(rpc, other.wallet)), wallet, one.agent, freshKey(), validity(1));
    const message = `agent ${one.agent}'s wallet is ${localWallet(one.wallet).address}, the key file has ${wallet.address}`;
    await assert.rejects(certifying, { code: "WrongKeys", message });
  });

  function now(): number {
    return Math.floor(clock.now() / 1000);
  }

  function validity(epoch: number) {
    return { notBefore: now() - 10 * MINUTE, notAfter: now() + 60 * MINUTE, epoch };
  }

  function freshKey() {
    return crypto.generateSessionSecret();
  }

  function chainOf(sender: Sender): SettlementChain {
    return new SettlementChain(rpc, sender, rehearsal.deployment);
  }

  /** Whoever certifies for an agent, and whoever judges that. */
  function desk(agent: AgentId, chain: SettlementChain, wallet: Bytes32) {
    const registry = new CachedRegistry(chain, { clock, maxAgeMs: 3_600_000 });
    const verifier = new CertificateVerifier(registry, rehearsal.deployment);
    return {
      registry,
      certifying: (epoch: number) => certify(chain, localWallet(wallet), agent, freshKey(), validity(epoch)),
      verifying: (certificate: Certificate) => verifier.verify(certificate, agent, now(), now() + MINUTE),
    };
  }

  /** An agent whose wallet is a contract that takes the word of one key. */
  async function makeContractWallet() {
    const { agent, wallet } = await rehearsal.enroll(1_000n);
    const sender = new Sender(rpc, wallet);
    const { abi, bytecode } = await readArtifact("mocks/Wallets.sol/ContractWallet");
    const { address } = await sender.deploy("deploying a wallet", abi, bytecode, [sender.address]);
    await setAgentWallet(sender, agent, address, wallet);
    const setManner = (manner: number) =>
      sender.send("changing its manner", { address, abi, functionName: "setManner", args: [manner] });
    return { agent, wallet, contract: address, chain: chainOf(sender), setManner };
  }

  async function transfer(key: Bytes32, agent: AgentId, to: Address): Promise<void> {
    const sender = new Sender(rpc, key);
    const args = [sender.address, to, agent] as const;
    const call = {
      address: rehearsal.deployment.registry,
      abi: agentRegistryAbi,
      functionName: "transferFrom",
      args,
    } as const;
    await sender.send("transferring the agent", call);
  }

  async function configOf(name: string, { agent, wallet }: Participant, more: JsonObject) {
    const keys = join(folder, `${name}.keys.json`);
    await makeKeys(keys, wallet);
    const deployment = { ...rehearsal.deployment };
    const common = { agent: agent.toString(), rpc: embedded.url, deployment, keys, journal: ":memory:", settle: "no" };
    return parseAgentConfig({ ...common, ...more });
  }

  async function proposal(): Promise<JsonObject> {
    const made: Proposal = proposalFor({
      rounds: 6,
      commitBy: (await rehearsal.chain.time()) + 3_600,
      token: rehearsal.token,
    });
    return JSON.parse(encodeProposal(made)) as JsonObject;
  }

  async function setAgentWallet(sender: Sender, agent: AgentId, wallet: Address, key: Bytes32): Promise<void> {
    const { deployment } = rehearsal;
    const deadline = (await rehearsal.chain.time()) + MINUTE;
    const change = { agent, wallet, owner: sender.address, deadline };
    const separator = domainSeparator(registryDomain(deployment.chainId, deployment.registry));
    const word = signDigest(walletChangeDigest(separator, change), key);
    await new Operator(rpc, sender).setWallet(deployment, change, word);
  }
});

function strategy(from: string, limit: string): JsonObject {
  return { kind: "time-dependent", from, limit, pace: "1" };
}

async function refuses(code: string, verifying: Promise<void>): Promise<void> {
  await assert.rejects(verifying, { name: "Refusal", code });
}
