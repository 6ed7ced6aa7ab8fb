import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { CertificateVerifier } from "../../../offchain/identity/certificate.ts";
import { fixedKey, type SigningKeys } from "../../../offchain/identity/signing-keys.ts";
import { type AgentId, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { AgentAuthority, Registry } from "../../../offchain/ports/chain.ts";
import { type Actor, actor, DEPLOYMENT } from "../../vectors/actors.ts";

export const CRYPTO = new NodeCrypto();

/** A registry that knows agents 1 and 2, and can be told that their epoch is another one, or be out of reach. */
export class TwoAgents implements Registry {
  epoch = 1;
  asked = 0;
  failure: Error | null = null;

  async authority(agent: AgentId): Promise<AgentAuthority> {
    this.asked++;
    if (this.failure !== null) throw this.failure;
    const known = agent === 1n || agent === 2n;
    return known ? { wallet: actor(agent).wallet, epoch: this.epoch } : { wallet: ZERO_ADDRESS, epoch: 0 };
  }

  async certified(): Promise<boolean> {
    return false;
  }

  get verifier(): CertificateVerifier {
    return new CertificateVerifier(this, DEPLOYMENT);
  }
}

export function keysOf({ session, certificate }: Actor): SigningKeys {
  return fixedKey(CRYPTO.sessionSigner(session), certificate);
}
