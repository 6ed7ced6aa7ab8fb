import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { BlockEvents, BlockRef, Blocks, DatedBlock, Span } from "../../ports/blocks.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Disclosed, LoggedEvent } from "../../ports/settlement-events.ts";
import { bloomBitsOf, mayHoldLogs, rulesOut } from "./bloom.ts";
import { findDeal } from "./disclosed-deal.ts";
import { type PlacedLog, type RawBlock, type RawLog, readBlock, readLogs, unsound } from "./node-answers.ts";
import { ask, connectNode, isRefusal, type NodeConnection } from "./node-connection.ts";
import { readEvent, TERSE, TOPICS } from "./settlement-logs.ts";
import { SpanSize } from "./span-size.ts";

export interface ChainBlocksOptions {
  /** Blocks of the first range that is asked for; 1,000 if not given. */
  readonly firstSpan?: number;
  /** Most blocks of a range; 100,000 if not given. */
  readonly mostBlocks?: number;
  /**
   * Most logs of a range; 1,000 if not given. An answer with more is asked for again in parts: some nodes leave out what is too
   * much for them, and don't say so.
   */
  readonly mostLogs?: number;
  /** What the logs' topics have to be; all that Settlement logs about money and deals if not given. */
  readonly topics?: LogTopics;
}

/** A topic for each place: null takes any, a list any of it. */
export type LogTopics = readonly (Hex | readonly Hex[] | null)[];

/** Blooms that are remembered: those of blocks that are about to be asked for their logs. */
const BLOOMS = 256;
/** Blocks whose times are asked for at once. */
const AT_ONCE = 50;

/** The blocks and Settlement's events by JSON-RPC, over HTTP or WebSocket. */
export class ChainBlocks implements Blocks {
  readonly source: Blocks["source"];
  readonly onHead?: (listener: () => void) => () => void;
  readonly #node: NodeConnection;
  readonly #size: SpanSize;
  readonly #mostLogs: number;
  readonly #topics: LogTopics;
  readonly #blooms = new Map<string, Hex>();
  /** What Settlement's logs set in a bloom. */
  readonly #bits: readonly number[];

  constructor(node: NodeConnection, deployment: Deployment, options: ChainBlocksOptions = {}) {
    const { firstSpan = 1_000, mostBlocks = 100_000, mostLogs = 1_000, topics = [TOPICS] } = options;
    this.source = { chainId: deployment.chainId, settlement: deployment.settlement };
    this.#node = node;
    this.#size = new SpanSize(firstSpan, mostBlocks);
    this.#mostLogs = mostLogs;
    this.#topics = topics;
    this.#bits = bloomBitsOf(deployment.settlement);
    if (node.onHead !== undefined) this.onHead = node.onHead;
  }

  /** Connects to a node, by WebSocket where its address begins with `ws`, and makes sure that it is of the right chain. */
  static async connect(url: string, deployment: Deployment, options?: ChainBlocksOptions): Promise<ChainBlocks> {
    const node = connectNode(url);
    const chainId = Number(await ask("asking which chain it is", () => node.request<Hex>("eth_chainId", [])));
    if (chainId === deployment.chainId) return new ChainBlocks(node, deployment, options);
    await node.close();
    throw new ParleyError("WrongChain", `the node is on chain ${chainId}, not on ${deployment.chainId}`, {
      hint: "give the address of a node of the chain that the contracts are deployed to",
    });
  }

  async head(): Promise<BlockRef> {
    const head = await this.#block("latest");
    if (head === null) throw unsound("has no newest block");
    return head;
  }

  async at(number: number): Promise<BlockRef | null> {
    const block = await this.#block(toQuantity(number));
    if (block !== null && block.number !== number) throw unsound(`tells block ${block.number} for ${number}`);
    return block;
  }

  async eventsIn(blocks: readonly BlockRef[]): Promise<readonly (readonly LoggedEvent[])[]> {
    const logs = await this.#logsAmong(blocks.filter(({ hash }) => !this.#rulesOut(hash)));
    return await Promise.all(
      blocks.map(async (block) => this.#events(logs.get(block.hash) ?? (await this.#logsOf(block)))),
    );
  }

  /**
   * Logs of several blocks by one question. Only what is named with its block's hash counts: a block that isn't named has to be asked for
   * by itself, since the node may have had another in its place.
   */
  async #logsAmong(blocks: readonly BlockRef[]): Promise<ReadonlyMap<Hex, readonly PlacedLog[]>> {
    const numbers = blocks.map(({ number }) => number);
    const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
    if (blocks.length < 2) return new Map();
    const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    const logs = await this.#logs(filter).catch((thrown: unknown) => {
      if (isRefusal(thrown)) return [];
      return ask(`reading the events of blocks ${from} to ${to}`, () => Promise.reject(thrown));
    });
    const known = new Map(blocks.map(({ hash, number }) => [hash, number]));
    const strange = logs.find((log) => (known.get(log.blockHash) ?? log.block) !== log.block);
    if (strange !== undefined) throw unsound(`tells block ${strange.blockHash} as number ${strange.block}`);
    // What is left out of an answer that is too long is not said.
    return Map.groupBy(logs.length > this.#mostLogs ? [] : logs, ({ blockHash }) => blockHash);
  }

  async #logsOf(block: BlockRef): Promise<readonly PlacedLog[]> {
    if (this.#rulesOut(block.hash)) return [];
    const read = () => ask(`reading the events of block ${block.number}`, () => this.#logs({ blockHash: block.hash }));
    let logs = await read();
    // A node that has lost the block, or not got it yet, may answer with nothing rather than refuse.
    const bloom = this.#blooms.get(block.hash);
    if (logs.length === 0 && bloom !== undefined && mayHoldLogs(bloom, this.#bits)) {
      if ((await this.at(block.number))?.hash !== block.hash) throw unsound(`no longer has block ${block.hash}`);
      logs = await read();
    }
    const strange = logs.find((log) => log.blockHash !== block.hash || log.block !== block.number);
    if (strange !== undefined) throw unsound(`tells logs of block ${strange.blockHash} for ${block.hash}`);
    return logs;
  }

  #rulesOut(hash: Hex): boolean {
    const bloom = this.#blooms.get(hash);
    return bloom !== undefined && rulesOut(bloom, this.#bits);
  }

  async span(from: number, to: number): Promise<Span> {
    for (;;) {
      const end = Math.min(to, from + this.#size.now - 1);
      const answer = await this.#range(from, end);
      if (answer === null) {
        this.#size.refuse(end - from + 1);
        continue;
      }
      const blocks = await this.#filled(answer.logs);
      this.#size.grant(end - from + 1);
      return { end: answer.end, blocks };
    }
  }

  close(): Promise<void> {
    return this.#node.close();
  }

  /** A range's logs and its last block, asked for together; null where the range has to be smaller. */
  async #range(from: number, to: number): Promise<{ logs: PlacedLog[]; end: BlockRef } | null> {
    const doing = `reading the events of blocks ${from} to ${to}`;
    try {
      const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to) };
      const [logs, end] = await Promise.all([this.#logs(filter), this.at(to)]);
      if (end === null) throw unsound(`was asked for blocks up to ${to} and doesn't have them`);
      const strange = logs.find(({ block }) => block < from || block > to);
      if (strange !== undefined) throw unsound(`tells logs of block ${strange.block} for ${from} to ${to}`);
      return logs.length > this.#mostLogs && to > from ? null : { logs, end };
    } catch (thrown) {
      if (to > from && isRefusal(thrown)) return null;
      return ask(doing, () => Promise.reject(thrown));
    }
  }

  /** Logs by their blocks, each with its time. */
  async #filled(logs: readonly PlacedLog[]): Promise<BlockEvents<DatedBlock>[]> {
    const groups = [...Map.groupBy(logs, ({ block }) => block).values()];
    const filled: BlockEvents<DatedBlock>[] = [];
    for (let at = 0; at < groups.length; at += AT_ONCE) {
      const part = groups.slice(at, at + AT_ONCE).map(async (group) => {
        const [block, events] = await Promise.all([this.#dated(group), this.#events(group)]);
        return { block, events };
      });
      filled.push(...(await Promise.all(part)));
    }
    return filled;
  }

  async #dated(logs: readonly PlacedLog[]): Promise<DatedBlock> {
    const [first] = logs;
    if (first === undefined || logs.some(({ blockHash }) => blockHash !== first.blockHash)) {
      throw unsound("tells logs of two blocks with one number");
    }
    const { block: number, blockHash: hash, timestamp } = first;
    if (timestamp !== null) return { number, hash, timestamp };
    const block = await this.at(number);
    if (block?.hash !== hash) throw unsound(`tells logs of block ${hash}, and another block in its place`);
    return block;
  }

  #events(logs: readonly PlacedLog[]): Promise<LoggedEvent[]> {
    return Promise.all(logs.map((log) => this.#event(log))).then((events) => events.filter((one) => one !== null));
  }

  async #event(log: PlacedLog): Promise<LoggedEvent | null> {
    const input = log.topics[0] !== undefined && TERSE.has(log.topics[0]) ? await this.#input(log) : null;
    const disclose = (deal: Hex): Disclosed => (input === null ? null : findDeal(input, deal));
    const event = await ask("reading an event", async () => readEvent(log, disclose));
    const { block, blockHash, logIndex, transaction } = log;
    return event === null ? null : { event, block, blockHash, logIndex, transaction };
  }

  /** By its place in the block: nodes forget old transactions' hashes sooner than their blocks. */
  async #input({ blockHash, transactionIndex, transaction }: PlacedLog): Promise<Hex> {
    const method = "eth_getTransactionByBlockHashAndIndex";
    const found = await ask("reading the transaction of an event", () =>
      this.#node.request<{ hash: Hex; input: Hex } | null>(method, [blockHash, toQuantity(transactionIndex)]),
    );
    if (found?.hash !== transaction) throw unsound(`has no transaction ${transaction} where its log says`);
    return found.input;
  }

  async #block(which: Hex | "latest"): Promise<BlockRef | null> {
    const doing = `reading block ${which === "latest" ? which : Number(which)}`;
    const raw = await ask(doing, () => this.#node.request<RawBlock | null>("eth_getBlockByNumber", [which, false]));
    if (raw === null) return null;
    const block = readBlock(raw);
    if (typeof raw.logsBloom === "string" && raw.logsBloom.length === 514) this.#remember(block.hash, raw.logsBloom);
    return block;
  }

  #remember(hash: string, bloom: string): void {
    this.#blooms.set(hash, bloom as Hex);
    for (const oldest of this.#blooms.keys()) {
      if (this.#blooms.size <= BLOOMS) break;
      this.#blooms.delete(oldest);
    }
  }

  async #logs(filter: Readonly<Record<string, Hex>>): Promise<PlacedLog[]> {
    const query = { address: this.source.settlement, topics: this.#topics, ...filter };
    const raw = await this.#node.request<RawLog[]>("eth_getLogs", [query]);
    if (!Array.isArray(raw)) throw unsound("answers with something else than logs");
    return readLogs(raw, this.source.settlement);
  }
}

function toQuantity(number: number): Hex {
  return `0x${number.toString(16)}`;
}
