import type { BlockEvents, BlockRef, DatedBlock, Span } from "../../ports/blocks.ts";
import type { Undo } from "../ledger/book.ts";
import { Ledger, type LedgerRow } from "../ledger/ledger.ts";
import { RecentBlocks, type TakenBlock } from "./recent-blocks.ts";
import type { FollowerRecord } from "./records.ts";

/** Rows of a ledger in one record. */
const ROWS = 200;

/** The chain as far as it was followed: its newest blocks, and the ledger that all its events have come to. */
export class Branch {
  #ledger = new Ledger();
  #recent: RecentBlocks | null = null;

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Null before the block is known that the first one is built on. */
  get recent(): RecentBlocks | null {
    return this.#recent;
  }

  /** Begins on this block, or begins again where everything so far stood on another. */
  begin(ground: BlockRef): void {
    if (this.#recent === null) this.#recent = new RecentBlocks(ground);
    else {
      this.#recent.rollBackTo(this.#recent.ground.number);
      this.#recent.settle(ground);
    }
  }

  /** Takes in the block after the tip. One whose events don't fit is refused as a whole. */
  take(filled: BlockEvents): void {
    this.#require().push({ ...filled, undos: this.#apply(filled) });
  }

  /** Takes in blocks that lie too deep to be taken back. */
  settle({ end, blocks }: Span): void {
    const undos: Undo[] = [];
    try {
      for (const filled of blocks) {
        for (const undo of this.#apply(filled)) undos.push(undo);
      }
    } catch (thrown) {
      for (const undo of undos.reverse()) undo();
      throw thrown;
    }
    this.#require().settle(end);
  }

  /** Takes back every block after that number, and hands them over, newest first. */
  rollBackTo(number: number): TakenBlock[] {
    return this.#require().rollBackTo(number);
  }

  replay(record: FollowerRecord, rows: LedgerRow[]): void {
    switch (record.kind) {
      case "rows":
        rows.push(...record.rows);
        break;
      case "ground":
        if (rows.length > 0) this.#ledger = Ledger.of(rows.splice(0));
        this.begin(record.block);
        break;
      case "blocks":
        for (const block of record.blocks) this.take(block);
        break;
      case "span":
        this.settle(record.span);
        break;
      case "back":
        this.rollBackTo(record.to);
        break;
      default:
        break;
    }
  }

  /** All that is needed to go on from here: the ledger at the ground, and the blocks above it. */
  snapshot(): FollowerRecord[] {
    if (this.#recent === null) return [];
    const { ground } = this.#recent;
    const blocks = this.#recent.rollBackTo(ground.number).reverse();
    const rows = [...this.#ledger.rows()];
    for (const block of blocks) this.take(block);
    const parts: FollowerRecord[] = [];
    for (let at = 0; at < rows.length; at += ROWS) parts.push({ kind: "rows", rows: rows.slice(at, at + ROWS) });
    const above = blocks.map(({ block, events }) => ({ block, events }));
    return [...parts, { kind: "ground", block: ground }, { kind: "blocks", blocks: above }];
  }

  #apply({ block, events }: BlockEvents<DatedBlock>): Undo[] {
    const undos: Undo[] = [];
    try {
      for (const { event } of events) undos.push(this.#ledger.apply(event, block));
    } catch (thrown) {
      for (const undo of undos.reverse()) undo();
      throw thrown;
    }
    return undos;
  }

  #require(): RecentBlocks {
    if (this.#recent === null) throw new TypeError("the first block has nothing to stand on yet");
    return this.#recent;
  }
}
