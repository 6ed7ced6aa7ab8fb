import type { Bytes32 } from "../kernel/ids.ts";
import type { Deployment } from "./chain.ts";
import type { LoggedEvent } from "./settlement-events.ts";

/** A block, and when it was made. */
export interface DatedBlock {
  readonly number: number;
  readonly hash: Bytes32;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** A block, and which it was built on. */
export interface BlockRef extends DatedBlock {
  readonly parent: Bytes32;
}

/** A block with what Settlement logged in it, in order. */
export interface BlockEvents<Block extends DatedBlock = BlockRef> {
  readonly block: Block;
  readonly events: readonly LoggedEvent[];
}

/** Several blocks at once, of which only those with events are named. */
export interface Span {
  /** The last block that was looked at. */
  readonly end: BlockRef;
  readonly blocks: readonly BlockEvents<DatedBlock>[];
}

/**
 * A chain as whoever follows one Settlement sees it. Answers may come from nodes that lag behind each other: each is right about
 * some chain, but two need not be about the same. Errors are `ParleyError`s; what fails now may work later.
 */
export interface Blocks {
  readonly source: Pick<Deployment, "chainId" | "settlement">;
  /** The newest block. */
  head(): Promise<BlockRef>;
  /** The block of that number on the chain as it is now; null where the node has none yet. */
  at(number: number): Promise<BlockRef | null>;
  /** The events of each of these very blocks, which follow each other. Rejects where the node has another in the place of one, or none. */
  eventsIn(blocks: readonly BlockRef[]): Promise<readonly (readonly LoggedEvent[])[]>;
  /**
   * The events from one block on, up to `to` or as far as one answer goes. For blocks that lie so deep that nobody expects
   * others in their place: parents are not looked at.
   */
  span(from: number, to: number): Promise<Span>;
  /** Calls back whenever there may be a new block, until the returned function is called. Absent where one has to ask. */
  readonly onHead?: (listener: () => void) => () => void;
}
