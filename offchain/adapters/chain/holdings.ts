import { type Address, type AgentId, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deployment, Mandate } from "../../ports/chain.ts";
import { agentRegistryAbi, settlementAbi } from "./abis.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** An agent's money in one token, and what keeps it where it is. All of one block. */
export interface Holding {
  readonly free: Amount;
  /** At stake, without what is leaving. */
  readonly bonded: Amount;
  readonly leaving: Amount;
  /** Last second at which what is leaving can't be released. */
  readonly leavesAt: number;
  /** Last second of a lock, as before a sale; long past where there is none. */
  readonly lockedUntil: number;
  /** Unix seconds of the block. */
  readonly now: number;
}

/** What an owner has said about its agent's commitments in a token and category. */
export interface MandateStanding {
  readonly isSet: boolean;
  /** Whether the agent may commit anything; the rest doesn't count then. */
  readonly unlimited: boolean;
  readonly mandate: Mandate;
}

/** Reads treasuries and mandates. */
export class Holdings {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;

  constructor(rpc: Rpc, deployment: Deployment) {
    this.#rpc = rpc;
    this.#deployment = deployment;
  }

  of(agent: AgentId, token: Address): Promise<Holding> {
    return this.#read(`reading the treasury of agent ${agent}`, async () => {
      const { number: blockNumber, timestamp } = await this.#rpc.reads.getBlock();
      const contract = { address: this.#deployment.settlement, abi: settlementAbi, blockNumber } as const;
      const registry = { address: this.#deployment.registry, abi: agentRegistryAbi, blockNumber } as const;
      const [free, [bonded, leaving, leavesAt], [, , , lockedUntil]] = await Promise.all([
        this.#rpc.reads.readContract({ ...contract, functionName: "free", args: [agent, token] }),
        this.#rpc.reads.readContract({ ...contract, functionName: "stakeOf", args: [agent, token] }),
        this.#rpc.reads.readContract({ ...registry, functionName: "stateOf", args: [agent] }),
      ]);
      return { free, bonded, leaving, leavesAt: Number(leavesAt), lockedUntil, now: Number(timestamp) };
    });
  }

  mandate(agent: AgentId, token: Address, category: Bytes32): Promise<MandateStanding> {
    return this.#read(`reading the mandate of agent ${agent}`, async () => {
      const call = { address: this.#deployment.settlement, abi: settlementAbi, functionName: "mandateOf" } as const;
      const [isSet, unlimited, mandate] = await this.#rpc.reads.readContract({
        ...call,
        args: [agent, token, category],
      });
      return { isSet, unlimited, mandate: { ...mandate, approver: toAddress(mandate.approver) } };
    });
  }

  /** How many agents an account owns in this registry. */
  agentsOf(owner: Address): Promise<bigint> {
    const { registry: address } = this.#deployment;
    const call = { address, abi: agentRegistryAbi, functionName: "balanceOf", args: [owner] } as const;
    return this.#read(`counting the agents of ${owner}`, () => this.#rpc.reads.readContract(call));
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
