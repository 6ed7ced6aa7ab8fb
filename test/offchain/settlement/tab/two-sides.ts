import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { CertificateVerifier, issueCertificate } from "../../../../offchain/identity/certificate.ts";
import { fixedKey, type SigningKeys } from "../../../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../../../offchain/identity/wallet.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import type { Address, AgentId, Bytes32 } from "../../../../offchain/kernel/ids.ts";
import type { Deployment, EpochEndings, Registry } from "../../../../offchain/ports/chain.ts";
import type { Doubt, Durability, Journal } from "../../../../offchain/ports/journal.ts";
import type { TabOptions } from "../../../../offchain/settlement/tab/tab.ts";
import type { TabTerms } from "../../../../offchain/settlement/tab/terms.ts";
import { domainSeparator, settlementDomain } from "../../../../offchain/terms/eip712.ts";

export const [LOWER, HIGHER] = [3n, 8n];

export const TERMS: TabTerms = {
  parties: [
    { agent: LOWER, credit: 1_000n },
    { agent: HIGHER, credit: 400n },
  ],
  token: `0x${"99".repeat(20)}`,
  salt: `0x${"5a".repeat(32)}`,
};

export const DEPLOYMENT: Deployment = {
  chainId: 31_337,
  registry: `0x${"11".repeat(20)}`,
  settlement: `0x${"22".repeat(20)}`,
};

export const SEPARATOR = domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement));

export const CRYPTO = new NodeCrypto();

/** Until when session keys of the sides count, in seconds after the clock's start. */
const KEY_S = 1_000;

/** A journal that fails as disks and processes do. */
export class FrailJournal extends MemoryJournal {
  /** What becomes of the next record: it is kept and acknowledged, kept and not acknowledged, or lost. */
  next: "kept" | "unacknowledged" | "lost" = "kept";
  doubted: Doubt | null = null;

  override async append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void> {
    const fate = this.next;
    this.next = "kept";
    if (fate !== "lost") await super.append(stream, index, record, durability);
    if (fate !== "kept") throw new Error("the process dies");
  }

  override async doubt(_stream: string, durability?: Durability): Promise<Doubt | null> {
    const isHarmless = durability === "machine" && this.doubted?.code === "MachineRestarted";
    return isHarmless ? null : this.doubted;
  }
}

/** Two agents whose certificates hold, on a clock that is moved by hand. */
export class TwoSides {
  readonly clock = new SimulatedClock();
  readonly #keys = new Map<AgentId, SigningKeys>();
  /** The agents' present key epochs. */
  readonly epochs = new Map<AgentId, number>([
    [LOWER, 1],
    [HIGHER, 1],
  ]);

  /** When epochs of theirs have ended, in seconds. */
  readonly endings = new Map<string, number>();

  static async make(): Promise<TwoSides> {
    const sides = new TwoSides();
    for (const agent of [LOWER, HIGHER]) await sides.renew(agent);
    return sides;
  }

  /** Gives an agent a new session key, from now on. */
  async renew(agent: AgentId): Promise<void> {
    const signer = CRYPTO.sessionSigner(CRYPTO.generateSessionSecret());
    const now = Math.floor(this.clock.now() / 1_000);
    const validity = { notBefore: now, notAfter: now + KEY_S, epoch: this.epochs.get(agent) ?? 1 };
    const wallet = localWallet(secretOf(agent));
    this.#keys.set(
      agent,
      fixedKey(signer, await issueCertificate(wallet, DEPLOYMENT, agent, signer.publicKey, validity)),
    );
  }

  /** Ends an agent's epoch, and gives it a key of the next one. */
  async revoke(agent: AgentId): Promise<void> {
    const epoch = this.epochs.get(agent) ?? 1;
    this.endings.set(`${agent}/${epoch}`, Math.floor(this.clock.now() / 1_000));
    this.epochs.set(agent, epoch + 1);
    await this.renew(agent);
  }

  options(agent: AgentId, journal: Journal, terms = TERMS): TabOptions {
    const registry: Registry & EpochEndings = {
      authority: async (one) => ({ wallet: walletOf(one), epoch: this.epochs.get(one) ?? 1 }),
      ended: async (one, epoch) => {
        const endedAt = this.endings.get(`${one}/${epoch}`);
        return endedAt === undefined ? null : { wallet: walletOf(one), endedAt };
      },
      certified: async () => false,
    };
    return {
      ...{ terms, agent, separator: SEPARATOR, keys: this.#keys.get(agent) as SigningKeys },
      certificates: new CertificateVerifier(registry, DEPLOYMENT),
      ...{ crypto: CRYPTO, clock: this.clock, journal },
    };
  }
}

/** The wallet that gives an agent's keys. */
export function walletOf(agent: AgentId): Address {
  return localWallet(secretOf(agent)).address;
}

function secretOf(agent: AgentId): Bytes32 {
  return `0x${agent.toString(16).padStart(64, "0")}`;
}
