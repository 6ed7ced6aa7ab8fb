import { ParleyError } from "../../kernel/errors.ts";
import { ZERO_32 } from "../../kernel/ids.ts";
import type { BlockEvents, BlockRef, Blocks, Span } from "../../ports/blocks.ts";
import { MAX_REORG, type RecentBlocks } from "./recent-blocks.ts";

/** Blocks that are asked for at once. */
const AT_ONCE = 16;

/** What one look at the chain came to. */
export type Finding =
  /** Nothing new, or only what is known already from a node that lags behind. */
  | { readonly found: "nothing" }
  /** More than is known, which doesn't follow it, from one node; another one still has what is known. */
  | { readonly found: "disagreement" }
  /** The block before the first one, to begin on. */
  | { readonly found: "ground"; readonly block: BlockRef }
  | { readonly found: "blocks"; readonly blocks: readonly BlockEvents[]; readonly head: number }
  | { readonly found: "span"; readonly span: Span; readonly head: number }
  /** Another branch has taken over: this is the newest block that both have. */
  | { readonly found: "fork"; readonly ancestor: number };

/** Where the first block stands on that has no parent. */
const BEFORE_ALL: BlockRef = { number: -1, hash: ZERO_32, parent: ZERO_32, timestamp: 0 };

/**
 * Looks at the chain once and says what to do about it. Each answer may come from another node: so blocks are taken in only where
 * their parents' hashes make one chain of them, and events only with the block they are of.
 */
export class Pursuit {
  readonly #blocks: Blocks;
  readonly #from: number;

  constructor(blocks: Blocks, from: number) {
    this.#blocks = blocks;
    this.#from = from;
  }

  async look(recent: RecentBlocks | null): Promise<Finding> {
    if (recent === null) return { found: "ground", block: await this.#origin() };
    const { tip } = recent;
    const head = await this.#blocks.head();
    if (head.number <= tip.number) return this.#compare(recent, head);
    const settled = head.number - MAX_REORG;
    if (settled <= tip.number) return this.#next(recent, head);
    if (!(await this.#holds(tip))) return this.#fork(recent, head.number);
    return { found: "span", span: await this.#blocks.span(tip.number + 1, settled), head: head.number };
  }

  /** What is known of a chain that is no longer than ours: it lags behind, or is another. */
  #compare(recent: RecentBlocks, head: BlockRef): Promise<Finding> | Finding {
    const known = recent.at(head.number);
    if (known?.hash === head.hash) return { found: "nothing" };
    // Below the ground there is nothing to tell a node that lags from a chain that was begun anew.
    if (known === undefined) throw behind(head.number);
    return this.#fork(recent, head.number);
  }

  async #next(recent: RecentBlocks, head: BlockRef): Promise<Finding> {
    const { tip } = recent;
    const count = Math.min(AT_ONCE, head.number - tip.number);
    const numbers = Array.from({ length: count }, (_, index) => tip.number + 1 + index);
    const refs = await Promise.all(numbers.map((number) => (number === head.number ? head : this.#blocks.at(number))));
    const chained: BlockRef[] = [];
    for (const ref of refs) {
      if (ref === null || ref.parent !== (chained.at(-1) ?? tip).hash) break;
      chained.push(ref);
    }
    if (chained.length === 0) {
      if (refs[0] === null) throw behind(tip.number);
      return this.#fork(recent, head.number);
    }
    const events = await this.#blocks.eventsIn(chained);
    const blocks = chained.map((block, index) => ({ block, events: events[index] ?? [] }));
    return { found: "blocks", blocks, head: head.number };
  }

  /** Goes back block by block to the newest one that is still part of the chain. */
  async #fork(recent: RecentBlocks, head: number): Promise<Finding> {
    const newest = Math.min(head, recent.tip.number);
    for (let number = newest; number >= recent.ground.number; number--) {
      const ours = recent.at(number);
      if (ours === undefined || !(await this.#holds(ours))) continue;
      // Two nodes disagree, and one of them has what we have: there is nothing to take back yet.
      return number === newest ? { found: "disagreement" } : { found: "fork", ancestor: number };
    }
    // Before the first block there was nothing: a chain without our ground has only to be begun on another.
    if (recent.ground.number === this.#from - 1) return { found: "ground", block: await this.#origin() };
    throw tooDeep(recent.ground.number);
  }

  async #holds({ number, hash }: BlockRef): Promise<boolean> {
    if (number < 0) return true;
    const now = await this.#blocks.at(number);
    if (now === null) throw behind(number - 1);
    return now.hash === hash;
  }

  async #origin(): Promise<BlockRef> {
    if (this.#from === 0) return BEFORE_ALL;
    const block = await this.#blocks.at(this.#from - 1);
    if (block === null) throw behind(this.#from - 2);
    return block;
  }
}

function behind(number: number): ParleyError<"NodeBehind"> {
  return new ParleyError("NodeBehind", `the chain's node knows of no block after ${number}, but there was one`, {
    hint: "wait until it has caught up; if the chain was begun anew, forget what was followed (Follower.forget)",
    retryable: true,
    facts: { number },
  });
}

function tooDeep(ground: number): ParleyError<"ReorgTooDeep"> {
  return new ParleyError("ReorgTooDeep", `the chain has other blocks from ${ground} on, more than ${MAX_REORG} deep`, {
    hint: "make sure that the node is on the right chain; then rebuild: Follower.forget, and open it again",
    facts: { ground },
  });
}
