import { connectRpc } from "../../adapters/chain/rpc.ts";
import type { Address } from "../../kernel/ids.ts";
import { type AgentConfig, readAgentConfig } from "../agent-config.ts";
import { type Desk, openDesk } from "../desk/desk.ts";
import { claimedAddress } from "../keys/claimed-address.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { lookAtAgent, lookAtGas, lookAtSessions, lookAtWallet } from "./agent.ts";
import { lookAtArbitrators } from "./arbitrator.ts";
import { lookAtChainId, lookAtClock, lookAtContracts, lookAtNodes, lookAtSync } from "./chain.ts";
import { lookAtDelivery } from "./delivery.ts";
import { type Finding, find, look, ok, unknown } from "./finding.ts";
import { lookAtLive } from "./live.ts";
import { lookAtDisk, lookAtJournal, lookAtKeys, lookAtNode, lookAtWitness, type Passphrase } from "./machine.ts";
import { appetitesOf, lookAtMoney } from "./money.ts";
import { lookAtListening, lookAtPeer } from "./network.ts";

/** Looks at everything that an agent needs, whether it runs or not. Nothing is changed, nothing is sent, and nobody is called but the node. */
export async function examineAgent(file: string, passphrase: Passphrase): Promise<readonly Finding[]> {
  const node = await lookAtNode(process.versions.node);
  const { finding, value: config } = await find("configuration", async () => {
    const read = await readAgentConfig(file);
    return [ok(`${file} is for agent ${read.agent}`), read];
  });
  return config === null ? [node, finding] : [node, finding, ...(await examine(config, passphrase))];
}

async function examine(config: AgentConfig, passphrase: Passphrase): Promise<readonly Finding[]> {
  const [keys, journal] = [await lookAtKeys(config, passphrase), await lookAtJournal(config)];
  const isRunning = journal.value === "inUse";
  return [
    ...[keys.finding, journal.finding, await lookAtWitness(config), await lookAtDisk(config)],
    ...[await lookAtListening(config, isRunning), await lookAtPeer(config)],
    ...(await lookAtDelivery(config, isRunning)),
    ...(await examineChain(config, keys.value)),
  ];
}

async function examineChain(config: AgentConfig, store: KeyStore | null): Promise<readonly Finding[]> {
  const { finding: reached, value: rpc } = await find("rpc", async () => {
    return [ok("a node of a chain answers"), await connectRpc(config.rpc)];
  });
  const nodes = [reached, ...(await lookAtNodes(config)), await lookAtLive(config)];
  if (rpc === null) return [...nodes, await notAsked("chain, contracts, agent and money")];
  const ground = [await lookAtChainId(rpc, config), await lookAtContracts(rpc, config)];
  const findings = [...nodes, ...ground, await lookAtSync(rpc), await lookAtClock(rpc, Date.now())];
  // What other contracts, or another chain, say of an agent of that number is about somebody else.
  if (ground.some(({ level }) => level === "bad")) return [...findings, await notAsked("agent and money")];
  const ruling = await lookAtArbitrators(rpc, config);
  return [...findings, ...ruling, ...(await examineAffairs(await openDesk(config), store))];
}

async function examineAffairs(desk: Desk, store: KeyStore | null): Promise<readonly Finding[]> {
  const { finding, value: speakers } = await lookAtAgent(desk);
  const account = store?.address ?? (await claimed(desk.config));
  const keys = [
    await lookAtWallet(desk, speakers, account),
    await lookAtSessions(store, speakers, Math.floor(Date.now() / 1000)),
    await lookAtGas(desk, account),
  ];
  if (speakers === null) return [finding, ...keys, await notAsked("money and mandate")];
  const money = await Promise.all(appetitesOf(desk.config).map((one) => lookAtMoney(desk, one)));
  return [finding, ...keys, ...money.flat()];
}

function notAsked(what: string): Promise<Finding> {
  return look(what, () => unknown("not looked at, for the reason above"));
}

/** What the key file says of itself; what is wrong with it is told elsewhere. */
async function claimed({ keys }: AgentConfig): Promise<Address | null> {
  return await claimedAddress(keys).catch(() => null);
}
