import type { Address, AgentId } from "../kernel/ids.ts";
import type { AgentAuthority, Deployment, EpochEndings, Registry } from "../ports/chain.ts";
import type { PublicKey } from "../ports/crypto.ts";
import { type Certificate, hashSessionKey, type SessionKey } from "../terms/certificate.ts";
import { domainSeparator, registryDomain, typedDigest } from "../terms/eip712.ts";
import { Refusal } from "../terms/refusal.ts";
import { recoverWallet } from "../terms/wallet-signature.ts";
import type { Wallet } from "./wallet.ts";

/** For how long, and under which epoch, a session key shall count. Times in Unix seconds. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly epoch: number;
}

/** Has the wallet certify a session key. Costs no transaction. */
export async function issueCertificate(
  wallet: Wallet,
  deployment: Deployment,
  agent: AgentId,
  { x, y }: PublicKey,
  validity: Validity,
): Promise<Certificate> {
  const key: SessionKey = { agent, settlement: deployment.settlement, x, y, ...validity };
  return { key, signature: await wallet.signDigest(certificateDigest(deployment, key)) };
}

/** Judges the parts of a certificate that time changes; throws the `Refusal` that a peer is told. */
export function checkValidity({ key }: Certificate, authority: AgentAuthority, now: number): void {
  const facts = { agent: key.agent.toString(), now };
  if (now < key.notBefore) {
    throw new Refusal("CertificateNotYetValid", `the session key counts from ${key.notBefore} on, it is ${now}`, {
      facts,
    });
  }
  if (now > key.notAfter) {
    throw new Refusal("CertificateExpired", `the session key counted until ${key.notAfter}, it is ${now}`, { facts });
  }
  if (key.epoch !== authority.epoch) {
    throw new Refusal("EpochEnded", `the session key is of epoch ${key.epoch}, the agent's is ${authority.epoch}`, {
      facts,
    });
  }
}

/** Throws the `Refusal` that a peer is told, unless the certificate counts until a deal's `commitBy`. */
export function checkLasts({ key }: Certificate, commitBy: number): void {
  if (key.notAfter >= commitBy) return;
  throw new Refusal("CertificateExpired", `the session key ends at ${key.notAfter}, before \`commitBy\` ${commitBy}`);
}

/**
 * Verifies certificates against the registry. Signatures of wallets are dear (over a millisecond), so those
 * found good are remembered; epochs and times are looked at every time.
 */
export class CertificateVerifier {
  readonly #registry: Registry & Partial<EpochEndings>;
  readonly #deployment: Deployment;
  readonly #wallets = new Map<string, string>();
  readonly #kept: number;

  /** A registry that doesn't know how epochs ended leaves nothing to answer for under one that is over. */
  constructor(registry: Registry & Partial<EpochEndings>, deployment: Deployment, kept = 10_000) {
    this.#registry = registry;
    this.#deployment = deployment;
    this.#kept = kept;
  }

  /**
   * Throws a `Refusal` unless the certificate lets its key speak for `agent` from `now` to `until` (Unix seconds):
   * an offer is worth nothing if the key that signed it ends before the deal can be committed.
   */
  async verify(certificate: Certificate, agent: AgentId, now: number, until: number): Promise<void> {
    this.#requireNamed(certificate, agent);
    const authority = await this.#registry.authority(agent);
    checkValidity(certificate, authority, now);
    checkLasts(certificate, until);
    await this.#requireGiven(certificate, authority.wallet);
  }

  /**
   * Throws a `Refusal` unless `agent` still answers at `now` for what the key has signed: for `graceS` seconds after its end, which is the
   * end of its epoch where that came first. So a debt is not got rid of by ending the key that signed it.
   */
  async verifyLiability(certificate: Certificate, agent: AgentId, now: number, graceS: number): Promise<void> {
    this.#requireNamed(certificate, agent);
    const { epoch, notAfter } = certificate.key;
    const present = await this.#registry.authority(agent);
    const ending = epoch === present.epoch ? null : ((await this.#registry.ended?.(agent, epoch)) ?? null);
    if (ending !== null && now > ending.endedAt + graceS) {
      throw new Refusal("EpochEnded", `the session key's epoch ${epoch} ended at ${ending.endedAt}, it is ${now}`, {
        facts: { agent: agent.toString(), now },
      });
    }
    const { wallet } = ending ?? present;
    const authority = ending === null ? present : { wallet, epoch };
    checkValidity(certificate, authority, now <= notAfter + graceS ? Math.min(now, notAfter) : now);
    await this.#requireGiven(certificate, wallet);
  }

  #requireNamed({ key }: Certificate, agent: AgentId): void {
    if (key.agent === agent && key.settlement === this.#deployment.settlement) return;
    throw new Refusal("CertificateInvalid", "the certificate is for another agent or another Settlement");
  }

  async #requireGiven(certificate: Certificate, wallet: Address): Promise<void> {
    if (certificate.signature === "0x") return await this.#requireRecorded(certificate.key);
    if (this.#signer(certificate) === wallet) return;
    throw new Refusal(
      "CertificateInvalid",
      `the certificate was not signed by agent ${certificate.key.agent}'s wallet`,
    );
  }

  /** The form of wallets that are contracts: what they answer today could disown tomorrow what a key of theirs has said. */
  async #requireRecorded(key: SessionKey): Promise<void> {
    if (await this.#registry.certified(key.agent, key.epoch, hashSessionKey(key))) return;
    throw new Refusal("CertificateInvalid", "the certificate is neither signed nor recorded in the registry");
  }

  #signer(certificate: Certificate): string | null {
    const digest = certificateDigest(this.#deployment, certificate.key);
    const name = digest + certificate.signature;
    const known = this.#wallets.get(name);
    if (known !== undefined) return known;
    const signer = recoverWallet(digest, certificate.signature);
    if (signer === null) return null;
    const oldest = this.#wallets.keys().next().value;
    if (this.#wallets.size >= this.#kept && oldest !== undefined) this.#wallets.delete(oldest);
    this.#wallets.set(name, signer);
    return signer;
  }
}

/** The wallet that signed a certificate; null where it is not signed, or not well. */
export function certifiedBy(deployment: Deployment, { key, signature }: Certificate): Address | null {
  return recoverWallet(certificateDigest(deployment, key), signature);
}

function certificateDigest({ chainId, registry }: Deployment, key: SessionKey): `0x${string}` {
  return typedDigest(domainSeparator(registryDomain(chainId, registry)), hashSessionKey(key));
}
