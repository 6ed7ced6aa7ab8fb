/**
 * One agent sells calls of an API to another: they are counted, and paid by receipts that grow, one interval at a time. In one process
 * and without a chain; `parley agent` does the same with the price in escrow (docs/operations/delivery.md).
 *
 *     node scripts/bootstrap.mjs examples/04-metered-api.ts
 */
import {
  type AgentId,
  AgentTokens,
  BuyerMeter,
  CallLog,
  CertificateVerifier,
  Dealer,
  type Deployment,
  domainSeparator,
  fixedKey,
  issueCertificate,
  issueToken,
  judgeLevels,
  localWallet,
  MemoryJournal,
  MemoryTransport,
  MeterClient,
  NodeCrypto,
  openGate,
  type PriceStrategy,
  type Proposal,
  type Registry,
  ReplayGuard,
  rateOf,
  readingsFrom,
  readStandardTerms,
  SeededEntropy,
  SellerMeter,
  type Session,
  SystemClock,
  settlementDomain,
  TokenVerifier,
  verifyTranscript,
} from "../offchain/index.ts";

const deployment: Deployment = { chainId: 31337, registry: `0x${"aa".repeat(20)}`, settlement: `0x${"bb".repeat(20)}` };
const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
const crypto = new NodeCrypto();
const clock = new SystemClock();
const entropy = new SeededEntropy(4);
const now = Math.floor(clock.now() / 1000);

// On a chain these are contracts: who agents are, and what they would lose if they broke their word.
const wallets = [localWallet(`0x${"01".repeat(32)}`), localWallet(`0x${"02".repeat(32)}`)] as const;
const registry: Registry = {
  authority: async (agent) => ({ wallet: wallets[agent === 1n ? 0 : 1].address, epoch: 1 }),
  certified: async () => false,
};
const certificates = new CertificateVerifier(registry, deployment);

async function makeAgent(agent: AgentId, strategy: PriceStrategy) {
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
  const wallet = wallets[agent === 1n ? 0 : 1];
  const keys = fixedKey(signer, await issueCertificate(wallet, deployment, agent, signer.publicKey, validity));
  const dealer = new Dealer({
    ...{ agent, certificates, clock, crypto, separator, keys, paceMs: 0, journal: new MemoryJournal() },
    ...{ stakes: { staked: async () => 1_000n }, entropy: new SeededEntropy(Number(agent)), respond: () => strategy },
    fail: (_session, error) => {
      throw error;
    },
  });
  return { dealer, keys };
}

const receiptedIn = ({ state }: Session) => (state.phase === "agreed" ? state.fulfilment.receipted : 0n);

// The seller's gate stands before its API, and lets a call through once it is known whose it is, and counted.
const sold = new SellerMeter(new MemoryJournal(), clock);
let audience = "";
const gate = await openGate("http://127.0.0.1:0", {
  meter: sold,
  authenticator: {
    challenge: null,
    authenticate: (credentials) => tokens().authenticate(credentials),
  },
  handler: async (_request, response, path) => void response.end(`${path} translated`),
  onTrouble: (error) => console.error(error.message),
});
audience = new URL(gate.url).origin;
const replays = new ReplayGuard({ mostOfAgent: 10_000 });
function tokens() {
  return new AgentTokens(new TokenVerifier({ deployment, certificates, crypto, clock, replays, audience }));
}

const proposal: Proposal = {
  role: "buyer",
  protocol: { name: "alternating-offers", rounds: 10 },
  deal: {
    ...{ token: `0x${"cc".repeat(20)}`, buyerBond: 50n, sellerBond: 100n, commitBy: now + 600, deliverWithin: 3_600 },
    // No review: what isn't called isn't paid.
    ...{ reviewPeriod: 0, arbitrator: `0x${"00".repeat(20)}`, maxFee: 0n, rulingWithin: 0, lapseShare: 0 },
    category: `0x${"00".repeat(32)}`,
  },
  terms: {
    ...{ schema: "parley-terms/1", category: "api", salt: `0x${"5a".repeat(32)}` },
    lines: [{ what: "translations", amount: "1000", unit: "call" }],
    levels: [{ measure: "availability", bound: "least", amount: "99", unit: "percent" }],
    delivery: { by: "meter", url: gate.url, unit: "call", unitPrice: "5", everyCalls: 100, everySeconds: 60 },
  },
};

const buyers: PriceStrategy = { kind: "time-dependent", from: 4_000n, limit: 6_000n, pace: 1 };
const sellers: PriceStrategy = { kind: "time-dependent", from: 8_000n, limit: 5_000n, pace: 1 };
const buyer = await makeAgent(1n, buyers);
const seller = await makeAgent(2n, sellers);
const transport = new MemoryTransport();
const listening = await transport.listen("seller", seller.dealer.listener);
const channel = transport.connect(listening.address, buyer.dealer.listener);
const intent = { peer: 2n, address: listening.address, proposal, strategy: buyers };
const session = await buyer.dealer.open(intent, channel);
const result = await session.settled;
if (result.phase !== "agreed") throw new Error(`no deal: ${result.ending.code}`);
const { deal, dealHash, transcript } = result.agreement;
const rate = rateOf(deal, proposal.terms);
if (rate === null) throw new Error("the terms don't say how calls are counted");
console.log(`agreed at ${deal.price}: that pays for ${deal.price / rate.unitPrice} calls`);

// Both sides take the deal on: the seller counts and serves, the buyer counts and pays.
const name = { dealHash, transcript };
const until = clock.now() + deal.deliverWithin * 1_000;
const [other] = seller.dealer.sessions;
if (other === undefined) throw new Error("the seller knows nothing of it");
await sold.serve({ ...name, buyer: 1n, rate, until, receipted: () => receiptedIn(other) });
const journal = new MemoryJournal();
const bought = new BuyerMeter({
  ...(await CallLog.open(journal, name)),
  ...{ rate, clock, until, receipted: () => receiptedIn(session) },
  sign: (total) => session.speak({ kind: "RECEIPT", deal: dealHash, total }),
  onTrouble: (thrown) => console.error(thrown),
});
const client = new MeterClient({
  ...{ url: gate.url, name, clock, mostBytes: 1_000_000, idleMs: 10_000, allow: new Set([audience]) },
  introduce: async (to) =>
    `Bearer ${await issueToken(buyer.keys, deployment, entropy, { agent: 1n, audience: to, now: Math.floor(clock.now() / 1000) })}`,
});

for (let call = 1; call <= 250; call++) {
  const request = { method: "GET", path: `/word-${call}`, headers: {}, body: new Uint8Array() };
  const { body } = await bought.call((number) => client.send(number, request));
  if (call % 50 === 0) {
    console.log(`${Buffer.from(body)}: ${sold.calls(name)} calls served, ${receiptedIn(other)} receipted`);
  }
}
await bought.close();
while (receiptedIn(other) < receiptedIn(session)) await new Promise((resolve) => setTimeout(resolve, 1));
console.log(`the seller can claim ${receiptedIn(other)} of ${deal.price}, by one transaction`);

const { entries } = await CallLog.open(journal, name);
const readings = readingsFrom(entries, { deal: dealHash, transcript, reader: 1n }, 3_600);
console.log(judgeLevels(readStandardTerms(proposal.terms)?.levels ?? [], readings).says);
const verified = await verifyTranscript(crypto, separator, await session.transcript());
console.log(`${verified.signatures} signatures verified`);

channel.close();
await Promise.all([gate.close(), listening.close(), buyer.dealer.stop(), seller.dealer.stop()]);
