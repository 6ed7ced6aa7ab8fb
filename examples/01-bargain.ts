/**
 * Two agents bargain over a price, in one process and without a chain; then a third party verifies every word.
 *
 *     node scripts/bootstrap.mjs examples/01-bargain.ts
 */
import {
  type AgentId,
  CertificateVerifier,
  Dealer,
  type Deployment,
  domainSeparator,
  fixedKey,
  issueCertificate,
  localWallet,
  MemoryJournal,
  MemoryTransport,
  NodeCrypto,
  type PriceStrategy,
  type Proposal,
  type Registry,
  SeededEntropy,
  type Stakes,
  SystemClock,
  settlementDomain,
  verifyTranscript,
} from "../offchain/index.ts";

const deployment: Deployment = { chainId: 31337, registry: `0x${"aa".repeat(20)}`, settlement: `0x${"bb".repeat(20)}` };
const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
const crypto = new NodeCrypto();
const clock = new SystemClock();
const now = Math.floor(clock.now() / 1000);

// Each agent has a wallet, which certifies the session key that signs its rounds. Agent 1 buys, agent 2 sells.
const wallets = [localWallet(`0x${"01".repeat(32)}`), localWallet(`0x${"02".repeat(32)}`)] as const;

// On a chain this is the AgentRegistry contract.
const registry: Registry = {
  authority: async (agent) => ({ wallet: wallets[agent === 1n ? 0 : 1].address, epoch: 1 }),
  certified: async () => false,
};

// And this is Settlement: what an agent would lose if it broke its word.
const stakes: Stakes = { staked: async () => 1_000n };

async function makeAgent(agent: AgentId, strategy: PriceStrategy): Promise<Dealer> {
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const wallet = wallets[agent === 1n ? 0 : 1];
  const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
  const certificate = await issueCertificate(wallet, deployment, agent, signer.publicKey, validity);
  return new Dealer({
    agent,
    certificates: new CertificateVerifier(registry, deployment),
    stakes,
    clock,
    crypto,
    entropy: new SeededEntropy(Number(agent)),
    journal: new MemoryJournal(),
    paceMs: 0,
    respond: () => strategy,
    separator,
    keys: fixedKey(signer, certificate),
    fail: (_session, error) => {
      throw error;
    },
  });
}

// The buyer bargains as it has learned to in simulation, the seller by the clock; docs/strategies.md has the others.
const buyers: PriceStrategy = { kind: "named", name: "learned", from: 600n, limit: 1_100n };
const sellers: PriceStrategy = { kind: "time-dependent", from: 1_500n, limit: 900n, pace: 0.5 };

const proposal: Proposal = {
  role: "buyer",
  protocol: { name: "alternating-offers", rounds: 10 },
  deal: {
    token: `0x${"cc".repeat(20)}`,
    buyerBond: 50n,
    sellerBond: 100n,
    commitBy: now + 600,
    deliverWithin: 3_600,
    reviewPeriod: 3_600,
    arbitrator: `0x${"00".repeat(20)}`,
    maxFee: 0n,
    rulingWithin: 0,
    lapseShare: 5_000,
    category: `0x${"00".repeat(32)}`,
  },
  terms: {
    schema: "parley-terms/1",
    category: "data",
    lines: [{ what: "a week of weather data", amount: "10080", unit: "each" }],
    salt: `0x${"5a".repeat(32)}`,
  },
};

const buyer = await makeAgent(1n, buyers);
const seller = await makeAgent(2n, sellers);
const transport = new MemoryTransport();
const listening = await transport.listen("seller", seller.listener);
const channel = transport.connect(listening.address, buyer.listener);

const session = await buyer.open({ peer: 2n, address: listening.address, proposal, strategy: buyers }, channel);
const result = await session.settled;
if (result.phase !== "agreed") throw new Error(`no deal: ${result.ending.code}`);

const transcript = await session.transcript();
const { opener, responder } = transcript;
for (const message of opener.flatMap((said, turn) => [said, ...responder.slice(turn, turn + 1)])) {
  if (message.body.kind === "OFFER") console.log(`agent ${message.envelope.agent} offers ${message.body.deal.price}`);
}
console.log(`agreed at ${result.agreement.deal.price}, deal ${result.agreement.dealHash}`);

// Whoever holds the transcript can check all of it offline.
const verified = await verifyTranscript(crypto, separator, transcript);
console.log(`${verified.signatures} signatures verified`);

channel.close();
await listening.close();
await Promise.all([buyer.stop(), seller.stop()]);
