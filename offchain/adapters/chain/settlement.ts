import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type {
  AgentAuthority,
  Chain,
  CommittedDeal,
  DealPosition,
  DealStatus,
  Deployment,
  Inclusion,
  Payout,
  SessionProofs,
} from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { dealFingerprint } from "../../terms/fingerprint.ts";
import { agentRegistryAbi, settlementAbi } from "./abis.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { agreementArgs } from "./session-auth.ts";

/** The contract's enum `Status`, by number. */
const STATUSES: readonly DealStatus[] = [
  "None",
  "Committed",
  "Delivered",
  "Disputed",
  "Settled",
  "Declared",
  "Defaulted",
];

/** The contract's enum `Outcome`, by number. */
const OUTCOMES: readonly Payout["outcome"][] = [
  "Accepted",
  "Claimed",
  "Refunded",
  "Closed",
  "Split",
  "Agreed",
  "Ruled",
  "Lapsed",
];

/** Settlement and AgentRegistry through a JSON-RPC node, acting with one key. */
export class SettlementChain implements Chain {
  readonly deployment: Deployment;
  readonly #rpc: Rpc;
  readonly #sender: Sender;

  constructor(rpc: Rpc, sender: Sender, deployment: Deployment) {
    if (rpc.chainId !== deployment.chainId) {
      throw new ParleyError("WrongChain", `the node is on chain ${rpc.chainId}, not on ${deployment.chainId}`, {
        hint: "give the address of a node of the chain that the contracts are deployed to",
      });
    }
    this.#rpc = rpc;
    this.#sender = sender;
    this.deployment = deployment;
  }

  time(): Promise<number> {
    return this.#read("reading the chain's time", async () => Number((await this.#rpc.reads.getBlock()).timestamp));
  }

  authority(agent: AgentId): Promise<AgentAuthority> {
    return this.#read(`reading the keys of agent ${agent}`, async () => {
      const address = this.deployment.registry;
      const call = { address, abi: agentRegistryAbi, functionName: "stateOf", args: [agent] } as const;
      const [wallet, epoch] = await this.#rpc.reads.readContract(call);
      return { wallet: toAddress(wallet), epoch };
    });
  }

  free(agent: AgentId, token: Address): Promise<Amount> {
    return this.#read(`reading the balance of agent ${agent}`, () =>
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "free", args: [agent, token] }),
    );
  }

  position(deal: Deal, transcript: Bytes32): Promise<DealPosition> {
    return this.#read("reading the deal's record", async () => {
      // Time and record of one block: behind a balancer, two nodes may be some blocks apart.
      const { number: blockNumber, timestamp } = await this.#rpc.reads.getBlock();
      const call = { ...this.#contract, functionName: "recordOf", args: [deal], blockNumber } as const;
      const record = await this.#rpc.reads.readContract(call);
      const status = STATUSES[record.status];
      if (status === undefined) throw new ParleyError("ChainFailed", `status ${record.status} is not known`);
      const ours = record.fingerprint === dealFingerprint(hashDeal(deal), transcript);
      return { status, since: record.since, now: Number(timestamp), ours };
    });
  }

  committed({ buyer, seller, negotiation }: Deal): Promise<CommittedDeal | null> {
    return this.#read("reading which deal was committed", async () => {
      const args = { buyer, seller };
      const query = { ...this.#contract, eventName: "Committed", args, fromBlock: "earliest", strict: true } as const;
      const events = await this.#rpc.reads.getContractEvents(query);
      const found = events.find((event) => event.args.negotiation === negotiation);
      return found ? { dealHash: found.args.deal, transcript: found.args.transcript } : null;
    });
  }

  payout(deal: Deal): Promise<Payout | null> {
    return this.#read("reading how the deal was paid out", async () => {
      const args = { deal: hashDeal(deal) };
      const query = { ...this.#contract, eventName: "Settled", args, fromBlock: "earliest", strict: true } as const;
      const [event] = await this.#rpc.reads.getContractEvents(query);
      if (!event) return null;
      const { outcome, toBuyer, toSeller } = event.args;
      const name = OUTCOMES[outcome];
      if (name === undefined) throw new ParleyError("ChainFailed", `outcome ${outcome} is not known`);
      return { outcome: name, toBuyer, toSeller };
    });
  }

  commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const args = agreementArgs(deal, proofs);
    return this.#sender.send("committing the deal", { ...this.#contract, functionName: "commitBySession", args });
  }

  deliver(deal: Deal, transcript: Bytes32, evidence: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript, evidence] as const;
    return this.#sender.send("recording the delivery", { ...this.#contract, functionName: "deliver", args });
  }

  accept(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("accepting the delivery", { ...this.#contract, functionName: "accept", args });
  }

  claim(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("claiming the price", { ...this.#contract, functionName: "claim", args });
  }

  refund(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("claiming the refund", { ...this.#contract, functionName: "refund", args });
  }

  get #contract() {
    return { address: this.deployment.settlement, abi: settlementAbi } as const;
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
