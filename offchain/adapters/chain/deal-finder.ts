import { type Address, type AgentId, type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deployment, Payout } from "../../ports/chain.ts";
import type { SettlementEvent } from "../../ports/settlement-events.ts";
import type { Deal } from "../../terms/deal.ts";
import type { LogTopics } from "./blocks.ts";
import { CarriedDeals } from "./carried-deals.ts";
import { type DatedEvent, LogReader, toTopic } from "./log-reader.ts";
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

type Beginning = Extract<SettlementEvent, { readonly type: "Committed" | "Declared" }>;

/** Hashes of deals that one question names. */
const AT_ONCE = 200;

/**
 * Finds the deals of one agent by the logs that name it, so that nothing has to be followed, and nothing but a node is needed: a
 * running agent's journals are its own.
 */
export class DealFinder {
  readonly #logs: LogReader;
  readonly #carried: CarriedDeals;

  constructor(rpc: Rpc, deployment: Deployment) {
    this.#logs = new LogReader(rpc, deployment);
    this.#carried = new CarriedDeals(rpc);
  }

  async ofAgent(agent: AgentId, search: Search = {}): Promise<readonly FoundDeal[]> {
    const { isMeant = () => true, runningOnly = false } = search;
    const us = toTopic(agent);
    const [committed, declared] = [selectorsOf("Committed"), selectorsOf("Declared")];
    // A declaration names only its declarer where it could be asked for; those of others are few.
    const queries: LogTopics[] = [[committed, null, us], [committed, null, null, us], [declared]];
    const begun = new Map<Bytes32, DatedEvent & { readonly event: Beginning }>();
    for (const logs of await Promise.all(queries.map((topics) => this.#logs.read(topics)))) {
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
  async #later(deals: readonly Bytes32[]): Promise<ReadonlyMap<Bytes32, readonly DatedEvent[]>> {
    const selectors = selectorsOf(
      "Cured",
      "Delivered",
      "ReceiptClaimed",
      "Disputed",
      "Answered",
      "Settled",
      "Defaulted",
    );
    const parts: Promise<readonly DatedEvent[]>[] = [];
    for (let at = 0; at < deals.length; at += AT_ONCE)
      parts.push(this.#logs.read([selectors, deals.slice(at, at + AT_ONCE)]));
    const logs = (await Promise.all(parts)).flat();
    return Map.groupBy(logs, ({ event }) => ("deal" in event ? event.deal : ZERO_32));
  }

  async #deal(
    begun: DatedEvent & { readonly event: Beginning },
    later: readonly DatedEvent[],
    runningOnly: boolean,
  ): Promise<FoundDeal> {
    const { event, at, transaction } = begun;
    const { deal: dealHash, buyer, seller, token, transcript, negotiation } = event;
    const price = event.type === "Committed" ? event.price : (event.terms?.price ?? null);
    const found = later.reduce<FoundDeal>(withEvent, {
      ...{ dealHash, buyer, seller, token, transcript, negotiation, price },
      ...{ deal: null, begunAt: at, evidence: null, payout: null, defaulted: null },
      history: [{ what: event.type, at, transaction }],
    });
    if (runningOnly && isOver(found)) return found;
    const carried = event.type === "Declared" ? event.terms : null;
    return { ...found, deal: carried ?? (await this.#carried.find(dealHash, [begun, ...later])) };
  }
}

/** Whether nothing can be done for it any more. */
export function isOver({ payout, defaulted }: Pick<FoundDeal, "payout" | "defaulted">): boolean {
  return payout !== null || defaulted !== null;
}

function isBeginning(log: DatedEvent): log is DatedEvent & { readonly event: Beginning } {
  return log.event.type === "Committed" || log.event.type === "Declared";
}

function isOf(agent: AgentId, { buyer, seller }: Beginning): boolean {
  return agent === buyer || agent === seller;
}

function withEvent(found: FoundDeal, { event, at, transaction }: DatedEvent): FoundDeal {
  const next = { ...found, history: [...found.history, { what: event.type, at, transaction }] };
  if (event.type === "Delivered") return { ...next, evidence: event.evidence };
  if (event.type === "Defaulted") return { ...next, defaulted: event.agent };
  if (event.type !== "Settled") return next;
  const { outcome, toBuyer, toSeller } = event;
  return { ...next, payout: { outcome, toBuyer, toSeller } };
}
