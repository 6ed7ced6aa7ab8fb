import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentProcess } from "../../offchain/cli/agent-process.ts";
import { type PriceStrategy, strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import type { AgentParts } from "../../offchain/node/agent.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { type DealTemplate, encodeProposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startProcess, startWithKeys } from "./keys.ts";

/** Both sides settle on what the buyer offers first. */
const STRATEGIES: Readonly<Record<"buyer" | "seller", PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 5_000n, limit: 5_000n, pace: 1 },
  seller: { kind: "time-dependent", from: 9_000n, limit: 4_000n, pace: 5 },
};

/** What a buyer wants besides what is usual. */
export interface Wish {
  readonly terms: JsonObject;
  readonly deal?: Partial<DealTemplate>;
}

/** An agent of the stage at work. */
export interface Acting {
  readonly agent: Awaited<ReturnType<typeof startWithKeys>>;
  readonly told: readonly AgentEvent[];
  /** Resolves with the first event that is so, also of those that were told before. */
  event<E extends AgentEvent["event"]>(
    name: E,
    isSo?: (event: Extract<AgentEvent, { event: E }>) => boolean,
  ): Promise<Extract<AgentEvent, { event: E }>>;
}

/** A chain with a buyer and a seller, whose journals and folders outlive their processes. */
export class DeliveryStage {
  readonly rehearsal: Rehearsal;
  readonly folder: string;
  readonly buyer: Participant;
  readonly seller: Participant;
  readonly #chain: EmbeddedChain;
  #running: Acting[] = [];
  readonly #apart: AgentProcess[] = [];

  private constructor(
    chain: EmbeddedChain,
    rehearsal: Rehearsal,
    folder: string,
    buyer: Participant,
    seller: Participant,
  ) {
    this.#chain = chain;
    this.rehearsal = rehearsal;
    this.folder = folder;
    this.buyer = buyer;
    this.seller = seller;
  }

  static async prepare(): Promise<DeliveryStage> {
    const chain = await startEmbeddedChain();
    const rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    const folder = await mkdtemp(join(tmpdir(), "parley-delivery-"));
    return new DeliveryStage(
      chain,
      rehearsal,
      folder,
      await rehearsal.enroll(100_000n),
      await rehearsal.enroll(100_000n),
    );
  }

  /** The chain's node. */
  get url(): string {
    return this.#chain.url;
  }

  /** Starts a seller that answers; `name` is of its journal. */
  sell(name: string, more: JsonObject): Promise<Acting> {
    return this.#start(name, this.seller, this.#selling(more));
  }

  /** Starts a buyer that opens, or goes on where its journal stands. */
  async buy(name: string, address: string, wish: Wish, more: JsonObject, parts: AgentParts = {}): Promise<Acting> {
    return await this.#start(name, this.buyer, await this.#buying(address, wish, more), parts);
  }

  /** What `buy` starts a buyer with. */
  async buyerConfig(name: string, address: string, wish: Wish, more: JsonObject): Promise<JsonObject> {
    return await this.#config(name, this.buyer, await this.#buying(address, wish, more));
  }

  /** The same in a process of its own, which can be killed. */
  sellApart(name: string, more: JsonObject): Promise<AgentProcess> {
    return this.#startApart(name, this.seller, this.#selling(more));
  }

  async buyApart(name: string, address: string, wish: Wish, more: JsonObject): Promise<AgentProcess> {
    return await this.#startApart(name, this.buyer, await this.#buying(address, wish, more));
  }

  async stop(acting: Acting): Promise<void> {
    this.#running = this.#running.filter((one) => one !== acting);
    await acting.agent.stop();
  }

  async stopAll(): Promise<void> {
    for (const acting of this.#running.splice(0)) await acting.agent.stop();
    for (const one of this.#apart.splice(0)) await one.stop();
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.#chain.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #selling(more: JsonObject): JsonObject {
    const respond = {
      ...{ role: "seller", token: this.rehearsal.token, mostBond: "100", arbitrators: "any" },
      strategy: strategyToJson(STRATEGIES.seller),
    };
    return { listen: "ws://127.0.0.1:0", respond, ...more };
  }

  async #buying(address: string, { terms, deal }: Wish, more: JsonObject): Promise<JsonObject> {
    const commitBy = (await this.rehearsal.chain.time()) + 3_600;
    const usual = proposalFor({ commitBy, rounds: 6, token: this.rehearsal.token });
    const proposal = encodeProposal({
      ...usual,
      deal: { ...usual.deal, ...deal },
      terms: { schema: "parley-terms/1", salt: usual.terms["salt"] ?? "", ...terms },
    });
    const open = {
      ...{ peer: this.seller.agent.toString(), address, proposal: JSON.parse(proposal) as JsonObject },
      strategy: strategyToJson(STRATEGIES.buyer),
    };
    return { open, ...more };
  }

  async #config(name: string, { agent, wallet }: Participant, more: JsonObject): Promise<JsonObject> {
    const keys = join(this.folder, `${agent}.keys.json`);
    await makeKeys(keys, wallet);
    return {
      ...{ agent: agent.toString(), rpc: this.#chain.url, deployment: { ...this.rehearsal.deployment }, keys },
      journal: join(this.folder, `${name}.sqlite`),
      ...more,
    };
  }

  async #startApart(name: string, participant: Participant, more: JsonObject): Promise<AgentProcess> {
    const file = join(this.folder, `${name}.json`);
    await writeFile(file, JSON.stringify(await this.#config(name, participant, more)));
    const started = startProcess(name, file);
    this.#apart.push(started);
    await started.event("ready");
    return started;
  }

  async #start(name: string, participant: Participant, more: JsonObject, parts: AgentParts = {}): Promise<Acting> {
    const config = parseAgentConfig(await this.#config(name, participant, more));
    const told: AgentEvent[] = [];
    const waiting = new Set<() => void>();
    const tell = (event: AgentEvent) => {
      told.push(event);
      for (const look of waiting) look();
    };
    const running = await startWithKeys(config, tell, parts);
    const acting: Acting = {
      agent: running,
      told,
      event: (wanted, isSo = () => true) =>
        new Promise((resolve) => {
          const look = () => {
            const found = told.find((one) => one.event === wanted && isSo(one as never));
            if (found === undefined) return;
            waiting.delete(look);
            resolve(found as never);
          };
          waiting.add(look);
          look();
        }),
    };
    this.#running.push(acting);
    return acting;
  }
}
