/**
 * A buyer asks three sellers for the same thing, and buys it from two of them at most. In one process and without a chain.
 *
 *     node scripts/bootstrap.mjs examples/03-many-sellers.ts
 *
 * Whatever is signed binds until its `commitBy`, whoever leaves. So of the negotiations of one intent only as many may sign an offer
 * as it may come to agreements; the others are open, and wait for their turn.
 */
import { randomBytes } from "node:crypto";
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
  SystemClock,
  settlementDomain,
  systemEntropy,
  toHex,
  verifyTranscript,
} from "../offchain/index.ts";

const deployment: Deployment = { chainId: 31337, registry: `0x${"aa".repeat(20)}`, settlement: `0x${"bb".repeat(20)}` };
const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
const crypto = new NodeCrypto();
const now = Math.floor(Date.now() / 1000);

// Agent 1 buys, agents 2 to 4 sell. On a chain the registry is the AgentRegistry contract, and the stakes are Settlement's.
const walletOf = (agent: AgentId) => localWallet(`0x${agent.toString(16).padStart(64, "0")}`);
const registry: Registry = {
  authority: async (agent) => ({ wallet: walletOf(agent).address, epoch: 1 }),
  certified: async () => false,
};

async function makeAgent(agent: AgentId, strategy: PriceStrategy): Promise<Dealer> {
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
  const certificate = await issueCertificate(walletOf(agent), deployment, agent, signer.publicKey, validity);
  return new Dealer({
    agent,
    certificates: new CertificateVerifier(registry, deployment),
    stakes: { staked: async () => 1_000n },
    clock: new SystemClock(),
    crypto,
    entropy: systemEntropy,
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

const buys: PriceStrategy = { kind: "time-dependent", from: 600n, limit: 1_100n, pace: 0.8 };

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
    salt: toHex(randomBytes(32)),
  },
};

const transport = new MemoryTransport();
const buyer = await makeAgent(1n, buys);
const sellers = await Promise.all(
  [900n, 950n, 1_000n].map(async (limit, index) => {
    const agent = BigInt(index + 2);
    const dealer = await makeAgent(agent, { kind: "time-dependent", from: 1_500n, limit, pace: 0.5 });
    return { agent, dealer, listening: await transport.listen(`seller ${agent}`, dealer.listener) };
  }),
);

// What is wanted, under a name of its own, and how often at most. Every negotiation that is for it says so.
const wanted = { id: toHex(randomBytes(32)), most: 2 };
const sessions = await Promise.all(
  sellers.map(({ agent: peer, listening: { address } }) =>
    buyer.open({ peer, address, proposal, strategy: buys, wanted }, transport.connect(address, buyer.listener)),
  ),
);

// Two come to an agreement; the third has signed nothing that binds.
const settled = sessions.map((session) => session.settled.then(() => session));
const first = await Promise.race(settled);
const second = await Promise.race(settled.filter((_, place) => sessions[place] !== first));
for (const { state } of [first, second]) {
  if (state.phase !== "agreed") throw new Error(`no deal with agent ${state.brief.peer}: ${state.phase}`);
  console.log(`agreed at ${state.agreement.deal.price} with agent ${state.brief.peer}`);
}
for (const session of sessions.filter((one) => one !== first && one !== second)) {
  const { brief, phase } = session.state;
  console.log(
    `agent ${brief.peer} was not bought from: ${phase}, ${session.isGranted ? "granted" : "waiting for its turn"}`,
  );
  await session.speak({ kind: "END", code: "Withdrawn", subject: `0x${"00".repeat(32)}`, note: "bought elsewhere" });
}
const { signatures } = await verifyTranscript(crypto, separator, await first.transcript());
console.log(`${signatures} signatures verified`);

await Promise.all(sellers.map(({ listening }) => listening.close()));
await Promise.all([buyer, ...sellers.map(({ dealer }) => dealer)].map((dealer) => dealer.stop()));
