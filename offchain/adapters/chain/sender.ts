import { randomUUID } from "node:crypto";
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  type EstimateContractGasParameters,
  encodeDeployData,
  encodeFunctionData,
  parseTransaction,
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
import { fresh } from "./fresh.ts";
import { GasBook, withMargin } from "./gas-book.ts";
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
  /** What it takes, where a trial would not tell. */
  readonly gas?: bigint;
  /** Whether it is known by other means than a trial that the contract takes it. */
  readonly isSure?: boolean;
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

/** A transaction that was signed before this process began. */
export interface Inherited {
  readonly id: string;
  readonly data: Hex;
  /** As `send` would have resolved or rejected. */
  readonly included: Promise<Inclusion>;
}

interface Opened {
  readonly outbox: Outbox;
  readonly tracker: Tracker;
  /** What was open when it was opened. */
  readonly inherited: readonly Entry[];
}

/** Finds out how much gas a call takes; throws what it would be refused with. */
type Limit = (hasReverted: boolean) => Promise<bigint>;

type Cost = Request & { readonly gas: bigint; readonly fees: Fees };

/** How much more gas than at the trial: what others do before it is included, or the next second, may take some more slots. */
const SLOTS = 60_000n;

/**
 * Sends transactions of one key: to the contracts, at most once each, whatever the node answers. Each is tried as a call first,
 * unless it is known to be taken: what the contract would refuse is never sent, and the refusal has a name.
 *
 * What is signed is noted down first, so one call has one nonce, and of all that is signed under it at most one can be included.
 */
export class Sender {
  readonly #rpc: Rpc;
  readonly #account: PrivateKeyAccount;
  readonly #options: SenderOptions;
  readonly #market: FeeMarket;
  readonly #gas: GasBook;
  readonly #recentNonce: () => Promise<number>;
  readonly #recentBalance: () => Promise<Amount>;
  #opened: Promise<Opened> | null = null;
  /** Nonces are taken one after the other, and offered so; disks and blocks are waited for out of turn. */
  readonly #signing = new Turns();
  readonly #offering = new Turns();
  /** What all that is under way may cost: together it has to be paid too, or what comes after would wait for coin. */
  #reserved: Amount = 0n;
  /** What is under way, by its id. */
  readonly #underWay = new Map<string, Promise<Inclusion>>();

  constructor(rpc: Rpc, secret: Bytes32, options: SenderOptions = {}) {
    this.#rpc = rpc;
    this.#account = privateKeyToAccount(secret);
    this.#options = options;
    this.#market = new FeeMarket(rpc);
    this.#gas = new GasBook(rpc, this.address);
    this.#recentNonce = fresh(() => this.#pendingNonce());
    this.#recentBalance = fresh(() => rpc.reads.getBalance({ address: this.#account.address }));
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
    const { address: to, value = 0n, gas, isSure } = call;
    // viem can't infer a call's shape through a type parameter; the parameter list above has checked it.
    const data = encodeFunctionData(call as unknown as EncodeFunctionDataParameters);
    // By its address: for an account that signs by itself viem would ask for nonce and fees too.
    const trial = { ...call, account: this.#account.address } as unknown as EstimateContractGasParameters;
    const request = { to, data, value };
    const limit: Limit = async (hasReverted) => {
      if (hasReverted) this.#gas.forget(request);
      return gas ?? (await this.#gas.limit(request, trial, isSure && !hasReverted));
    };
    return this.#send(doing, request, limit, id);
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

  /** What an earlier process has signed and not seen included. It is followed up already. */
  async inherited(): Promise<readonly Inherited[]> {
    const { tracker, inherited } = await this.#open();
    return inherited.map((entry) => {
      const included = tracker.follow(entry);
      // Whoever asked may take no interest in this one.
      included.catch(() => undefined);
      const newest = entry.versions.at(-1);
      const data = newest === undefined ? undefined : parseTransaction(newest.raw as `0x02${string}`).data;
      return { id: entry.id, data: data ?? "0x", included };
    });
  }

  /** Stops following what is under way; whoever waits for it is told. With a journal the next process goes on with it. */
  async stop(): Promise<void> {
    (await this.#opened)?.tracker.stop();
  }

  async #send(doing: string, request: Request, limit: Limit, id?: string): Promise<Inclusion> {
    const name = id ?? randomUUID();
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const sent = this.#sendOnce(name, doing, request, limit).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, sent);
    return sent;
  }

  async #sendOnce(id: string, doing: string, request: Request, limit: Limit): Promise<Inclusion> {
    try {
      const { outbox, tracker } = await this.#open();
      const signed = outbox.find(id);
      if (signed !== null) return await tracker.follow(signed);
      const [gas, fees, pending, balance] = await Promise.all([
        limit(false),
        this.#market.present(),
        // Without a journal what was included is forgotten here, and only the node knows of it.
        outbox.isKept ? this.#recentNonce() : this.#pendingNonce(),
        this.#recentBalance(),
      ]);
      const cost = { ...request, gas: gas + SLOTS, fees: capped(fees, this.#options.mostFeePerGas ?? null) };
      if (balance - this.#reserved < mostOf(cost)) await this.#requireCoin(doing, cost);
      this.#reserved += mostOf(cost);
      try {
        return await tracker.follow(await this.#signAndOffer(id, doing, cost, pending));
      } finally {
        this.#reserved -= mostOf(cost);
      }
    } catch (thrown) {
      throw await this.#explain(doing, chainError(thrown, doing), limit);
    }
  }

  /** A transaction that reverted tells no reason; the same call, tried now, mostly does. */
  async #explain(doing: string, error: ParleyError, limit: Limit): Promise<ParleyError> {
    if (error.code !== "Reverted") return error;
    const reason = await limit(true).then(
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
      const { entry, kept } = await this.#signing.take(async () => {
        for (;;) {
          const nonce = Math.max(outbox.nextNonce, least);
          const version = await tracker.sign(nonce, cost, cost.fees);
          // Meanwhile the journal may have failed to take those before it.
          if (nonce === Math.max(outbox.nextNonce, least)) return outbox.sign(id, doing, nonce, version);
        }
      });
      await kept;
      // In the order of their nonces: not every node keeps one that comes before those before it.
      const reception = await this.#offering.take(() => tracker.offer(entry));
      // Nobody had it before: if its nonce is used, then by something that isn't ours, and it can't be included.
      // Nor is there a version of ours that it could replace: where more is asked for, it may be another program's, and not to be outbid.
      const isSuspect = reception === "nonceUsed" || reception === "feeTooLow";
      if (!isSuspect || !(await tracker.isForeign(entry))) return entry;
      await outbox.close(entry, { end: "displaced" });
    }
  }

  #pendingNonce(): Promise<number> {
    return this.#rpc.reads.getTransactionCount({ address: this.#account.address, blockTag: "pending" });
  }

  async #estimate(request: { readonly to?: Address; readonly data?: Hex; readonly value?: Amount }): Promise<bigint> {
    return withMargin(await this.#rpc.reads.estimateGas({ account: this.#account.address, ...request }));
  }

  /** What can't be paid for isn't signed: under its nonce nothing else could go out before it. */
  async #requireCoin(doing: string, cost: Cost): Promise<void> {
    const balance = await this.#rpc.reads.getBalance({ address: this.#account.address });
    const [most, reserved] = [mostOf(cost), this.#reserved];
    if (balance - reserved >= most) return;
    const others = reserved === 0n ? "" : `, of which what is under way may take ${reserved}`;
    throw new ParleyError(
      "NoCoin",
      `${doing}: it may cost ${most} wei, and ${this.address} holds ${balance}${others}`,
      {
        hint: `send native coin of chain ${this.#rpc.chainId} to ${this.address}`,
        // What is under way mostly takes less than it may.
        retryable: balance >= most,
        facts: { actual: balance.toString(), needed: most.toString() },
      },
    );
  }

  #open() {
    this.#opened ??= this.#load();
    // What failed to open may open the next time.
    this.#opened.catch(() => {
      this.#opened = null;
    });
    return this.#opened;
  }

  async #load(): Promise<Opened> {
    const outbox = await Outbox.open(this.#options.journal ?? null, this.#rpc.chainId, this.address);
    const tracker = new Tracker(this.#rpc, this.#account, outbox, this.#market, this.#options);
    // What was signed and never got to a node would keep everything after its nonce out of every block.
    const inherited = openOf(outbox);
    for (const entry of inherited) tracker.takeUp(entry).catch(() => undefined);
    return { outbox, tracker, inherited };
  }
}

/** The most that a transaction may cost. */
function mostOf({ value, gas, fees }: Cost): Amount {
  return value + gas * fees.most;
}

/** Does one thing after the other. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function openOf(outbox: Outbox): readonly Entry[] {
  return [...outbox.entries].filter(({ closing }) => closing === null);
}
