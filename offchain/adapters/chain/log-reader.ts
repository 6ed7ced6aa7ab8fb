import type { Hex } from "../../kernel/bytes.ts";
import type { DatedBlock } from "../../ports/blocks.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { LoggedEvent, SettlementEvent } from "../../ports/settlement-events.ts";
import { ChainBlocks, type LogTopics } from "./blocks.ts";
import { chainError } from "./errors.ts";
import { firstBlockOf } from "./first-block.ts";
import { type NodeConnection, throughRpc } from "./node-connection.ts";
import type { Rpc } from "./rpc.ts";

/** An event with the time of its block, in Unix seconds. */
export interface DatedEvent extends LoggedEvent {
  readonly at: number;
}

/**
 * Looks up once what a contract has logged, through nodes that look through few blocks at a time, too. Reads up to the newest block;
 * what a reorganisation takes away is gone the next time.
 */
export class LogReader {
  readonly #rpc: Rpc;
  readonly #node: NodeConnection;
  readonly #source: Deployment;
  readonly #from: number;
  #first: Promise<number> | null = null;

  /** Of Settlement, or of whichever contract stands in its place and logs the same; nothing before block `from` is looked for. */
  constructor(rpc: Rpc, source: Deployment, from = 0) {
    this.#rpc = rpc;
    this.#node = throughRpc(rpc, null);
    this.#source = source;
    this.#from = from;
  }

  async read(topics: LogTopics): Promise<readonly DatedEvent[]> {
    // All at once: few logs fit, and where a node takes no such range, it is halved until it does.
    const size = { firstSpan: Number.MAX_SAFE_INTEGER, mostBlocks: Number.MAX_SAFE_INTEGER };
    const blocks = new ChainBlocks(this.#node, this.#source, { ...size, topics });
    const head = await this.#head();
    const found: DatedEvent[] = [];
    for (let from = this.#from; from <= head; ) {
      const span = await blocks.span(from, head);
      for (const { block, events } of span.blocks) found.push(...events.map((one) => dated(one, block)));
      from = span.end.number + 1;
      // The node takes no such range: then what was before the contract isn't worth asking for in parts. Who names a block knows it.
      if (from <= head && this.#from === 0) from = Math.max(from, await this.#firstBlock());
    }
    return found;
  }

  /** 0 where the node can't tell any more. */
  #firstBlock(): Promise<number> {
    this.#first ??= firstBlockOf(this.#rpc, this.#source.settlement).catch((thrown: unknown) => {
      const error = chainError(thrown, "looking for the contract's first block");
      if (error.code === "ChainUnreachable") throw error;
      return 0;
    });
    return this.#first;
  }

  async #head(): Promise<number> {
    try {
      return Number(await this.#rpc.reads.getBlockNumber({ cacheTime: 0 }));
    } catch (thrown) {
      throw chainError(thrown, "reading the newest block");
    }
  }
}

/** The first event of a kind; null where there is none. */
export function firstOf<Type extends SettlementEvent["type"]>(events: readonly DatedEvent[], type: Type) {
  const isOfType = (one: DatedEvent): one is DatedEvent & { readonly event: EventOf<Type> } => one.event.type === type;
  return events.find(isOfType) ?? null;
}

type EventOf<Type extends SettlementEvent["type"]> = Extract<SettlementEvent, { readonly type: Type }>;

/** A number as a log's topic. */
export function toTopic(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function dated(event: LoggedEvent, { timestamp }: DatedBlock): DatedEvent {
  return { ...event, at: timestamp };
}
