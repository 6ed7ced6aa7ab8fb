import { DealFinder } from "../../adapters/chain/deal-finder.ts";
import { Holdings } from "../../adapters/chain/holdings.ts";
import { Litigant } from "../../adapters/chain/litigant.ts";
import { Operator } from "../../adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../adapters/chain/rpc.ts";
import { Sender } from "../../adapters/chain/sender.ts";
import { SettlementChain } from "../../adapters/chain/settlement.ts";
import { Tokens } from "../../adapters/chain/tokens.ts";
import { verifyContracts } from "../../adapters/chain/verify-contracts.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { AgentConfig } from "../agent-config.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { readerOf } from "../reader.ts";

/**
 * An agent's affairs on the chain, as whoever looks after it sees them. It needs nothing but the configuration and a node, so it works
 * beside the running agent, whose journals are its own.
 */
export interface Desk {
  readonly config: AgentConfig;
  readonly rpc: Rpc;
  /** To be read only. */
  readonly chain: SettlementChain;
  readonly deals: DealFinder;
  readonly tokens: Tokens;
  readonly holdings: Holdings;
}

/** A desk with somebody at it who can sign. */
export interface Hand {
  readonly address: Address;
  readonly chain: SettlementChain;
  readonly litigant: Litigant;
  readonly operator: Operator;
}

/** Connects, and makes sure that the chain and the contracts are those that the configuration means. */
export async function openDesk(config: AgentConfig): Promise<Desk> {
  const { deployment } = config;
  const rpc = await connectRpc(config.rpc);
  const chain = readerOf(rpc, deployment);
  await verifyContracts(rpc, deployment);
  return {
    ...{ config, rpc, chain },
    deals: new DealFinder(rpc, deployment),
    tokens: new Tokens(rpc),
    holdings: new Holdings(rpc, deployment),
  };
}

/**
 * Puts a key to use. What the running agent has under way with the same key is another program's to the sender, which copes. `onTrouble` is
 * told what a transaction waits for.
 */
export function takeHand({ rpc, config }: Desk, keys: KeyStore, onTrouble: (error: ParleyError) => void): Hand {
  const sender = new Sender(rpc, keys.wallet.reveal(), { onTrouble });
  return {
    address: sender.address,
    chain: new SettlementChain(rpc, sender, config.deployment),
    litigant: new Litigant(rpc, sender, config.deployment),
    operator: new Operator(rpc, sender),
  };
}

/** Who may act for an agent. */
export interface Speakers {
  readonly owner: Address;
  /** The zero address where it has none. */
  readonly wallet: Address;
  readonly epoch: number;
}

export async function speakersOf({ chain }: Desk, agent: AgentId): Promise<Speakers> {
  const [{ owner }, { wallet, epoch }] = await Promise.all([chain.ownership(agent), chain.authority(agent)]);
  if (owner !== ZERO_ADDRESS) return { owner, wallet, epoch };
  throw new ParleyError("AgentUnknown", `there is no agent ${agent} in this registry`, {
    hint: "check `agent` and `deployment.registry` in the configuration, or register the agent",
  });
}

/** Throws unless an address may act for the agent in its deals. `flag` is how the command is told of another key file. */
export function requireSpeaker(agent: AgentId, { owner, wallet }: Speakers, address: Address, flag = "--keys"): void {
  if (address === owner || address === wallet) return;
  throw new ParleyError("NotOwnerOrWallet", `the key file's account ${address} may not act for agent ${agent}`, {
    hint: `use the key file of its wallet ${wallet} or of its owner ${owner}: ${flag} FILE`,
    facts: { agent: agent.toString(), address },
  });
}

/** Throws unless an address owns the agent: what leaves its treasury, or is put at stake, is for the owner alone. */
export function requireOwner(agent: AgentId, { owner }: Speakers, address: Address, flag = "--keys"): void {
  if (address === owner) return;
  throw new ParleyError("NotOwner", `this is for the owner of agent ${agent}, ${owner}; the key file's is ${address}`, {
    hint: `use the owner's key file: ${flag} FILE (\`parley keys create --import\` makes one of an account that exists)`,
    facts: { agent: agent.toString(), address },
  });
}
