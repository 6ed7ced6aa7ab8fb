import { issueCertificate, type Validity } from "../identity/certificate.ts";
import type { Wallet } from "../identity/wallet.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { Chain } from "../ports/chain.ts";
import type { PublicKey } from "../ports/crypto.ts";
import type { Certificate } from "../terms/certificate.ts";

/**
 * Certifies a session key. Where our key is the agent's wallet, its signature is enough. Where the wallet is a contract that
 * takes our key's word (ERC-1271), the certificate is recorded in the registry: one transaction.
 */
export async function certify(
  chain: Chain,
  wallet: Wallet,
  agent: AgentId,
  key: PublicKey,
  validity: Validity,
): Promise<Certificate> {
  const certificate = await issueCertificate(wallet, chain.deployment, agent, key, validity);
  const authority = await chain.authority(agent);
  if (authority.wallet === wallet.address) return certificate;
  if (authority.wallet === ZERO_ADDRESS) {
    throw new ParleyError("NoWallet", `agent ${agent} has no wallet, or is not registered`, {
      hint: "register it, or let its owner set its wallet",
    });
  }
  await chain.recordCertificate(certificate).catch((thrown: unknown) => {
    if (!(thrown instanceof ParleyError) || thrown.code !== "BadCertificate") throw thrown;
    throw new ParleyError(
      "WrongKeys",
      `agent ${agent}'s wallet is ${authority.wallet}, the key file has ${wallet.address}`,
      {
        hint: "name that agent's key file, or let its owner set the other wallet (a contract as the wallet has to take the key's word)",
        facts: { agent: agent.toString(), wallet: authority.wallet, keys: wallet.address },
        cause: thrown,
      },
    );
  });
  return { ...certificate, signature: "0x" };
}
