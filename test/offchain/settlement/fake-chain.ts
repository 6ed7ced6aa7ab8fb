import { toHex } from "../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { keccakText } from "../../../offchain/kernel/hash.ts";
import { type Address, type Bytes32, ZERO_32 } from "../../../offchain/kernel/ids.ts";
import type { BlockEvents, BlockRef, Blocks, Span } from "../../../offchain/ports/blocks.ts";
import type { LoggedEvent, SettlementEvent } from "../../../offchain/ports/settlement-events.ts";
import type { Undo } from "../../../offchain/settlement/ledger/book.ts";
import { Ledger } from "../../../offchain/settlement/ledger/ledger.ts";

export const SETTLEMENT: Address = toHex(new Uint8Array(20).fill(7));

/** Makes the events of one block, given what all before it came to. */
export type Author = (ledger: Ledger, emit: (event: SettlementEvent) => void) => void;

/** A chain in memory that can take back its newest blocks. */
export class FakeChain {
  readonly blocks: BlockEvents[] = [];
  readonly #ledger = new Ledger();
  readonly #undos: Undo[][] = [];
  #made = 0;

  /** Blocks up to this one stay without events: Settlement isn't there yet. */
  constructor(from: number) {
    for (let number = 0; number < from; number++) this.extend(() => undefined);
  }

  get head(): BlockRef {
    const block = this.blocks.at(-1)?.block;
    if (block === undefined) throw new Error("there is no block");
    return block;
  }

  extend(author: Author): void {
    const number = this.blocks.length;
    const parent = this.blocks.at(-1)?.block.hash ?? ZERO_32;
    const hash = keccakText(`block ${this.#made++} on ${parent}`);
    const block: BlockRef = { number, hash, parent, timestamp: 1_700_000_000 + 12 * number + (this.#made % 7) };
    const events: LoggedEvent[] = [];
    const undos: Undo[] = [];
    author(this.#ledger, (event) => {
      undos.push(this.#ledger.apply(event, block));
      events.push({ event, block: number, blockHash: hash, logIndex: 2 * events.length, transaction: hash });
    });
    this.blocks.push({ block, events });
    this.#undos.push(undos);
  }

  /** Takes back every block after that number. */
  rollBackTo(number: number): void {
    this.blocks.splice(number + 1);
    for (const undo of this.#undos
      .splice(number + 1)
      .flat()
      .reverse())
      undo();
  }
}

/** What all events of these blocks come to. */
export function fold(blocks: readonly BlockEvents[]): Ledger {
  const ledger = new Ledger();
  for (const { block, events } of blocks) for (const { event } of events) ledger.apply(event, block);
  return ledger;
}

/** A node of the fake chain that can be slow to learn, and refuse to answer. */
export class FakeNode implements Blocks {
  readonly source = { chainId: 1, settlement: SETTLEMENT };
  readonly #chain: FakeChain;
  /** What the next answers come to: refusals are thrown, and a lag is how many blocks of the chain it doesn't know yet. */
  readonly moods: ("refuse" | number)[] = [];
  /** Most blocks of a span. */
  most = 10;
  asked = 0;

  constructor(chain: FakeChain) {
    this.#chain = chain;
  }

  async head(): Promise<BlockRef> {
    const known = this.#known();
    const head = known.at(-1);
    if (head === undefined) throw unreachable();
    return head.block;
  }

  async at(number: number): Promise<BlockRef | null> {
    return this.#known()[number]?.block ?? null;
  }

  async eventsIn(blocks: readonly BlockRef[]): Promise<readonly (readonly LoggedEvent[])[]> {
    return blocks.map(({ number, hash }) => {
      const found = this.#known()[number];
      if (found?.block.hash !== hash) throw new ParleyError("NodeUnsound", "no such block", { retryable: true });
      return found.events;
    });
  }

  async span(from: number, to: number): Promise<Span> {
    const known = this.#known();
    const last = known[Math.min(to, from + this.most - 1)];
    if (last === undefined) throw unreachable();
    const blocks = known.slice(from, last.block.number + 1).filter(({ events }) => events.length > 0);
    return { end: last.block, blocks };
  }

  #known(): readonly BlockEvents[] {
    this.asked++;
    const mood = this.moods.shift() ?? 0;
    if (mood === "refuse") throw unreachable();
    return mood === 0 ? this.#chain.blocks : this.#chain.blocks.slice(0, -mood);
  }
}

function unreachable(): ParleyError {
  return new ParleyError("ChainUnreachable", "the node does not answer", { retryable: true });
}

/** A hash that only this text has. */
export function named(text: string): Bytes32 {
  return keccakText(text);
}
