import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Deployment, Inclusion } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { reputationRegistryAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import { chainError } from "./errors.ts";
import { firstBlockOf } from "./first-block.ts";
import { firstOf, LogReader } from "./log-reader.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { selectorsOf } from "./settlement-logs.ts";

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
  readonly #settledIn: (dealHash: Bytes32) => number | null;
  #reader: LogReader | null = null;
  readonly #contract: { readonly address: Address; readonly abi: typeof reputationRegistryAbi };

  /** `settledIn` tells in which block a deal was paid out, as far as that is known: a node needn't look through all others for it. */
  constructor(
    rpc: Rpc,
    sender: Sender,
    deployment: Deployment,
    registry: Address,
    settledIn: (dealHash: Bytes32) => number | null = () => null,
  ) {
    this.#settledIn = settledIn;
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
      const dealHash = hashDeal(deal);
      const find = async (logs: LogReader) => {
        return firstOf(await logs.read([selectorsOf("Settled"), dealHash]), "Settled");
      };
      const block = this.#settledIn(dealHash);
      const near = block === null ? null : await find(new LogReader(this.#rpc, this.#deployment, block));
      // A reorganisation may have moved it.
      const settled = near ?? (await find(await this.#logs()));
      if (settled !== null) return { transaction: settled.transaction, at: settled.at };
      throw new ParleyError("ChainFailed", "the node doesn't tell how the deal was settled", { retryable: true });
    });
  }

  rate(deal: Deal, transcript: Bytes32, rating: Rating): Promise<Inclusion> {
    const args = [deal, transcript, { ...rating, endpoint: "" }] as const;
    const call = { ...this.#contract, functionName: "giveDealFeedback", args } as const;
    return this.#sender.send("rating the other side", call, actId("rate", deal, transcript));
  }

  /** Where Settlement came to the chain is looked up once: nothing was settled before, and old blocks are dear to ask for. */
  async #logs(): Promise<LogReader> {
    this.#reader ??= new LogReader(
      this.#rpc,
      this.#deployment,
      await firstBlockOf(this.#rpc, this.#deployment.settlement),
    );
    return this.#reader;
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
