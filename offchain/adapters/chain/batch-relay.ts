import { type EstimateContractGasParameters, encodeFunctionData } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Deployment, Inclusion, SessionProofs } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { settlementAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import { BatchResult, batchArgs, batchId, COMMITTING, callsOf, inputSize } from "./batch.ts";
import { chainError } from "./errors.ts";
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

/** A commitment on its way in a batch. */
interface Commitment {
  readonly id: string;
  readonly deal: Deal;
  readonly proofs: SessionProofs;
  readonly call: Hex;
  /** What it takes by itself. */
  readonly gas: bigint;
  readonly settle: PromiseWithResolvers<Inclusion>;
}

/** Where a deal stands in a batch that an earlier process has signed. */
interface Seat {
  readonly place: number;
  readonly size: number;
  readonly included: Promise<Inclusion>;
}

/** Most gas of a batch: transactions may have 2^24 at most (EIP-7825). */
const MOST_GAS = 16_000_000n;

/** Most bytes of a batch: nodes take transactions of up to 128 KiB. */
const MOST_BYTES = 120_000;

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
  #callOff: () => void = () => undefined;
  #isStopped = false;
  /** By what names them: asked twice, a deal is committed once. */
  readonly #underWay = new Map<string, Promise<Inclusion>>();
  #inherited: Promise<Map<Hex, Seat>> | null = null;

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

  /** Sends nothing more. Whoever waits for a batch to leave is told; the batches that have left are the sender's. */
  stop(): void {
    this.#isStopped = true;
    this.#callOff();
    for (const { settle } of this.#waiting.splice(0)) settle.reject(stopped());
  }

  async #commit(id: string, deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const args = agreementArgs(deal, proofs);
    const call = encodeFunctionData({ abi: settlementAbi, functionName: "commitBySession", args });
    const earlier = await this.#followUp(deal, call);
    if (earlier !== null) return earlier;
    const gas = await this.#try(args, call);
    if (this.#isStopped) throw stopped();
    if (!this.#fits(call, gas)) this.#leave();
    const settle = Promise.withResolvers<Inclusion>();
    this.#waiting.push({ id, deal, proofs, call, gas, settle });
    if (this.#waiting.length >= this.#options.most) this.#leave();
    else if (this.#waiting.length === 1) this.#leaveLater();
    return settle.promise;
  }

  /** What came of a batch with this deal in it that an earlier process has signed; null where there is none, or nothing came of it. */
  async #followUp(deal: Deal, call: Hex): Promise<Inclusion | null> {
    try {
      const seats = await this.#seats();
      const seat = seats.get(call);
      if (seat === undefined) return null;
      const inclusion = await seat.included.catch((thrown: unknown) => {
        if (chainError(thrown, COMMITTING).code === "Stopped") throw thrown;
        return null;
      });
      // Asked again, it is tried afresh: a reorganisation may have taken that transaction away.
      seats.delete(call);
      if (inclusion === null) return null;
      const result = await this.#resultOf(inclusion);
      return result.failure(seat.place, hashDeal(deal)) === null ? shareOf(inclusion, seat.size) : null;
    } catch (thrown) {
      throw chainError(thrown, COMMITTING);
    }
  }

  #seats(): Promise<Map<Hex, Seat>> {
    const seats = this.#inherited ?? this.#takeSeats();
    this.#inherited = seats;
    // What failed to be read may be read the next time.
    seats.catch(() => {
      this.#inherited = null;
    });
    return seats;
  }

  async #takeSeats(): Promise<Map<Hex, Seat>> {
    const seats = new Map<Hex, Seat>();
    for (const { id, data, included } of await this.#sender.inherited()) {
      const calls = callsOf(id, data);
      for (const [place, call] of calls.entries()) seats.set(call, { place, size: calls.length, included });
    }
    return seats;
  }

  async #try(args: ReturnType<typeof agreementArgs>, data: Hex): Promise<bigint> {
    const account = this.#sender.address;
    const trial = { ...this.#contract, functionName: "commitBySession", args, account } as const;
    try {
      const request = { to: this.#contract.address, data, value: 0n };
      return await this.#gas.limit(request, trial as unknown as EstimateContractGasParameters);
    } catch (thrown) {
      throw chainError(thrown, COMMITTING);
    }
  }

  /** Whether those that wait can take one more along. */
  #fits(call: Hex, gas: bigint): boolean {
    if (gasOf(this.#waiting) + gas > MOST_GAS) return false;
    return inputSize([...this.#waiting.map((one) => one.call), call]) <= MOST_BYTES;
  }

  #leaveLater(): void {
    this.#callOff = this.#clock.at(this.#clock.now() + this.#options.waitMs, () => this.#leave());
  }

  #leave(): void {
    this.#callOff();
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first === undefined) return;
    void (others.length === 0 ? this.#sendAlone(first) : this.#sendTogether([first, ...others]));
  }

  /** One deal by itself needs no batch around it, which would only cost more. */
  async #sendAlone({ id, deal, proofs, settle }: Commitment): Promise<void> {
    const call = { ...this.#contract, functionName: "commitBySession", args: agreementArgs(deal, proofs) } as const;
    await this.#sender.send(COMMITTING, call, id).then(settle.resolve, settle.reject);
  }

  async #sendTogether(batch: readonly Commitment[]): Promise<void> {
    try {
      const args = batchArgs(batch.map(({ call }) => call));
      // A trial of all at once would not tell: what runs out of gas in there is only skipped.
      const call = { ...this.#contract, functionName: "commitMany", args, gas: gasOf(batch) } as const;
      const inclusion = await this.#sender.send("committing deals together", call, batchId(batch.map(({ id }) => id)));
      const result = await this.#resultOf(inclusion);
      for (const [place, { deal, settle }] of batch.entries()) {
        const failure = result.failure(place, hashDeal(deal));
        if (failure === null) settle.resolve(shareOf(inclusion, batch.length));
        else settle.reject(failure);
      }
    } catch (thrown) {
      for (const { settle } of batch) settle.reject(chainError(thrown, COMMITTING));
    }
  }

  async #resultOf({ transaction: hash }: Inclusion): Promise<BatchResult> {
    const { logs } = await this.#rpc.reads.getTransactionReceipt({ hash });
    return new BatchResult(logs, this.#contract.address);
  }
}

function gasOf(batch: readonly Commitment[]): bigint {
  return batch.reduce((sum, { gas }) => sum + gas, 0n);
}

/** What one deal of a batch has cost. */
function shareOf(inclusion: Inclusion, size: number): Inclusion {
  return { ...inclusion, gasUsed: inclusion.gasUsed / BigInt(size) };
}

function stopped(): ParleyError {
  return new ParleyError("Stopped", `${COMMITTING}: it was stopped before its batch left`, {
    hint: "start again: the agreement is in the journal, and is committed then",
    retryable: true,
  });
}
