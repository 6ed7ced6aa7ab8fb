/** A broker inside the process: delivers in order, and does to messages what a test wants. */
import { setImmediate as soon } from "node:timers/promises";
import { ANY, type BrokerForm, type Topic } from "../../../../../offchain/adapters/transport/broker/address.ts";
import type {
  BrokerClient,
  BrokerListener,
  OpenBroker,
} from "../../../../../offchain/adapters/transport/broker/client.ts";
import type { BrokerOptions } from "../../../../../offchain/adapters/transport/broker/options.ts";
import { BrokerTransport } from "../../../../../offchain/adapters/transport/broker/transport.ts";

const FORM: BrokerForm = {
  what: "a name at a hub",
  plain: { protocol: "hub:", port: 1 },
  secure: { protocol: "hubs:", port: 2 },
};

/** What becomes of a message: nothing, itself, others in its place. */
export type Tamper = (topic: string, payload: Uint8Array) => readonly Uint8Array[];

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export class Hub {
  /** All that was published, in order. */
  readonly published: Message[] = [];
  tamper: Tamper = (_topic, payload) => [payload];
  /** Why nobody can connect at present. */
  outage: Error | null = null;
  readonly #guests = new Set<HubClient>();
  /** Published, and not delivered yet. */
  #underWay = 0;

  transport(options: BrokerOptions = {}): BrokerTransport {
    return new BrokerTransport(FORM, { firstRetryMs: 2, lastRetryMs: 20, ...options }, this.open);
  }

  /** Any user of the broker. */
  readonly open: OpenBroker = async (_address, _settings, listener) => {
    await soon();
    if (this.outage) throw this.outage;
    const client = new HubClient(this, listener);
    this.#guests.add(client);
    return client;
  };

  /** Whoever has subscribed to it gets what is published, and so does nobody else. */
  publish(topic: string, payload: Uint8Array): void {
    this.published.push({ topic, payload });
    for (const arriving of this.tamper(topic, payload)) void this.#deliver(topic, Uint8Array.from(arriving));
  }

  reaches(topic: string): boolean {
    return [...this.#guests].some((guest) => guest.hears(topic));
  }

  /** Hangs up on everybody. */
  restart(): void {
    for (const guest of this.#guests) guest.end(new Error("the hub restarts"));
  }

  left(client: HubClient): void {
    this.#guests.delete(client);
  }

  /** Lets everybody work until nothing is under way any more. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3; still++) {
      await soon();
      if (this.#underWay > 0) still = -1;
    }
  }

  async #deliver(topic: string, payload: Uint8Array): Promise<void> {
    this.#underWay++;
    await soon();
    this.#underWay--;
    for (const guest of this.#guests) if (guest.hears(topic)) guest.receive(topic, payload);
  }
}

class HubClient implements BrokerClient {
  readonly #hub: Hub;
  readonly #listener: BrokerListener;
  readonly #topics: Topic[] = [];
  #isOpen = true;

  constructor(hub: Hub, listener: BrokerListener) {
    this.#hub = hub;
    this.#listener = listener;
  }

  async subscribe(topic: Topic): Promise<void> {
    await soon();
    this.#topics.push(topic);
  }

  publish(topic: Topic, payload: Uint8Array): void {
    if (this.#isOpen) this.#hub.publish(topic.join("/"), payload);
  }

  async reach(topic: Topic, payload: Uint8Array): Promise<boolean> {
    const isThere = this.#hub.reaches(topic.join("/"));
    this.publish(topic, payload);
    await soon();
    return isThere;
  }

  async close(): Promise<void> {
    this.terminate();
  }

  terminate(): void {
    queueMicrotask(() => this.end(new Error("it has left")));
  }

  end(cause: Error): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#hub.left(this);
    this.#listener.onEnd(cause);
  }

  hears(topic: string): boolean {
    const parts = topic.split("/");
    return this.#topics.some((known) => {
      return known.length === parts.length && known.every((part, at) => part === ANY || part === parts[at]);
    });
  }

  receive(topic: string, payload: Uint8Array): void {
    if (this.#isOpen) this.#listener.onMessage(topic.slice(topic.lastIndexOf("/") + 1), payload);
  }
}
