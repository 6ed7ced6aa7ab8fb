import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Deployment, Inclusion } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { reputationRegistryAbi, settlementAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";

/** What is said of the other side of a deal. */
export interface Rating {
  /** Fixed-point, from 0 to 100. */
  readonly value: bigint;
  readonly valueDecimals: number;
  readonly tag1: string;
  readonly tag2: string;
  readonly feedbackURI: string;
  /** Keccak-256 of what stands there. */
  readonly feedbackHash: Bytes32;
}

/** Throws unless there is a ReputationRegistry of that Settlement at an address: ratings would fail one after the other. */
export async function verifyReputation(rpc: Rpc, { settlement }: Deployment, registry: Address): Promise<void> {
  const call = { address: registry, abi: reputationRegistryAbi, functionName: "settlement" } as const;
  const found = await rpc.reads.readContract(call).catch((thrown: unknown) => {
    const error = chainError(thrown, "asking the reputation registry for its Settlement");
    if (error.code === "ChainUnreachable") throw error;
    return null;
  });
  if (found !== null && toAddress(found) === settlement) return;
  throw new ParleyError("UnverifiedContract", `there is no reputation registry of ${settlement} at ${registry}`, {
    hint: "mend `feedback.reputation` in the configuration: the deployment printed its address",
  });
}

/** A ReputationRegistry as one agent's wallet uses it. */
export class ReputationClient {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #deployment: Deployment;
  readonly #contract: { readonly address: Address; readonly abi: typeof reputationRegistryAbi };

  constructor(rpc: Rpc, sender: Sender, deployment: Deployment, registry: Address) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#deployment = deployment;
    this.#contract = { address: registry, abi: reputationRegistryAbi };
  }

  /** Who is seen to rate. */
  get address(): Address {
    return this.#sender.address;
  }

  hasRated(deal: Deal, asBuyer: boolean): Promise<boolean> {
    return this.#read("reading whether the deal was rated", () =>
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "hasRated", args: [hashDeal(deal), asBuyer] }),
    );
  }

  /** The transaction that paid a deal out, and when. */
  settlementOf(deal: Deal): Promise<{ readonly transaction: Bytes32; readonly at: number }> {
    return this.#read("finding the deal's settlement", async () => {
      const args = { deal: hashDeal(deal) };
      const query = { address: this.#deployment.settlement, abi: settlementAbi, eventName: "Settled", args } as const;
      const [log] = await this.#rpc.reads.getContractEvents({ ...query, fromBlock: "earliest", strict: true });
      if (log === undefined) {
        throw new ParleyError("ChainFailed", "the node doesn't tell how the deal was settled", { retryable: true });
      }
      const { timestamp } = await this.#rpc.reads.getBlock({ blockNumber: log.blockNumber });
      return { transaction: log.transactionHash, at: Number(timestamp) };
    });
  }

  rate(deal: Deal, transcript: Bytes32, rating: Rating): Promise<Inclusion> {
    const args = [deal, transcript, { ...rating, endpoint: "" }] as const;
    const call = { ...this.#contract, functionName: "giveDealFeedback", args } as const;
    return this.#sender.send("rating the other side", call, actId("rate", deal, transcript));
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
