import type { BrokerAddress, Topic } from "./address.ts";
import type { BrokerSettings } from "./options.ts";

/**
 * One connection to a broker: all that channels need of it. Payloads are delivered at most once, in order for each pair of
 * publisher and topic as a rule; what the broker loses nevertheless, the layer above notices.
 */
export interface BrokerClient {
  /** Resolves once whatever is published to the topic is delivered. */
  subscribe(topic: Topic): Promise<void>;
  publish(topic: Topic, payload: Uint8Array): void;
  /** Publishes, and tells whether anybody has subscribed to the topic. True where the broker doesn't know. */
  reach(topic: Topic, payload: Uint8Array): Promise<boolean>;
  /** Leaves after all that was published. */
  close(): Promise<void>;
  /** Leaves at once. */
  terminate(): void;
}

/** What a connection to a broker tells its owner, never while it is being called. */
export interface BrokerListener {
  /** With the last part of the topic, which is what tells topics of one connection apart. */
  onMessage(part: string, payload: Uint8Array): void;
  /** Once, where the connection is lost after it was made, whoever wanted it. */
  onEnd(cause: unknown): void;
}

/** Connects to the broker of an address. Rejects with whatever is thrown there. */
export type OpenBroker = (
  address: BrokerAddress,
  settings: BrokerSettings,
  listener: BrokerListener,
) => Promise<BrokerClient>;
