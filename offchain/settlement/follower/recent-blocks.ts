import type { BlockEvents, BlockRef } from "../../ports/blocks.ts";
import type { Undo } from "../ledger/book.ts";

/** How many blocks can be taken back: about two epochs of Ethereum, after which nobody expects it. */
export const MAX_REORG = 64;

/** A block that was taken in, and how to take it back. */
export interface TakenBlock extends BlockEvents {
  readonly undos: readonly Undo[];
}

/**
 * The newest blocks of the chain that is followed, each built on the one before. The first is the ground: it can't be taken back
 * and is only there to build on.
 */
export class RecentBlocks {
  #blocks: TakenBlock[];

  constructor(ground: BlockRef) {
    this.#blocks = [{ block: ground, events: [], undos: [] }];
  }

  get tip(): BlockRef {
    return this.#last.block;
  }

  get ground(): BlockRef {
    return (this.#blocks[0] ?? this.#last).block;
  }

  /** The ground and the blocks above it, oldest first. */
  get all(): readonly BlockEvents[] {
    return this.#blocks;
  }

  /** The block of that number, the ground included. */
  at(number: number): BlockRef | undefined {
    return this.#blocks[number - this.ground.number]?.block;
  }

  /** Takes in the next block; the oldest becomes the ground once there are enough above it. */
  push(block: TakenBlock): void {
    this.#blocks.push(block);
    if (this.#blocks.length > MAX_REORG + 1) this.#blocks.shift();
  }

  /** Takes in a block that lies so deep that it and all before it count as settled. */
  settle(ground: BlockRef): void {
    this.#blocks = [{ block: ground, events: [], undos: [] }];
  }

  /** Takes back every block after that number, and hands them over, newest first. */
  rollBackTo(number: number): TakenBlock[] {
    const undone = this.#blocks.splice(number - this.ground.number + 1).reverse();
    for (const { undos } of undone) for (const undo of undos.toReversed()) undo();
    return undone;
  }

  get #last(): TakenBlock {
    const last = this.#blocks.at(-1);
    if (last === undefined) throw new TypeError("the ground is never taken back");
    return last;
  }
}
