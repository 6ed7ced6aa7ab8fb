import { decodeEventLog, parseAbi } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, toAddress, ZERO_32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { DealApproval, Deployment, Inclusion, Mandate } from "../../ports/chain.ts";
import type { WalletChange } from "../../terms/wallet-change.ts";
import { agentRegistryAbi, settlementAbi, testTokenAbi } from "./abis.ts";
import { readArtifact } from "./artifacts.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";

const centralArbitratorAbi = parseAbi(["function giveRuling(uint256 dispute, uint256 ruling)"]);

/** What arbitrators of a rehearsal are told about its disputes. A deployment that is meant to last gives a file. */
const META_EVIDENCE = "data:application/json,%7B%22title%22%3A%22Parley%20deal%22%7D";

/** What a Court is deployed with and keeps for good; times in seconds. */
export interface CourtTerms {
  readonly seatStake: Amount;
  readonly feePerVote: Amount;
  /** Part of its stake, in basis points, that a seat loses for a vote far off, or for none. */
  readonly penaltyShare: number;
  /** Blocks from a round's opening to the one that its panel is drawn from. */
  readonly seedDelay: number;
  readonly drawTime: number;
  readonly commitTime: number;
  readonly revealTime: number;
  readonly appealTime: number;
  /** Of the first round, and of both appeals. */
  readonly panelSizes: readonly [number, number, number];
}

/** What a principal does with its own key: deploy, register agents, fund their treasuries. */
export class Operator {
  readonly #rpc: Rpc;
  readonly #sender: Sender;

  constructor(rpc: Rpc, sender: Sender) {
    this.#rpc = rpc;
    this.#sender = sender;
  }

  get address(): Address {
    return this.#sender.address;
  }

  /** Deploys the registry, and the two halves of the Settlement that goes by it, which this key may pause. */
  async deploy(): Promise<Deployment> {
    const registry = await this.#deploy("AgentRegistry.sol/AgentRegistry", []);
    const extension = await this.#deploy("SettlementExtension.sol/SettlementExtension", [registry, this.address]);
    const settlement = await this.#deploy("Settlement.sol/Settlement", [extension, META_EVIDENCE]);
    return { chainId: this.#rpc.chainId, registry, settlement };
  }

  /** Deploys a Court, the arbitrator that comes along. */
  deployCourt(terms: CourtTerms): Promise<Address> {
    return this.#deploy("Court.sol/Court", [terms]);
  }

  /** Deploys an ERC-792 arbitrator of another make, by whom this key rules alone. For rehearsals only. */
  deployCentralArbitrator(fee: Amount): Promise<Address> {
    return this.#deploy("mocks/CentralArbitrator.sol/CentralArbitrator", [this.address, fee]);
  }

  /** Rules as the central arbitrator. */
  giveRuling(arbitrator: Address, dispute: bigint, ruling: bigint): Promise<Inclusion> {
    const args = [dispute, ruling] as const;
    const call = { address: arbitrator, abi: centralArbitratorAbi, functionName: "giveRuling", args } as const;
    return this.#sender.send("ruling", call);
  }

  /** Deploys a token that anybody can mint. For rehearsals only. */
  deployTestToken(): Promise<Address> {
    return this.#deploy("mocks/TestToken.sol/TestToken", []);
  }

  mintTestToken(token: Address, to: Address, amount: Amount): Promise<Inclusion> {
    const call = { address: token, abi: testTokenAbi, functionName: "mint", args: [to, amount] } as const;
    return this.#sender.send("minting test tokens", call);
  }

  /** Sends native coin. */
  pay(to: Address, amount: Amount): Promise<Inclusion> {
    return this.#sender.pay(`paying ${to}`, to, amount);
  }

  /** Registers an agent that this key owns, and whose wallet it is. */
  async register({ registry }: Deployment): Promise<Inclusion & { readonly agent: AgentId }> {
    const call = { address: registry, abi: agentRegistryAbi, functionName: "register", args: [] } as const;
    const inclusion = await this.#sender.send("registering the agent", call);
    return { ...inclusion, agent: await this.#registered(inclusion, registry) };
  }

  /** Ends all of an agent's session keys at once. */
  revokeKeys({ registry }: Deployment, agent: AgentId): Promise<Inclusion> {
    const call = { address: registry, abi: agentRegistryAbi, functionName: "revokeKeys", args: [agent] } as const;
    return this.#sender.send(`revoking the keys of agent ${agent}`, call);
  }

  /** Makes another account an agent's wallet, by that account's own word. */
  setWallet({ registry }: Deployment, change: WalletChange, signature: Hex): Promise<Inclusion> {
    const { agent, wallet, deadline } = change;
    const args = [agent, wallet, BigInt(deadline), signature] as const;
    const call = { address: registry, abi: agentRegistryAbi, functionName: "setAgentWallet", args } as const;
    return this.#sender.send(`setting the wallet of agent ${agent}`, call);
  }

  /** Lets an agent's keys commit what is within the mandate, whatever the category. */
  setMandate({ settlement }: Deployment, agent: AgentId, token: Address, mandate: Mandate): Promise<Inclusion> {
    const args = [agent, token, ZERO_32, mandate] as const;
    const call = { address: settlement, abi: settlementAbi, functionName: "setMandate", args } as const;
    return this.#sender.send(`setting the mandate of agent ${agent}`, call);
  }

  /** Records, as a mandate's approver, that it agrees to a deal above the mandate's threshold. */
  approveDeal({ settlement }: Deployment, approval: DealApproval): Promise<Inclusion> {
    const call = { address: settlement, abi: settlementAbi, functionName: "approve", args: [approval] } as const;
    return this.#sender.send(`approving of a deal of agent ${approval.agent}`, call);
  }

  /**
   * Moves tokens of this key into an agent's treasury, free or at stake: approval first, then the deposit, whose gas
   * is returned.
   */
  async deposit(
    { settlement }: Deployment,
    agent: AgentId,
    token: Address,
    amount: Amount,
    toStake = false,
  ): Promise<Inclusion> {
    if (token !== ZERO_ADDRESS) await this.approve(settlement, token, amount);
    return await this.depositApproved(settlement, agent, token, amount, toStake);
  }

  /** Lets Settlement take so many tokens of this key. */
  approve(settlement: Address, token: Address, amount: Amount): Promise<Inclusion> {
    const args = [settlement, amount] as const;
    return this.#sender.send("approving the deposit", {
      address: token,
      abi: testTokenAbi,
      functionName: "approve",
      args,
    });
  }

  /** The same deposit where Settlement may take the tokens already; native coin goes along by itself. */
  depositApproved(
    settlement: Address,
    agent: AgentId,
    token: Address,
    amount: Amount,
    toStake: boolean,
  ): Promise<Inclusion> {
    const contract = { address: settlement, abi: settlementAbi } as const;
    if (token === ZERO_ADDRESS) {
      const call = { ...contract, functionName: "depositNative", args: [agent, toStake], value: amount } as const;
      return this.#sender.send("depositing native coin", call);
    }
    const args = [agent, token, amount, toStake] as const;
    return this.#sender.send("depositing", { ...contract, functionName: "deposit", args });
  }

  /** Sends free balance of an agent of this key to any address. */
  withdraw(
    { settlement }: Deployment,
    agent: AgentId,
    token: Address,
    to: Address,
    amount: Amount,
  ): Promise<Inclusion> {
    const args = [agent, token, to, amount] as const;
    const call = { address: settlement, abi: settlementAbi, functionName: "withdraw", args } as const;
    return this.#sender.send(`withdrawing from the treasury of agent ${agent}`, call);
  }

  /** Turns free balance into stake, which faults can cost. */
  stake({ settlement }: Deployment, agent: AgentId, token: Address, amount: Amount): Promise<Inclusion> {
    const args = [agent, token, amount] as const;
    const call = { address: settlement, abi: settlementAbi, functionName: "stake", args } as const;
    return this.#sender.send(`putting tokens of agent ${agent} at stake`, call);
  }

  /** Asks stake back, which can still be forfeited for a week. */
  unstake({ settlement }: Deployment, agent: AgentId, token: Address, amount: Amount): Promise<Inclusion> {
    const args = [agent, token, amount] as const;
    const call = { address: settlement, abi: settlementAbi, functionName: "unstake", args } as const;
    return this.#sender.send(`asking back the stake of agent ${agent}`, call);
  }

  /** Makes stake that has waited its week free balance again. */
  release({ settlement }: Deployment, agent: AgentId, token: Address): Promise<Inclusion> {
    const args = [agent, token] as const;
    const call = { address: settlement, abi: settlementAbi, functionName: "release", args } as const;
    return this.#sender.send(`releasing the stake of agent ${agent}`, call);
  }

  async #deploy(artifact: string, args: readonly unknown[]): Promise<Address> {
    const { abi, bytecode } = await readArtifact(artifact);
    const { address } = await this.#sender.deploy(`deploying ${artifact.split("/").at(-1)}`, abi, bytecode, args);
    return address;
  }

  async #registered({ transaction: hash }: Inclusion, registry: Address): Promise<AgentId> {
    const { logs } = await this.#rpc.reads.getTransactionReceipt({ hash });
    for (const log of logs) {
      if (toAddress(log.address) !== registry) continue;
      const event = decodeEventLog({ abi: agentRegistryAbi, ...log, strict: false });
      if (event.eventName === "Registered" && event.args.agentId !== undefined) return event.args.agentId;
    }
    throw new ParleyError("ChainFailed", `transaction ${hash} registered no agent`);
  }
}
