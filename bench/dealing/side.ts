/** One of the two processes: a dealer with a SQLite journal, and what it used up. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { GrpcTransport } from "../../offchain/adapters/transport/grpc/transport.ts";
import { WebSocketTransport } from "../../offchain/adapters/transport/websocket/transport.ts";
import { Dealer } from "../../offchain/dealing/dealer.ts";
import { CertificateVerifier, issueCertificate } from "../../offchain/identity/certificate.ts";
import { fixedKey } from "../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { type AgentId, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../offchain/kernel/ids.ts";
import type { PriceStrategy } from "../../offchain/negotiation/price/strategy.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import type { Deployment, Registry } from "../../offchain/ports/chain.ts";
import type { PublicKey } from "../../offchain/ports/crypto.ts";
import type { Transport } from "../../offchain/ports/transport.ts";
import type { Certificate } from "../../offchain/terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import type { Proposal } from "../../offchain/terms/proposal.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";

export type Name = "buyer" | "seller";

/** Whoever has a wallet that the registry knows. */
export type Known = Name | "hostile";

export const TRANSPORTS = ["websocket", "grpc"] as const;

export type TransportName = (typeof TRANSPORTS)[number];

export const AGENTS = { buyer: 1n, seller: 2n, hostile: 3n } as const;

export const ROUNDS = 20;

/** Envelopes of a bargaining that needs all its rounds: two a round. OPEN and JOIN come on top. */
export const ENVELOPES = 2 * ROUNDS;

/** Both meet in the very last turn: the buyer climbs to 1,000 while the seller comes down to it. */
export const STRATEGIES: Readonly<Record<Name, PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 0n, limit: 1_000n, pace: 1 },
  seller: { kind: "time-dependent", from: 2_000n, limit: 1_000n, pace: 1 },
};

export type Wallets = Readonly<Record<Known, Bytes32>>;

/** What a process is to be. */
export interface Task {
  readonly name: Name;
  readonly wallets: Wallets;
  /** Where its journal goes. */
  readonly file: string;
  readonly transport: TransportName;
  readonly paceMs: number;
  /** Whether it leaves its moves to somebody who never makes one. */
  readonly isIdle: boolean;
}

const DEPLOYMENT: Deployment = { chainId: 31337, registry: `0x${"11".repeat(20)}`, settlement: `0x${"22".repeat(20)}` };

export const SEPARATOR = domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement));

/** More than are ever open here. */
const CAPACITY = { open: 100_000, openPerPeer: 100_000, finished: 100 };

/**
 * The chain's part in it: who holds which wallet. So the figures hold no call to a node, and, since the verifier
 * remembers certificates, no wallet's signature either: both come once for each peer, not once a round.
 */
function knownWallets(wallets: Wallets): Registry {
  const known = new Map(
    (["buyer", "seller", "hostile"] as const).map((name) => [AGENTS[name] as AgentId, walletAddress(wallets[name])]),
  );
  return {
    authority: async (agent) => ({ wallet: known.get(agent) ?? ZERO_ADDRESS, epoch: 1 }),
    certified: async () => false,
  };
}

/** A certificate for a session key, that counts for a day. */
export function certificateOf(name: Known, wallets: Wallets, key: PublicKey): Promise<Certificate> {
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
  return issueCertificate(localWallet(wallets[name]), DEPLOYMENT, AGENTS[name], key, validity);
}

export async function makeDealer({ name, wallets, file, paceMs, isIdle }: Task): Promise<Dealer> {
  const crypto = new NodeCrypto();
  const clock = new SystemClock();
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const agent = AGENTS[name];
  const certificate = await certificateOf(name, wallets, signer.publicKey);
  const dealer: Dealer = new Dealer({
    agent,
    certificates: new CertificateVerifier(knownWallets(wallets), DEPLOYMENT),
    stakes: { staked: async () => 10n ** 18n },
    clock,
    crypto,
    entropy: systemEntropy,
    journal: new SqliteJournal(file),
    paceMs,
    separator: SEPARATOR,
    keys: fixedKey(signer, certificate),
    // Few that are over, so that memory tells of what is open, or of an attack.
    capacity: isIdle ? CAPACITY : { finished: 100 },
    respond: () => (isIdle ? { kind: "external", limit: 1n } : STRATEGIES[name]),
    // As the runtime does with what is over, so that it does not pile up.
    observe: (session) => void session.settled.then(() => dealer.release(session)),
    fail: (_session, thrown) => {
      throw thrown;
    },
  });
  return dealer;
}

export function makeTransport(name: TransportName): Transport {
  return name === "grpc" ? new GrpcTransport() : new WebSocketTransport();
}

export function addressFor(name: TransportName): string {
  return `${name === "grpc" ? "grpc" : "ws"}://127.0.0.1:0`;
}

/** What a process has used. */
export interface Usage {
  readonly cpuMs: number;
  /** Resident memory, after a collection of garbage. */
  readonly residentBytes: number;
  /** What is reachable: the heap after a collection, and buffers outside it. What the system has lent besides comes and goes. */
  readonly heldBytes: number;
}

// What a flag of the program would give; these processes are started in more ways than one.
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMs: (user + system) / 1000, residentBytes: rss, heldBytes: heapUsed + external };
}

export function journalFile(folder: string, name: Name, what: string): string {
  return join(folder, `${what}.${name}.sqlite`);
}

/** What every negotiation here is about. */
export function proposal(): Proposal {
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
