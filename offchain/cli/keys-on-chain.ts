import { ParleyError } from "../kernel/errors.ts";
import { ZERO_ADDRESS } from "../kernel/ids.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { openDesk, requireOwner, requireSpeaker, speakersOf, takeHand } from "../node/desk/desk.ts";
import type { KeyStore } from "../node/keys/key-store.ts";
import { domainSeparator, registryDomain } from "../terms/eip712.ts";
import { walletChangeDigest } from "../terms/wallet-change.ts";
import { signDigest } from "../terms/wallet-signature.ts";
import { confirm } from "./confirm.ts";
import { tellTrouble } from "./tell-trouble.ts";

/** So long the new wallet's word counts, by the chain's clock: time to be mined, and less than the registry's five minutes. */
const PROOF_S = 240;

const ENDS_WITH_IT = "what is agreed but not committed yet can't be committed any more, and its bonds can be lost";

/** Where one account was both, as after `parley register`, a stolen key is the owner's too. */
const OWNER_STAYS =
  "BUT         the former wallet's account stays the owner: if its key is stolen, withdraw all, and transfer the agent's token to another account";

/** Ends all session keys of the configuration's agent. For its owner, and its wallet. */
export async function revokeKeys(config: string, keys: KeyStore, isYes: boolean) {
  const desk = await openDesk(await readAgentConfig(config));
  const { agent, deployment } = desk.config;
  const speakers = await speakersOf(desk, agent);
  const { address, operator } = takeHand(desk, keys, tellTrouble());
  requireSpeaker(agent, speakers, address, "--file");
  await confirm(
    [
      `revoke      all session keys of agent ${agent}, epoch ${speakers.epoch}`,
      `from        ${address}`,
      `effect      ${ENDS_WITH_IT}; a running agent makes new keys within a minute`,
    ],
    isYes,
  );
  const { transaction, block, gasUsed } = await operator.revokeKeys(deployment, agent);
  return { done: "revoke", agent, epoch: speakers.epoch + 1, transaction, block, gasUsed };
}

/** Makes another key file's account the agent's wallet, which ends all session keys too. For its owner. */
export async function changeWallet(config: string, keys: KeyStore, openNew: () => Promise<KeyStore>, isYes: boolean) {
  const desk = await openDesk(await readAgentConfig(config));
  const { agent, deployment } = desk.config;
  const speakers = await speakersOf(desk, agent);
  const { address: owner, operator } = takeHand(desk, keys, tellTrouble());
  requireOwner(agent, speakers, owner, "--file");
  const next = await openNew();
  const { address: wallet } = next;
  if (wallet === speakers.wallet) {
    throw new ParleyError("WalletUnchanged", `${wallet} is the wallet of agent ${agent} already`, {
      hint: "to end its session keys alone: parley keys revoke",
      facts: { agent: agent.toString(), wallet },
    });
  }
  await confirm(
    [
      `wallet      of agent ${agent}: ${wallet}, in place of ${speakers.wallet === ZERO_ADDRESS ? "none" : speakers.wallet}`,
      `from        ${owner}`,
      `effect      ends all session keys: ${ENDS_WITH_IT}`,
      ...(owner === speakers.wallet ? [OWNER_STAYS] : []),
    ],
    isYes,
  );
  // A chain that makes no block without a transaction is behind, and the next block isn't.
  const now = Math.max(await desk.chain.time(), Math.floor(Date.now() / 1000));
  const change = { agent, wallet, owner, deadline: now + PROOF_S };
  const separator = domainSeparator(registryDomain(deployment.chainId, deployment.registry));
  const signature = signDigest(walletChangeDigest(separator, change), next.wallet.reveal());
  const { transaction, block, gasUsed } = await operator.setWallet(deployment, change, signature);
  return { done: "wallet", agent, wallet, epoch: speakers.epoch + 1, transaction, block, gasUsed };
}
