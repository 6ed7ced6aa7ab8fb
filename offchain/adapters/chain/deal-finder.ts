import type { Hex } from "../../kernel/bytes.ts";
import { type Address, type AgentId, type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { DatedBlock } from "../../ports/blocks.ts";
import type { Deployment, Payout } from "../../ports/chain.ts";
import type { LoggedEvent, SettlementEvent } from "../../ports/settlement-events.ts";
import type { Deal } from "../../terms/deal.ts";
import { ChainBlocks, type LogTopics } from "./blocks.ts";
import { findDeal } from "./disclosed-deal.ts";
import { chainError } from "./errors.ts";
import { firstBlockOf } from "./first-block.ts";
import { ask, type NodeConnection, throughRpc } from "./node-connection.ts";
import type { Rpc } from "./rpc.ts";
import { selectorsOf } from "./settlement-logs.ts";

/** Something that happened to a deal. */
export interface Happening {
  readonly what: string;
  readonly at: number;
  readonly transaction: Bytes32;
}

/** A deal of an agent, by the chain's logs. */
export interface FoundDeal {
  readonly dealHash: Bytes32;
  readonly buyer: AgentId;
  readonly seller: AgentId;
  readonly token: Address;
  readonly transcript: Bytes32;
  readonly negotiation: Bytes32;
  /** Null where only a declaration tells of it. */
  readonly price: Amount | null;
  /** All of it; null where no transaction carried it, as where a contract had kept it, and where it wasn't asked for. */
  readonly deal: Deal | null;
  /** Unix seconds at which it came to the chain. */
  readonly begunAt: number;
  /** What shows the delivery; null before it. */
  readonly evidence: Bytes32 | null;
  readonly payout: Payout | null;
  /** Who defaulted before it was committed; null where nobody has. */
  readonly defaulted: AgentId | null;
  readonly history: readonly Happening[];
}

/** What is looked for, and how much of it. */
export interface Search {
  /** Whether a deal of that hash is meant; all are if not given. */
  readonly isMeant?: (dealHash: Bytes32) => boolean;
  /** Finds out the whole of those only that aren't over: it takes a question for each. */
  readonly runningOnly?: boolean;
}

interface Log extends LoggedEvent {
  readonly at: number;
}

type Beginning = Extract<SettlementEvent, { readonly type: "Committed" | "Declared" }>;

/** Hashes of deals that one question names. */
const AT_ONCE = 200;

/**
 * Finds the deals of one agent by the logs that name it, so that nothing has to be followed, and nothing but a node is needed: a
 * running agent's journals are its own. Reads up to the newest block; what a reorganisation takes away is gone the next time.
 */
export class DealFinder {
  readonly #rpc: Rpc;
  readonly #node: NodeConnection;
  readonly #deployment: Deployment;
  #first: Promise<number> | null = null;

  constructor(rpc: Rpc, deployment: Deployment) {
    this.#rpc = rpc;
    this.#node = throughRpc(rpc, null);
    this.#deployment = deployment;
  }

  async ofAgent(agent: AgentId, search: Search = {}): Promise<readonly FoundDeal[]> {
    const { isMeant = () => true, runningOnly = false } = search;
    const us = toTopic(agent);
    const [committed, declared] = [selectorsOf("Committed"), selectorsOf("Declared")];
    // A declaration names only its declarer where it could be asked for; those of others are few.
    const queries: LogTopics[] = [[committed, null, us], [committed, null, null, us], [declared]];
    const begun = new Map<Bytes32, Log & { readonly event: Beginning }>();
    for (const logs of await Promise.all(queries.map((topics) => this.#logs(topics)))) {
      for (const log of logs) {
        if (!isBeginning(log) || !isOf(agent, log.event)) continue;
        const { deal } = log.event;
        if (isMeant(deal) && !begun.has(deal)) begun.set(deal, log);
      }
    }
    const later = await this.#later([...begun.keys()]);
    const found = [...begun.values()].map((log) => this.#deal(log, later.get(log.event.deal) ?? [], runningOnly));
    return (await Promise.all(found)).sort((a, b) => a.begunAt - b.begunAt);
  }

  /** What came after the beginning, by deal. */
  async #later(deals: readonly Bytes32[]): Promise<ReadonlyMap<Bytes32, readonly Log[]>> {
    const selectors = selectorsOf(
      "Cured",
      "Delivered",
      "ReceiptClaimed",
      "Disputed",
      "Answered",
      "Settled",
      "Defaulted",
    );
    const parts: Promise<readonly Log[]>[] = [];
    for (let at = 0; at < deals.length; at += AT_ONCE)
      parts.push(this.#logs([selectors, deals.slice(at, at + AT_ONCE)]));
    const logs = (await Promise.all(parts)).flat();
    return Map.groupBy(logs, ({ event }) => ("deal" in event ? event.deal : ZERO_32));
  }

  async #deal(
    begun: Log & { readonly event: Beginning },
    later: readonly Log[],
    runningOnly: boolean,
  ): Promise<FoundDeal> {
    const { event, at, transaction, blockHash } = begun;
    const { deal: dealHash, buyer, seller, token, transcript, negotiation } = event;
    const price = event.type === "Committed" ? event.price : (event.terms?.price ?? null);
    const found = later.reduce<FoundDeal>(withEvent, {
      ...{ dealHash, buyer, seller, token, transcript, negotiation, price },
      ...{ deal: null, begunAt: at, evidence: null, payout: null, defaulted: null },
      history: [{ what: event.type, at, transaction }],
    });
    if (runningOnly && isOver(found)) return found;
    const carried = event.type === "Declared" ? event.terms : await this.#disclosed(dealHash, transaction, blockHash);
    return { ...found, deal: carried ?? (await this.#disclosedLater(dealHash, later)) };
  }

  /** A deal may have been committed by a contract that had kept it; those who act on it later mostly bring it along themselves. */
  async #disclosedLater(dealHash: Bytes32, later: readonly Log[]): Promise<Deal | null> {
    for (const { transaction, blockHash } of later) {
      const deal = await this.#disclosed(dealHash, transaction, blockHash);
      if (deal !== null) return deal;
    }
    return null;
  }

  async #disclosed(dealHash: Bytes32, hash: Bytes32, blockHash: Bytes32): Promise<Deal | null> {
    const input = await this.#input(hash, blockHash);
    return input === null ? null : findDeal(input, dealHash);
  }

  /** Nodes forget transactions' hashes sooner than blocks. */
  async #input(hash: Bytes32, blockHash: Bytes32): Promise<Hex | null> {
    const doing = "reading the transaction of a deal";
    const found = await ask(doing, () => this.#node.request<Carrier | null>("eth_getTransactionByHash", [hash]));
    if (found !== null) return found.input;
    const block = await ask(doing, () =>
      this.#node.request<{ readonly transactions: readonly Carrier[] } | null>("eth_getBlockByHash", [blockHash, true]),
    );
    return block?.transactions.find((one) => one.hash === hash)?.input ?? null;
  }

  async #logs(topics: LogTopics): Promise<readonly Log[]> {
    // All at once: few logs fit, and where a node takes no such range, it is halved until it does.
    const size = { firstSpan: Number.MAX_SAFE_INTEGER, mostBlocks: Number.MAX_SAFE_INTEGER };
    const blocks = new ChainBlocks(this.#node, this.#deployment, { ...size, topics });
    const head = await this.#head();
    const logs: Log[] = [];
    for (let from = 0; from <= head; ) {
      const span = await blocks.span(from, head);
      for (const { block, events } of span.blocks) logs.push(...events.map((one) => dated(one, block)));
      from = span.end.number + 1;
      // The node takes no such range: then what was before the contract isn't worth asking for in parts.
      if (from <= head) from = Math.max(from, await this.#firstBlock());
    }
    return logs;
  }

  /** 0 where the node can't tell any more. */
  #firstBlock(): Promise<number> {
    this.#first ??= firstBlockOf(this.#rpc, this.#deployment.settlement).catch((thrown: unknown) => {
      const error = chainError(thrown, "looking for the contract's first block");
      if (error.code === "ChainUnreachable") throw error;
      return 0;
    });
    return this.#first;
  }

  async #head(): Promise<number> {
    try {
      return Number(await this.#rpc.reads.getBlockNumber());
    } catch (thrown) {
      throw chainError(thrown, "reading the newest block");
    }
  }
}

/** Whether nothing can be done for it any more. */
export function isOver({ payout, defaulted }: Pick<FoundDeal, "payout" | "defaulted">): boolean {
  return payout !== null || defaulted !== null;
}

interface Carrier {
  readonly hash: Bytes32;
  readonly input: Hex;
}

function isBeginning(log: Log): log is Log & { readonly event: Beginning } {
  return log.event.type === "Committed" || log.event.type === "Declared";
}

function isOf(agent: AgentId, { buyer, seller }: Beginning): boolean {
  return agent === buyer || agent === seller;
}

function dated(event: LoggedEvent, { timestamp }: DatedBlock): Log {
  return { ...event, at: timestamp };
}

function withEvent(found: FoundDeal, { event, at, transaction }: Log): FoundDeal {
  const next = { ...found, history: [...found.history, { what: event.type, at, transaction }] };
  if (event.type === "Delivered") return { ...next, evidence: event.evidence };
  if (event.type === "Defaulted") return { ...next, defaulted: event.agent };
  if (event.type !== "Settled") return next;
  const { outcome, toBuyer, toSeller } = event;
  return { ...next, payout: { outcome, toBuyer, toSeller } };
}

function toTopic(agent: AgentId): Hex {
  return `0x${agent.toString(16).padStart(64, "0")}`;
}
