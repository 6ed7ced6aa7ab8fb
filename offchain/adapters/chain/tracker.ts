import { keccak256, parseTransaction, type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Inclusion } from "../../ports/chain.ts";
import { broadcast, type Reception } from "./broadcast.ts";
import { chainError } from "./errors.ts";
import { capped, type FeeMarket, type Fees, raised, replaces } from "./fees.ts";
import { Gap } from "./gap.ts";
import { withMargin } from "./gas-book.ts";
import type { Entry, Outbox, Version } from "./outbox.ts";
import type { Rpc } from "./rpc.ts";

/** What a transaction says, whatever is offered for it. */
export interface Content {
  /** Null where a contract is deployed. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: Amount;
  readonly gas: bigint;
}

export interface TrackerOptions {
  readonly mostFeePerGas?: Amount;
  readonly bumpAfterMs?: number;
  readonly onTrouble?: (error: ParleyError) => void;
}

const USUAL_BUMP_AFTER_MS = 30_000;

/** What ends the wait for a transaction without its inclusion. */
const OVER: readonly string[] = ["Displaced", "Reverted"];

/** How often it is looked whether a nonce is somebody else's, and how many milliseconds lie between two looks. */
const [FOREIGN_LOOKS, FOREIGN_MS] = [4, 400];

/** What no node has taken is offered again so soon. */
const RETRY_MS = 1_000;

/** Between two looks for a receipt: local chains include at once, others take seconds. */
const [FIRST_LOOK_MS, LONGEST_LOOK_MS] = [10, 2_000];

/** Between two looks at what was included, until it is so deep that no reorganisation reaches it. */
const GUARD_MS = 5_000;

/** How what uses up a nonce and does nothing is named. */
const FILL = "fill:";

/** Blocks after which what is included stays. */
const FINAL_DEPTH = 64n;

/** Brings what was signed into a block: offers it to nodes again, offers more for it, and sees whether it stays there. */
export class Tracker {
  readonly #rpc: Rpc;
  readonly #account: PrivateKeyAccount;
  readonly #outbox: Outbox;
  readonly #market: FeeMarket;
  readonly #options: TrackerOptions;
  readonly #following = new Map<Entry, Promise<Inclusion>>();
  /** Of which no node has said yet that it has them. */
  readonly #doubtful = new Set<Entry>();
  /** Included not long ago. */
  readonly #shallow = new Set<Entry>();
  readonly #stopping = new AbortController();
  readonly #gap: Gap;
  #unblocking: Promise<boolean> | null = null;
  #guard: NodeJS.Timeout | null = null;
  #guardedAt = -1n;

  constructor(rpc: Rpc, account: PrivateKeyAccount, outbox: Outbox, market: FeeMarket, options: TrackerOptions) {
    this.#rpc = rpc;
    this.#account = account;
    this.#outbox = outbox;
    this.#market = market;
    this.#options = options;
    this.#gap = new Gap(rpc, account.address, {
      looks: FOREIGN_LOOKS,
      patienceMs: this.#bumpAfterMs,
      pause: () => this.#pause(FOREIGN_MS),
    });
    for (const entry of outbox.entries) if (entry.closing?.end === "included") this.#watchOver(entry);
  }

  async sign(nonce: number, { to, ...content }: Content, { most, tip }: Fees): Promise<Version> {
    const raw = await this.#account.signTransaction({
      ...content,
      ...(to === null ? {} : { to }),
      ...{ type: "eip1559", chainId: this.#rpc.chainId, nonce, maxFeePerGas: most, maxPriorityFeePerGas: tip },
    });
    return { hash: keccak256(raw), raw, fees: { most, tip } };
  }

  /** Hands the newest version to a node. */
  async offer(entry: Entry): Promise<Reception> {
    const { doing, versions } = entry;
    const newest = versions.at(-1);
    if (newest === undefined) return "unknown";
    const { reception, says } = await broadcast(this.#rpc, newest.raw);
    if (reception === "taken") this.#doubtful.delete(entry);
    else this.#doubtful.add(entry);
    if (reception === "noCoin" || reception === "unknown") {
      this.#trouble(new ParleyError("NotTaken", `${doing}: the node did not take it: ${says}`, { retryable: true }));
    }
    return reception;
  }

  /**
   * Whether something else has its nonce, included or waiting. One answer is not enough for that: a node may lag, be on another branch, or
   * have been handed it twice by what stands before it; and what is ours must not be signed a second time.
   */
  async isForeign(entry: Entry): Promise<boolean> {
    const { address } = this.#account;
    try {
      for (let look = 0; look < FOREIGN_LOOKS; look++) {
        if (look > 0) await this.#pause(FOREIGN_MS);
        if (this.#stopping.signal.aborted) return false;
        const used = await this.#rpc.reads.getTransactionCount({ address, blockTag: "pending" });
        if (used <= entry.nonce) return false;
        if (await this.#isAnyKnown(entry)) return false;
      }
      return true;
    } catch {
      // Then it is followed like any other, and given up only for what the chain says.
      return false;
    }
  }

  /** Whether a node has any of what was signed, waiting or included. */
  async #isAnyKnown({ versions }: Entry): Promise<boolean> {
    const ask = ({ hash }: Version) => this.#rpc.reads.request({ method: "eth_getTransactionByHash", params: [hash] });
    return (await Promise.all(versions.map(ask))).some((found) => found !== null);
  }

  /** Resolves once it is included and did not revert; rejects where it reverted, or can't be included any more. */
  follow(entry: Entry): Promise<Inclusion> {
    const known = this.#following.get(entry);
    if (known !== undefined) return known;
    const following = this.#bring(entry).finally(() => this.#following.delete(entry));
    this.#following.set(entry, following);
    return following;
  }

  /** Follows what no node may know of: what an earlier process has signed, or what a reorganisation took away. */
  takeUp(entry: Entry): Promise<Inclusion> {
    this.#doubtful.add(entry);
    return this.follow(entry);
  }

  stop(): void {
    this.#stopping.abort();
    if (this.#guard !== null) clearTimeout(this.#guard);
  }

  async #bring(entry: Entry): Promise<Inclusion> {
    const bumpAfterMs = this.#bumpAfterMs;
    let [offeredAt, raisedAt] = [performance.now(), performance.now()];
    let missing: { readonly since: number; looks: number } | null = null;
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
      if (this.#stopping.signal.aborted) throw stopped(entry);
      try {
        const receipt = await this.#receiptOf(entry);
        if (receipt !== null) return await this.#conclude(entry, receipt);
        const now = performance.now();
        const used = await this.#rpc.reads.getTransactionCount({ address: this.#account.address });
        // Nodes behind one address may be some blocks apart, and a block that held it may just have been taken back: so it is given up only
        // where each of several looks finds its nonce used, and it nowhere.
        if (used <= entry.nonce) missing = null;
        else if (missing === null) missing = { since: now, looks: 1 };
        else if (++missing.looks >= FOREIGN_LOOKS && now - missing.since > bumpAfterMs / 2) {
          if (!(await this.#isAnyKnown(entry))) return await this.giveUp(entry);
          missing = null;
        }
        if (now - offeredAt >= (this.#doubtful.has(entry) ? Math.min(RETRY_MS, bumpAfterMs) : bumpAfterMs)) {
          offeredAt = now;
          if (now - raisedAt < bumpAfterMs) await this.offer(entry);
          else {
            raisedAt = now;
            await this.#press(entry, used);
          }
        }
      } catch (thrown) {
        if (this.#stopping.signal.aborted || (thrown instanceof ParleyError && OVER.includes(thrown.code)))
          throw thrown;
        this.#trouble(chainError(thrown, entry.doing));
      }
      await this.#pause(wait);
    }
  }

  /** Does something for what has waited for long. */
  async #press(entry: Entry, used: number): Promise<void> {
    // Another program's may be there again, which is not to be outbid. If not, its nonce will be found free once more.
    if (isFill(entry) && !(await this.#isAnyKnown(entry))) await this.giveUp(entry);
    if (used < entry.nonce) {
      this.#unblocking ??= this.#unblock(used).finally(() => {
        this.#unblocking = null;
      });
      if (await this.#unblocking) return;
    }
    await this.#offerMore(entry);
  }

  /**
   * Whether nothing is under the next nonce, where a reorganisation took away what others or we had there. All after it would wait for
   * good, whatever is offered: so what was ours is offered again, and else nothing is done under it.
   */
  async #unblock(nonce: number): Promise<boolean> {
    const before = this.#outbox.at(nonce);
    if (before?.closing === null) {
      // Mostly it offers itself.
      if (!this.#following.has(before)) this.#bringBack(before);
      return false;
    }
    const found = await this.#gap.look(nonce);
    if (found !== "free") return found === "perhaps";
    if (before?.closing?.end !== "included") {
      await this.#fill(nonce);
      return true;
    }
    const head = await this.#rpc.reads.getBlockNumber({ cacheTime: 0 });
    // What is final is there, whatever a node says that is behind.
    if (head - before.closing.block > FINAL_DEPTH) return false;
    this.#bringBack(before);
    return true;
  }

  /** Pays nothing to nobody: an account with code of its own might not take it. */
  async #fill(nonce: number): Promise<void> {
    const doing = `filling nonce ${nonce}, which holds up what comes after it`;
    this.#trouble(new ParleyError("NonceFree", `${doing}: nothing is under it any more`, { retryable: true }));
    const payment = { to: ZERO_ADDRESS, data: "0x", value: 0n } as const;
    const [gas, market] = await Promise.all([
      this.#rpc.reads.estimateGas({ account: this.#account.address, ...payment }),
      this.#market.present(),
    ]);
    if (this.#stopping.signal.aborted) return;
    const fees = capped(market, this.#options.mostFeePerGas ?? null);
    const version = await this.sign(nonce, { ...payment, gas: withMargin(gas) }, fees);
    const { entry, kept } = this.#outbox.sign(`${FILL}${nonce}`, doing, nonce, version);
    await kept;
    const reception = await this.offer(entry);
    const following = reception === "nonceUsed" || reception === "feeTooLow" ? this.giveUp(entry) : this.follow(entry);
    following.catch((thrown: unknown) => this.#trouble(chainError(thrown, doing)));
  }

  /** Something that isn't ours was included under its nonce: none of it can be any more. */
  async giveUp(entry: Entry): Promise<never> {
    await this.#outbox.close(entry, { end: "displaced" });
    throw new ParleyError("Displaced", `${entry.doing}: nonce ${entry.nonce} was used for something else`, {
      hint: "another program signs with the same key; give each its own. Look at what is on the chain, and try again",
      retryable: true,
    });
  }

  /** Offers the same call at a higher fee, or, where no higher one is allowed, the same again. */
  async #offerMore(entry: Entry): Promise<void> {
    const newest = entry.versions.at(-1);
    if (newest === undefined) return;
    const market = await this.#market.present();
    const more = raised(newest.fees, market);
    const fees = more && capped(more, this.#options.mostFeePerGas ?? null);
    if (fees !== null && replaces(fees, newest.fees)) {
      const { to = null, data = "0x", value = 0n, gas = 0n } = parseTransaction(newest.raw as `0x02${string}`);
      const content = { to: to as Address | null, data, value, gas };
      const version = await this.sign(entry.nonce, content, fees);
      await this.#outbox.sign(entry.id, entry.doing, entry.nonce, version).kept;
    }
    await this.offer(entry);
  }

  async #receiptOf({ versions }: Entry): Promise<TransactionReceipt | null> {
    const receipts = await Promise.all(versions.toReversed().map(({ hash }) => this.#receipt(hash)));
    return receipts.find((receipt) => receipt !== null) ?? null;
  }

  async #receipt(hash: Version["hash"]): Promise<TransactionReceipt | null> {
    try {
      return await this.#rpc.reads.getTransactionReceipt({ hash });
    } catch (thrown) {
      if (thrown instanceof TransactionReceiptNotFoundError) return null;
      throw thrown;
    }
  }

  async #conclude(entry: Entry, receipt: TransactionReceipt): Promise<Inclusion> {
    const { transactionHash: hash, blockNumber: block, gasUsed, status } = receipt;
    const end = status === "success" ? "included" : "reverted";
    const known = entry.closing;
    const isKnown = known !== null && known.end !== "displaced" && known.hash === hash && known.block === block;
    if (!isKnown) await this.#outbox.close(entry, { end, hash, block, gasUsed });
    if (end === "reverted") {
      throw new ParleyError("Reverted", `${entry.doing}: transaction ${hash} was included, but reverted`, {
        hint: "the state changed between the trial and the inclusion; look at the deal's record and try again",
      });
    }
    this.#watchOver(entry);
    return { transaction: hash, block, gasUsed };
  }

  /** Only where there is a journal: who keeps none is done with what is included, and gone soon. */
  #watchOver(entry: Entry): void {
    if (!this.#outbox.isKept) return;
    this.#shallow.add(entry);
    this.#guard ??= setTimeout(() => void this.#look(), this.#guardMs).unref();
  }

  /** A reorganisation may take a block away, and what it held out of every node's sight: then it is offered again. */
  async #look(): Promise<void> {
    try {
      const head = await this.#rpc.reads.getBlockNumber({ cacheTime: 0 });
      if (head !== this.#guardedAt) for (const entry of this.#shallow) await this.#lookAt(entry, head);
      this.#guardedAt = head;
    } catch (thrown) {
      if (this.#stopping.signal.aborted) return;
      this.#trouble(chainError(thrown, "looking at what was included"));
    }
    this.#guard = null;
    if (this.#shallow.size > 0 && !this.#stopping.signal.aborted) {
      this.#guard = setTimeout(() => void this.#look(), this.#guardMs).unref();
    }
  }

  async #lookAt(entry: Entry, head: bigint): Promise<void> {
    const { closing } = entry;
    if (closing?.end !== "included" || head - closing.block > FINAL_DEPTH) {
      this.#shallow.delete(entry);
    } else if ((await this.#receiptOf(entry)) === null && !this.#following.has(entry)) {
      this.#bringBack(entry);
    }
  }

  /** All after its nonce waits for it; and by now it may offer too little. */
  #bringBack(entry: Entry): void {
    this.takeUp(entry).catch((thrown: unknown) => this.#trouble(chainError(thrown, entry.doing)));
  }

  get #bumpAfterMs(): number {
    return this.#options.bumpAfterMs ?? USUAL_BUMP_AFTER_MS;
  }

  get #guardMs(): number {
    return Math.min(GUARD_MS, this.#bumpAfterMs);
  }

  #trouble(error: ParleyError): void {
    this.#options.onTrouble?.(error);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopping;
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
    });
  }
}

function isFill({ id }: Entry): boolean {
  return id.startsWith(FILL);
}

function stopped({ doing, nonce }: Entry): ParleyError {
  return new ParleyError("Stopped", `${doing}: it was stopped before transaction ${nonce} was seen included`, {
    hint: "start again: what was signed is in the journal, and is followed up",
    retryable: true,
  });
}
