/**
 * How long a 20-round negotiation takes between two processes over WebSocket, with every envelope signed, verified and
 * journalled by both; beside it, in the same run, what the signatures alone would take.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NodeCrypto } from "../offchain/adapters/crypto/node/crypto.ts";
import { SqliteJournal } from "../offchain/adapters/journal/sqlite/journal.ts";
import { WebSocketTransport } from "../offchain/adapters/transport/websocket/transport.ts";
import { Dealer } from "../offchain/dealing/dealer.ts";
import { CertificateVerifier, issueCertificate } from "../offchain/identity/certificate.ts";
import { localWallet } from "../offchain/identity/wallet.ts";
import { toHex } from "../offchain/kernel/bytes.ts";
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from "../offchain/kernel/ids.ts";
import type { PriceStrategy } from "../offchain/negotiation/price/strategy.ts";
import { SystemClock } from "../offchain/node/clock.ts";
import { systemEntropy } from "../offchain/node/entropy.ts";
import type { Deployment, Registry } from "../offchain/ports/chain.ts";
import type { Channel } from "../offchain/ports/transport.ts";
import { domainSeparator, settlementDomain } from "../offchain/terms/eip712.ts";
import type { Proposal } from "../offchain/terms/proposal.ts";
import { walletAddress } from "../offchain/terms/wallet-signature.ts";
import { measureFloor, median, percentile } from "./measure.ts";

const ROUNDS = 20;
const WARM_UP = 50;
const NEGOTIATIONS = 400;

/** Envelopes of a bargaining that needs all its rounds: two a round. OPEN and JOIN come on top. */
const ENVELOPES = 2 * ROUNDS;

const DEPLOYMENT: Deployment = { chainId: 31337, registry: `0x${"11".repeat(20)}`, settlement: `0x${"22".repeat(20)}` };
const BUYER = 1n;
const SELLER = 2n;

/** Both meet in the very last turn: the buyer climbs to 1,000 while the seller comes down to it. */
const STRATEGIES: Readonly<Record<"buyer" | "seller", PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 0n, limit: 1_000n, pace: 1 },
  seller: { kind: "time-dependent", from: 2_000n, limit: 1_000n, pace: 1 },
};

interface Wallets {
  readonly buyer: Bytes32;
  readonly seller: Bytes32;
}

/**
 * The chain's part in it: who holds which wallet. So the figure holds no call to a node, and, since the verifier
 * remembers certificates, no wallet's signature either: both come once for each peer, not once a round.
 */
function knownWallets({ buyer, seller }: Wallets): Registry {
  const [ofBuyer, ofSeller] = [walletAddress(buyer), walletAddress(seller)];
  return { authority: async (agent) => ({ wallet: agent === BUYER ? ofBuyer : ofSeller, epoch: 1 }) };
}

async function makeDealer(side: "buyer" | "seller", wallets: Wallets, folder: string): Promise<Dealer> {
  const crypto = new NodeCrypto();
  const clock = new SystemClock();
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const agent = side === "buyer" ? BUYER : SELLER;
  const now = Math.floor(clock.now() / 1000);
  const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
  return new Dealer({
    agent,
    certificate: await issueCertificate(localWallet(wallets[side]), DEPLOYMENT, agent, signer.publicKey, validity),
    certificates: new CertificateVerifier(knownWallets(wallets), DEPLOYMENT),
    clock,
    crypto,
    entropy: systemEntropy,
    journal: new SqliteJournal(join(folder, `${side}.sqlite`)),
    paceMs: 0,
    separator: domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement)),
    signer,
    respond: () => STRATEGIES[side],
    fail: (_session, thrown) => {
      throw thrown;
    },
  });
}

function proposal(): Proposal {
  return {
    role: "buyer",
    protocol: { name: "alternating-offers", rounds: ROUNDS },
    deal: {
      token: ZERO_ADDRESS,
      buyerBond: 10n,
      sellerBond: 10n,
      commitBy: Math.floor(Date.now() / 1000) + 3_600,
      deliverWithin: 3_600,
      reviewPeriod: 3_600,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
      rulingWithin: 0,
      lapseShare: 5_000,
      category: ZERO_32,
    },
    terms: { goods: "one hour of transcription", salt: toHex(randomBytes(32)) },
  };
}

async function negotiate(
  dealer: Dealer,
  address: string,
  channel: Channel,
  sellerGone: Promise<never>,
): Promise<number> {
  const before = performance.now();
  const session = await dealer.open(
    { peer: SELLER, address, proposal: proposal(), strategy: STRATEGIES.buyer },
    channel,
  );
  const state = await Promise.race([session.settled, sellerGone]);
  const took = performance.now() - before;
  const { opener, responder } = session.transcript;
  if (state.phase !== "agreed" || opener.length + responder.length !== ENVELOPES + 2) {
    throw new Error(`the negotiation did not take its ${ROUNDS} rounds: ${opener.length} + ${responder.length}`);
  }
  return took;
}

async function runBuyer(): Promise<void> {
  // Beside the tree, since a temporary folder may be in memory, where syncing to disk costs nothing.
  const folder = mkdtempSync(fileURLToPath(new URL("../.bench-", import.meta.url)));
  const wallets: Wallets = { buyer: toHex(randomBytes(32)), seller: toHex(randomBytes(32)) };
  const seller = fork(fileURLToPath(import.meta.url), ["--seller"], { env: { ...process.env } });
  try {
    const gone = new Promise<never>((_resolve, reject) => {
      seller.once("exit", (code) => reject(new Error(`the seller's process ended with ${code}`)));
    });
    gone.catch(() => undefined);
    const address = await Promise.race([startSeller(seller, wallets, folder), gone]);
    const dealer = await makeDealer("buyer", wallets, folder);
    const channel = await connected(dealer, address);
    const took: number[] = [];
    const floors: number[] = [];
    for (let count = 0; count < WARM_UP + NEGOTIATIONS; count++) {
      const milliseconds = await negotiate(dealer, address, channel, gone);
      if (count < WARM_UP) continue;
      took.push(milliseconds);
      // Between the negotiations, so that both figures are of the same minute of a noisy machine.
      if (count % 10 === 0) floors.push(measureFloor(ENVELOPES));
    }
    channel.close();
    report(took, floors);
  } finally {
    if (seller.connected) seller.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
}

function connected(dealer: Dealer, address: string): Promise<Channel> {
  return new Promise((resolve) => {
    const channel = new WebSocketTransport().connect(address, {
      ...dealer.listener,
      onOpen: () => resolve(channel),
    });
  });
}

function startSeller(seller: ChildProcess, wallets: Wallets, folder: string): Promise<string> {
  seller.send({ wallets, folder });
  return new Promise((resolve) => seller.once("message", (message) => resolve(String(message))));
}

function runSeller(): void {
  process.once("message", async (message) => {
    const { wallets, folder } = message as { wallets: Wallets; folder: string };
    const dealer = await makeDealer("seller", wallets, folder);
    const { address } = await new WebSocketTransport().listen("ws://127.0.0.1:0", dealer.listener);
    process.send?.(address);
  });
  process.once("disconnect", () => process.exit(0));
}

function report(took: readonly number[], floors: readonly number[]): void {
  const floorMs = median(floors);
  const medianMs = median(took);
  const figures = {
    medianMs: round(medianMs),
    p99Ms: round(percentile(took, 0.99)),
    floorMs: round(floorMs),
    floorOverActual: round(floorMs / medianMs),
    rounds: ROUNDS,
    envelopes: ENVELOPES + 2,
    negotiations: took.length,
  };
  if (process.argv.includes("--results")) {
    const command = "npm run -s parley -- bench dealing";
    const row = (figure: string, value: number, unit: string, goal: string) => ({ figure, value, unit, goal, command });
    const peer = "untuned prototype: 10.0 ms, ratio 0.4";
    process.stdout.write(
      JSON.stringify([
        { ...row("20-round negotiation, median", figures.medianMs, "ms", "<= 10"), peer },
        { ...row("20-round negotiation, p99", figures.p99Ms, "ms", ""), peer: "" },
        { ...row("cryptographic floor of the same", figures.floorMs, "ms", ""), peer: "" },
        { ...row("floor / actual", figures.floorOverActual, "", ">= 0.5"), peer },
      ]),
    );
  } else if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } else {
    console.table(figures);
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

if (process.argv.includes("--seller")) runSeller();
else await runBuyer();
