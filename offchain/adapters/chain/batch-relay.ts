import { type EstimateContractGasParameters, encodeFunctionData, type Log, parseEventLogs } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { type Clock, pause } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { keccakText } from "../../kernel/hash.ts";
import type { Address } from "../../kernel/ids.ts";
import type { Deployment, Inclusion, SessionProofs } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { settlementAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import { chainError, refusalFrom } from "./errors.ts";
import { GasBook } from "./gas-book.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { agreementArgs } from "./session-auth.ts";

export interface BatchOptions {
  /** Most deals of one transaction. */
  readonly most: number;
  /** How long the first deal of a batch may wait for others, in milliseconds. */
  readonly waitMs: number;
}

interface Commitment {
  readonly id: string;
  readonly deal: Deal;
  readonly call: Hex;
  /** What it takes by itself. */
  readonly gas: bigint;
  readonly settle: PromiseWithResolvers<Inclusion>;
}

/** Most gas of a batch: transactions may have 2^24 at most (EIP-7825). */
const MOST_GAS = 16_000_000n;

const DOING = "committing the deal";

/**
 * Commits deals together, whoever's they are: what each transaction costs by itself is shared by all in it. Each deal is tried by itself
 * first, so one that the contract would refuse is refused here, and costs the others nothing; and each has its own end, whatever becomes
 * of the others.
 */
export class BatchRelay {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #gas: GasBook;
  readonly #contract: { readonly address: Deployment["settlement"]; readonly abi: typeof settlementAbi };
  readonly #clock: Clock;
  readonly #options: BatchOptions;
  #waiting: Commitment[] = [];
  /** By what names them: asked twice, a deal is committed once. */
  readonly #underWay = new Map<string, Promise<Inclusion>>();

  constructor(rpc: Rpc, sender: Sender, deployment: Deployment, clock: Clock, options: BatchOptions) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#gas = new GasBook(rpc, sender.address);
    this.#contract = { address: deployment.settlement, abi: settlementAbi };
    this.#clock = clock;
    this.#options = options;
  }

  commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const id = actId("commit", deal, proofs);
    const known = this.#underWay.get(id);
    if (known !== undefined) return known;
    const committing = this.#commit(id, deal, proofs).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, committing);
    return committing;
  }

  async #commit(id: string, deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const args = agreementArgs(deal, proofs);
    const call = encodeFunctionData({ abi: settlementAbi, functionName: "commitBySession", args });
    const gas = await this.#try(args, call);
    if (gasOf(this.#waiting) + gas > MOST_GAS) this.#leave();
    const settle = Promise.withResolvers<Inclusion>();
    this.#waiting.push({ id, deal, call, gas, settle });
    if (this.#waiting.length >= this.#options.most) this.#leave();
    else if (this.#waiting.length === 1) this.#leaveLater(this.#waiting);
    return settle.promise;
  }

  async #try(args: ReturnType<typeof agreementArgs>, data: Hex): Promise<bigint> {
    const account = this.#sender.address;
    const trial = { ...this.#contract, functionName: "commitBySession", args, account } as const;
    try {
      const request = { to: this.#contract.address, data, value: 0n };
      return await this.#gas.limit(request, trial as unknown as EstimateContractGasParameters);
    } catch (thrown) {
      throw chainError(thrown, DOING);
    }
  }

  #leaveLater(batch: readonly Commitment[]): void {
    void pause(this.#clock, this.#options.waitMs).then(() => {
      if (this.#waiting === batch) this.#leave();
    });
  }

  #leave(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) void this.#send(batch);
  }

  async #send(batch: readonly Commitment[]): Promise<void> {
    try {
      const args = [batch.map(({ call }) => call), false] as const;
      // A trial of all at once would not tell: what runs out of gas in there is only skipped.
      const gas = gasOf(batch);
      const id = `commitMany:${keccakText(batch.map((one) => one.id).join())}`;
      const call = { ...this.#contract, functionName: "commitMany", args, gas } as const;
      const inclusion = await this.#sender.send("committing deals together", call, id);
      const { logs } = await this.#rpc.reads.getTransactionReceipt({ hash: inclusion.transaction });
      this.#tell(batch, inclusion, logs);
    } catch (thrown) {
      for (const { settle } of batch) settle.reject(chainError(thrown, DOING));
    }
  }

  #tell(batch: readonly Commitment[], inclusion: Inclusion, logs: readonly Log[]): void {
    const share = { ...inclusion, gasUsed: inclusion.gasUsed / BigInt(batch.length) };
    const { committed, skipped } = readResults(logs, this.#contract.address);
    for (const [index, { deal, settle }] of batch.entries()) {
      const reason = skipped.get(index);
      if (committed.has(hashDeal(deal))) settle.resolve(share);
      else if (reason !== undefined) settle.reject(refusalFrom(reason, DOING));
      else
        settle.reject(new ParleyError("ChainFailed", `${DOING}: its batch tells nothing of it`, { retryable: true }));
    }
  }
}

function gasOf(batch: readonly Commitment[]): bigint {
  return batch.reduce((sum, { gas }) => sum + gas, 0n);
}

/** Which deals a batch has committed, and why it has skipped others, by their place. */
function readResults(all: readonly Log[], settlement: Address) {
  const logs = all.filter(({ address }) => address.toLowerCase() === settlement);
  const committed = new Set<string>();
  const skipped = new Map<number, Hex>();
  for (const event of parseEventLogs({ abi: settlementAbi, logs, eventName: ["Committed", "CommitmentSkipped"] })) {
    if (event.eventName === "Committed") committed.add(event.args.deal);
    else skipped.set(Number(event.args.index), event.args.reason);
  }
  return { committed, skipped };
}
