import { randomUUID } from "node:crypto";
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  type EstimateContractGasParameters,
  encodeDeployData,
  encodeFunctionData,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Inclusion } from "../../ports/chain.ts";
import type { Journal } from "../../ports/journal.ts";
import { chainError } from "./errors.ts";
import { capped, FeeMarket, type Fees } from "./fees.ts";
import { type Entry, Outbox } from "./outbox.ts";
import type { Rpc } from "./rpc.ts";
import { Tracker } from "./tracker.ts";

type WriteMutability = "nonpayable" | "payable";

export interface ContractCall<A extends Abi, F extends ContractFunctionName<A, WriteMutability>> {
  readonly address: Address;
  readonly abi: A;
  readonly functionName: F;
  readonly args: ContractFunctionArgs<A, WriteMutability, F>;
  readonly value?: bigint;
}

export interface SenderOptions {
  /** Keeps what was signed, so that it is followed up after a crash and not signed again. Without one only this process knows. */
  readonly journal?: Journal;
  /** Most that a unit of gas may cost; while the chain asks for more, transactions wait. */
  readonly mostFeePerGas?: Amount;
  /** How long a transaction may wait before more is offered for it. */
  readonly bumpAfterMs?: number;
  /** Told of what stands in the way of a transaction. It is tried again. */
  readonly onTrouble?: (error: ParleyError) => void;
}

interface Request {
  /** Null where a contract is deployed. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: Amount;
}

type Cost = Request & { readonly gas: bigint; readonly fees: Fees };

/** How much more gas than the trial took: what others do before it is included, or the next second, may take some more slots. */
const [MARGIN, OF, SLOTS] = [12n, 10n, 60_000n];

/**
 * Sends transactions of one key: to the contracts, at most once each, whatever the node answers. Each is tried as a call first:
 * what the contract would refuse is never sent, and the refusal has a name.
 *
 * What is signed is noted down first, so one call has one nonce, and of all that is signed under it at most one can be included.
 */
export class Sender {
  readonly #rpc: Rpc;
  readonly #account: PrivateKeyAccount;
  readonly #options: SenderOptions;
  readonly #market: FeeMarket;
  #opened: Promise<{ readonly outbox: Outbox; readonly tracker: Tracker }> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  /** What is under way, by its id. */
  readonly #underWay = new Map<string, Promise<Inclusion>>();

  constructor(rpc: Rpc, secret: Bytes32, options: SenderOptions = {}) {
    this.#rpc = rpc;
    this.#account = privateKeyToAccount(secret);
    this.#options = options;
    this.#market = new FeeMarket(rpc);
  }

  get address(): Address {
    return this.#account.address.toLowerCase() as Address;
  }

  /**
   * Resolves once the transaction is included and did not revert. `id` names what it is for: asked again under the same id, in this
   * process or, with a journal, in the next, the same transaction is waited for. Without one each call is another.
   */
  send<const A extends Abi, F extends ContractFunctionName<A, WriteMutability>>(
    doing: string,
    call: ContractCall<A, F>,
    id?: string,
  ): Promise<Inclusion> {
    const { address: to, value = 0n } = call;
    // viem can't infer a call's shape through a type parameter; the parameter list above has checked it.
    const data = encodeFunctionData(call as unknown as EncodeFunctionDataParameters);
    const trial = { ...call, account: this.#account } as unknown as EstimateContractGasParameters;
    return this.#send(doing, { to, data, value }, () => this.#rpc.reads.estimateContractGas(trial), id);
  }

  /** Sends native coin. */
  pay(doing: string, to: Address, value: Amount, id?: string): Promise<Inclusion> {
    return this.#send(doing, { to, data: "0x", value }, () => this.#estimate({ to, value }), id);
  }

  /** Deploys a contract and returns its address too. */
  async deploy(doing: string, abi: Abi, bytecode: Hex, args: readonly unknown[]) {
    const data = encodeDeployData({ abi, bytecode, args });
    const inclusion = await this.#send(doing, { to: null, data, value: 0n }, () => this.#estimate({ data }));
    const { contractAddress } = await this.#rpc.reads.getTransactionReceipt({ hash: inclusion.transaction });
    if (!contractAddress) throw new ParleyError("ChainFailed", `${doing}: the receipt names no contract`);
    return { ...inclusion, address: contractAddress.toLowerCase() as Address };
  }

  /** Follows up what an earlier process has signed and not seen included, as the first `send` does too. Resolves once each is over. */
  async resume(): Promise<void> {
    const { outbox, tracker } = await this.#open();
    await Promise.allSettled(openOf(outbox).map((entry) => tracker.follow(entry)));
  }

  /** Stops following what is under way; whoever waits for it is told. With a journal the next process goes on with it. */
  async stop(): Promise<void> {
    (await this.#opened)?.tracker.stop();
  }

  async #send(doing: string, request: Request, estimate: () => Promise<bigint>, id?: string): Promise<Inclusion> {
    const name = id ?? randomUUID();
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const sent = this.#sendOnce(name, doing, request, estimate).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, sent);
    return sent;
  }

  async #sendOnce(id: string, doing: string, request: Request, estimate: () => Promise<bigint>): Promise<Inclusion> {
    try {
      const { outbox, tracker } = await this.#open();
      const signed = outbox.find(id);
      if (signed !== null) return await tracker.follow(signed);
      const [gas, fees] = await Promise.all([estimate(), this.#market.present()]);
      const cost = {
        ...request,
        gas: (gas * MARGIN) / OF + SLOTS,
        fees: capped(fees, this.#options.mostFeePerGas ?? null),
      };
      const [pending] = await Promise.all([this.#pendingNonce(), this.#requireCoin(doing, cost)]);
      const entry = await this.#inTurn(() => this.#signAndOffer(id, doing, cost, pending));
      return await tracker.follow(entry);
    } catch (thrown) {
      throw await this.#explain(doing, chainError(thrown, doing), estimate);
    }
  }

  /** A transaction that reverted tells no reason; the same call, tried now, mostly does. */
  async #explain(doing: string, error: ParleyError, estimate: () => Promise<bigint>): Promise<ParleyError> {
    if (error.code !== "Reverted") return error;
    const reason = await estimate().then(
      () => null,
      (thrown: unknown) => chainError(thrown, doing),
    );
    if (reason === null || reason.retryable) return error;
    const { message, hint = reason.hint, facts } = error;
    return new ParleyError("Reverted", `${message}; now it is refused with ${reason.code}`, {
      facts: { ...facts, ...reason.facts },
      ...(hint === undefined ? {} : { hint }),
      cause: reason,
    });
  }

  /** Takes the next nonce, and another one where a node knows of something else under it. */
  async #signAndOffer(id: string, doing: string, cost: Cost, pending: number): Promise<Entry> {
    const { outbox, tracker } = await this.#open();
    for (let least = pending; ; least = await this.#pendingNonce()) {
      const nonce = Math.max(outbox.nextNonce, least);
      const entry = await outbox.sign(id, doing, nonce, await tracker.sign(nonce, cost, cost.fees));
      // Nobody had it before: if its nonce is used, then by something that isn't ours, and it can't be included.
      if ((await tracker.offer(entry)) !== "nonceUsed") return entry;
      await outbox.close(entry, { end: "displaced" });
    }
  }

  #pendingNonce(): Promise<number> {
    return this.#rpc.reads.getTransactionCount({ address: this.#account.address, blockTag: "pending" });
  }

  #estimate(request: { readonly to?: Address; readonly data?: Hex; readonly value?: Amount }): Promise<bigint> {
    return this.#rpc.reads.estimateGas({ account: this.#account, ...request });
  }

  /** What can't be paid for isn't signed: under its nonce nothing else could go out before it. */
  async #requireCoin(doing: string, { value, gas, fees }: Cost): Promise<void> {
    const balance = await this.#rpc.reads.getBalance({ address: this.#account.address });
    const most = value + gas * fees.most;
    if (balance >= most) return;
    throw new ParleyError("NoCoin", `${doing}: it may cost ${most} wei, and ${this.address} holds ${balance}`, {
      hint: `send native coin of chain ${this.#rpc.chainId} to ${this.address}`,
      facts: { actual: balance.toString(), needed: most.toString() },
    });
  }

  #open() {
    this.#opened ??= this.#load();
    // What failed to open may open the next time.
    this.#opened.catch(() => {
      this.#opened = null;
    });
    return this.#opened;
  }

  async #load() {
    const outbox = await Outbox.open(this.#options.journal ?? null, this.#rpc.chainId, this.address);
    const tracker = new Tracker(this.#rpc, this.#account, outbox, this.#market, this.#options);
    // What was signed and never got to a node would keep everything after its nonce out of every block.
    for (const entry of openOf(outbox)) tracker.follow(entry).catch(() => undefined);
    return { outbox, tracker };
  }

  /** Nonces are taken one after the other; blocks are waited for out of turn, so that one slow one holds up nobody. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

function openOf(outbox: Outbox): readonly Entry[] {
  return [...outbox.entries].filter(({ closing }) => closing === null);
}
