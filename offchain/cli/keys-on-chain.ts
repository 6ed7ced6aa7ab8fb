import { walletChangeDigest } from "../identity/wallet-change.ts";
import { ParleyError } from "../kernel/errors.ts";
import { ZERO_ADDRESS } from "../kernel/ids.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { openDesk, requireOwner, requireSpeaker, speakersOf, takeHand } from "../node/desk/desk.ts";
import type { KeyStore } from "../node/keys/key-store.ts";
import { signDigest } from "../terms/wallet-signature.ts";
import { confirm } from "./confirm.ts";

/** So long the new wallet's word counts, by the chain's clock: time to be mined, and less than the registry's five minutes. */
const PROOF_S = 240;

const ENDS_WITH_IT = "what is agreed but not committed yet can't be committed any more, and its bonds can be lost";

/** Ends all session keys of the configuration's agent. For its owner, and its wallet. */
export async function revokeKeys(config: string, keys: KeyStore, isYes: boolean) {
  const desk = await openDesk(await readAgentConfig(config));
  const { agent, deployment } = desk.config;
  const speakers = await speakersOf(desk, agent);
  const { address, operator } = takeHand(desk, keys);
  requireSpeaker(agent, speakers, address);
  await confirm(
    [
      `revoke      all session keys of agent ${agent}, epoch ${speakers.epoch}`,
      `from        ${address}`,
      `effect      ${ENDS_WITH_IT}; a running agent makes new keys within a minute`,
    ],
    isYes,
  );
  const { transaction, block, gasUsed } = await operator.revokeKeys(deployment, agent);
  const { epoch } = await speakersOf(desk, agent);
  return { done: "revoke", agent, epoch, transaction, block, gasUsed };
}

/** Makes another key file's account the agent's wallet, which ends all session keys too. For its owner. */
export async function changeWallet(config: string, keys: KeyStore, openNew: () => Promise<KeyStore>, isYes: boolean) {
  const desk = await openDesk(await readAgentConfig(config));
  const { agent, deployment } = desk.config;
  const speakers = await speakersOf(desk, agent);
  const { address: owner, operator } = takeHand(desk, keys);
  requireOwner(agent, speakers, owner);
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
    ],
    isYes,
  );
  const change = { agent, wallet, owner, deadline: (await desk.chain.time()) + PROOF_S };
  const signature = signDigest(walletChangeDigest(deployment, change), next.wallet.reveal());
  const { transaction, block, gasUsed } = await operator.setWallet(deployment, change, signature);
  const { epoch } = await speakersOf(desk, agent);
  return { done: "wallet", agent, wallet, epoch, transaction, block, gasUsed };
}
