import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { BlockEvents, BlockRef, Blocks, Span } from "../../ports/blocks.ts";
import type { Journal } from "../../ports/journal.ts";
import type { DealState, TokenState, TreasuryState } from "../ledger/deal-state.ts";
import type { LedgerRow } from "../ledger/ledger.ts";
import { Branch } from "./branch.ts";
import { Chronicle } from "./chronicle.ts";
import { Listeners, type Listening } from "./listeners.ts";
import { type Finding, Pursuit } from "./pursuit.ts";
import { Rest } from "./rest.ts";
import { Waiters } from "./waiters.ts";

export interface FollowerOptions {
  readonly blocks: Blocks;
  /** Not the one that negotiations are in: agents take every stream of that for one. */
  readonly journal: Journal;
  readonly clock: Clock;
  /** The block that Settlement was deployed in, or any before it. */
  readonly from: number;
  /** Milliseconds between two looks at the chain, where it doesn't tell by itself; 1,000 if not given. */
  readonly pollMs?: number;
  /** Records after which what was written down is put together anew, if that makes it shorter; 1,000 if not given. */
  readonly compactAfter?: number;
  /** Told of what stood in the way. It is tried again. */
  readonly onTrouble?: (error: ParleyError) => void;
}

const POLL_MS = 1_000;
const COMPACT_AFTER = 1_000;
/** How much rarer one looks without being told to, where the chain tells: connections die silently. */
const RARELY = 10;
/** Longest wait between two looks at a node that keeps failing, in milliseconds. */
const LONGEST_WAIT_MS = 30_000;
/** What waiting doesn't mend. */
const FINAL: ReadonlySet<string> = new Set(["ReorgTooDeep", "FollowerHalted"]);
/** Blocks without events that are written down together; after a crash they are read again. */
const EMPTY_BLOCKS = 32;

/**
 * Follows Settlement's events, and knows by them alone how every deal and every treasury stands. Blocks that the chain takes back
 * are taken back here too. What was read is written down, so that a restart goes on from there, and finds out what was taken back
 * meanwhile.
 */
export class Follower {
  readonly #blocks: Blocks;
  readonly #chronicle: Chronicle;
  readonly #branch: Branch;
  readonly #pursuit: Pursuit;
  readonly #listeners: Listeners;
  readonly #waiters: Waiters;
  readonly #tipListeners = new Set<(tip: BlockRef) => void>();
  readonly #rest: Rest;
  /** The wait after a failure, which new blocks don't end. */
  readonly #patience: Rest;
  readonly #pollMs: number;
  readonly #from: number;
  readonly #onTrouble: (error: ParleyError) => void;
  /** Blocks that are not written down yet, all after what is. */
  #unwritten: BlockEvents[] = [];
  #isLevel = false;

  private constructor(options: FollowerOptions, chronicle: Chronicle, branch: Branch) {
    const { blocks, clock, from, pollMs = POLL_MS, onTrouble = () => undefined } = options;
    this.#blocks = blocks;
    this.#chronicle = chronicle;
    this.#branch = branch;
    this.#from = from;
    this.#pollMs = pollMs;
    this.#onTrouble = onTrouble;
    this.#pursuit = new Pursuit(blocks, from);
    this.#listeners = new Listeners(onTrouble);
    this.#waiters = new Waiters(branch.recent?.tip.number ?? from - 1);
    this.#rest = new Rest(clock);
    this.#patience = new Rest(clock);
  }

  /** Takes up what was written down; the chain is not asked yet. */
  static async open(options: FollowerOptions): Promise<Follower> {
    const { blocks, journal, from, compactAfter = COMPACT_AFTER } = options;
    const { chronicle, records } = await Chronicle.open(journal, blocks.source, from, compactAfter);
    const branch = new Branch();
    const rows: LedgerRow[] = [];
    for (const record of records) branch.replay(record, rows);
    return new Follower(options, chronicle, branch);
  }

  /** The first block of what was written down about a Settlement; null where nothing was. */
  static startOf({ blocks, journal }: Pick<FollowerOptions, "blocks" | "journal">): Promise<number | null> {
    return Chronicle.startOf(journal, blocks.source);
  }

  /** Removes what was written down about a Settlement, so that the next follower reads the whole chain anew. */
  static forget({ blocks, journal }: Pick<FollowerOptions, "blocks" | "journal">): Promise<void> {
    return Chronicle.forget(journal, blocks.source);
  }

  /**
   * Follows until it is told to stop. Rejects only where going on would be wrong: with `ReorgTooDeep`, or with what the journal
   * refuses for good (`FollowerHalted`).
   */
  async run(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.#blocks.onHead?.(this.#rest.stir);
    const pollMs = this.#pollMs * (unsubscribe === undefined ? 1 : RARELY);
    try {
      for (let failures = 0; !signal.aborted; ) {
        try {
          const isBusy = await this.#step();
          failures = 0;
          if (!isBusy) await this.#rest.wait(pollMs, signal);
        } catch (thrown) {
          if (!(thrown instanceof ParleyError) || FINAL.has(thrown.code)) throw thrown;
          if (signal.aborted) return;
          // Nobody knows how much has happened since.
          this.#isLevel = false;
          this.#onTrouble(thrown);
          const wait = this.#pollMs * 2 ** Math.min(++failures, 12);
          await this.#patience.wait(Math.min(wait, Math.max(this.#pollMs, LONGEST_WAIT_MS)), signal);
        }
      }
    } finally {
      unsubscribe?.();
    }
  }

  /** The newest block that all this is about; null before the first look at the chain. */
  get tip(): BlockRef | null {
    return this.#branch.recent?.tip ?? null;
  }

  /** Whether it knew all of the chain when it looked last. If not, what it knows may be long past. */
  get isLevel(): boolean {
    return this.#isLevel;
  }

  /** Unix seconds of the block so many below the newest, 64 at most; null before that is known. */
  timeAt(depth: number): number | null {
    const { recent } = this.#branch;
    return recent?.at(recent.tip.number - depth)?.timestamp ?? null;
  }

  deal(dealHash: Bytes32): DealState | null {
    return this.#branch.ledger.deal(dealHash);
  }

  /** The deal of a negotiation, by the key of its record (see `recordKey`). */
  record(key: Bytes32): DealState | null {
    return this.#branch.ledger.record(key);
  }

  /** Every deal that was ever committed or declared. */
  deals(): Iterable<DealState> {
    return this.#branch.ledger.deals();
  }

  treasury(agent: AgentId, token: Address): TreasuryState {
    return this.#branch.ledger.treasury(agent, token);
  }

  token(token: Address): TokenState {
    return this.#branch.ledger.token(token);
  }

  /** When new commitments were paused; 0 if they aren't. */
  get pausedAt(): number {
    return this.#branch.ledger.pausedAt;
  }

  /** Resolves once a block of that number was read. It may be taken back later. */
  whenAt(number: number): Promise<void> {
    return this.#waiters.whenAt(number);
  }

  /** Calls back with the newest block whenever that is another one, or known to be the newest; the returned function ends it. */
  onTip(listener: (tip: BlockRef) => void): () => void {
    this.#tipListeners.add(listener);
    return () => {
      this.#tipListeners.delete(listener);
    };
  }

  /** Tells of events from now on, or after a block; the returned function ends it. */
  listen(listening: Listening): () => void {
    return this.#listeners.add(listening, this.tip?.number ?? this.#from - 1);
  }

  /** True if there may be more at once. */
  async #step(): Promise<boolean> {
    await this.#flush();
    const finding = await this.#pursuit.look(this.#branch.recent);
    const wasLevel = this.#isLevel;
    // Before anybody is told of what was found: what is known is old if there is more than that.
    this.#isLevel = isUpTo(finding);
    this.#follow(finding);
    if (this.#isLevel && !wasLevel) this.#reach();
    await this.#flush();
    return finding.found !== "nothing" && finding.found !== "disagreement";
  }

  #follow(finding: Finding): void {
    switch (finding.found) {
      case "nothing":
      case "disagreement":
        break;
      case "ground":
        this.#begin(finding.block);
        break;
      case "blocks":
        this.#take(finding.blocks);
        break;
      case "span":
        this.#settle(finding.span, finding.head);
        break;
      case "fork":
        this.#rollBack(finding.ancestor);
        break;
    }
  }

  #begin(block: BlockRef): void {
    const { recent } = this.#branch;
    if (recent !== null) this.#listeners.rollBack(this.#branch.rollBackTo(recent.ground.number), block.number);
    this.#branch.begin(block);
    this.#unwritten = [];
    this.#chronicle.add({ kind: "ground", block });
    this.#reach();
  }

  #take(blocks: readonly BlockEvents[]): void {
    for (const filled of blocks) {
      this.#branch.take(filled);
      this.#unwritten.push(filled);
      if (filled.events.length > 0 || this.#unwritten.length >= EMPTY_BLOCKS) this.#write();
      const tip = filled.block.number;
      this.#listeners.advance(this.#branch.recent?.all ?? [], tip, tip);
      this.#reach();
    }
  }

  #settle(span: Span, head: number): void {
    const before = this.#branch.recent?.all ?? [];
    this.#branch.settle(span);
    this.#write();
    this.#chronicle.add({ kind: "span", span });
    this.#listeners.advance([...before, ...span.blocks], span.end.number, head);
    this.#reach();
  }

  #rollBack(to: number): void {
    const undone = this.#branch.rollBackTo(to);
    const kept = this.#unwritten.filter(({ block }) => block.number <= to);
    // What was not written down need not be taken back there.
    if (undone.length > this.#unwritten.length - kept.length) this.#chronicle.add({ kind: "back", to });
    this.#unwritten = kept;
    this.#listeners.rollBack(undone, to);
    this.#reach();
  }

  #reach(): void {
    const { tip } = this;
    if (tip === null) return;
    this.#waiters.reach(tip.number);
    for (const listener of this.#tipListeners) listener(tip);
  }

  #write(): void {
    if (this.#unwritten.length > 0) this.#chronicle.add({ kind: "blocks", blocks: this.#unwritten });
    this.#unwritten = [];
  }

  async #flush(): Promise<void> {
    try {
      await this.#chronicle.flush();
      if (!this.#chronicle.isLong) return;
      this.#unwritten = [];
      this.#chronicle.rewrite(this.#branch.snapshot());
      await this.#chronicle.flush();
    } catch (cause) {
      if (!(cause instanceof ParleyError) || cause.retryable) throw cause;
      throw new ParleyError("FollowerHalted", `the follower can't write down what it reads: ${cause.message}`, {
        hint: cause.hint ?? "mend the journal, then open the follower again: it goes on where it stood",
        cause,
      });
    }
  }
}

/** Whether what was found ends with the block that was the newest at that moment. */
function isUpTo(finding: Finding): boolean {
  switch (finding.found) {
    case "nothing":
      return true;
    case "blocks":
      return finding.blocks.at(-1)?.block.number === finding.head;
    case "disagreement":
    case "ground":
    case "span":
    case "fork":
      return false;
  }
}
