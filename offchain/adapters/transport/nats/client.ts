import { type ConnectionOptions, connect, createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { BrokerAddress, Topic } from "../broker/address.ts";
import type { BrokerClient, BrokerListener } from "../broker/client.ts";
import { type BrokerSettings, nodeTls } from "../broker/options.ts";
import { formatEndpoint } from "../common/address.ts";

/** What a server answers in place of a subscriber where there is none. */
const NO_RESPONDERS = 503;

export async function openNats(
  address: BrokerAddress,
  settings: BrokerSettings,
  listener: BrokerListener,
): Promise<BrokerClient> {
  const connection = await connect(optionsFor(address, settings));
  return new NatsClient(connection, listener);
}

class NatsClient implements BrokerClient {
  readonly #connection: NatsConnection;
  readonly #listener: BrokerListener;
  /** Where the server answers that nobody was reached. */
  readonly #nobody: string;
  #reached = true;
  /** What the server refused to do last. It goes on without a word to who asked. */
  #refused: Error | null = null;

  constructor(connection: NatsConnection, listener: BrokerListener) {
    this.#connection = connection;
    this.#listener = listener;
    this.#nobody = createInbox();
    connection.subscribe(this.#nobody, { callback: (_error, message) => this.#onNobody(message) });
    connection.closed().then(
      (cause) => listener.onEnd(this.#refused ?? (cause instanceof Error ? cause : new Error("the server hung up"))),
      (cause) => listener.onEnd(cause),
    );
    void this.#watch();
  }

  async subscribe(topic: Topic): Promise<void> {
    this.#connection.subscribe(topic.join("."), { callback: (error, message) => this.#onMessage(error, message) });
    await this.#connection.flush();
    if (this.#refused) throw this.#refused;
  }

  publish(topic: Topic, payload: Uint8Array): void {
    if (this.#isOpen) this.#connection.publish(topic.join("."), payload);
  }

  /** The server's answer comes before that to a flush, since it works in order. */
  async reach(topic: Topic, payload: Uint8Array): Promise<boolean> {
    this.#reached = true;
    this.#connection.publish(topic.join("."), payload, { reply: this.#nobody });
    await this.#connection.flush();
    if (this.#refused) throw this.#refused;
    return this.#reached;
  }

  async close(): Promise<void> {
    if (this.#isOpen) await this.#connection.drain();
  }

  terminate(): void {
    void this.#connection.close().catch(() => undefined);
  }

  get #isOpen(): boolean {
    return !this.#connection.isClosed() && !this.#connection.isDraining();
  }

  #onMessage(error: Error | null, message: Msg): void {
    if (error) {
      this.#refused = error;
      this.terminate();
      return;
    }
    const { subject, data } = message;
    this.#listener.onMessage(subject.slice(subject.lastIndexOf(".") + 1), data);
  }

  #onNobody({ headers }: Msg): void {
    if (headers?.code === NO_RESPONDERS) this.#reached = false;
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "error") this.#refused = status.error;
    }
  }
}

function optionsFor(address: BrokerAddress, settings: BrokerSettings): ConnectionOptions {
  const { username, password, heartbeatMs, handshakeMs } = settings;
  return {
    servers: formatEndpoint(address),
    name: "parley",
    ...(username === undefined ? {} : { user: username }),
    ...(password === undefined ? {} : { pass: password }),
    ...(address.isSecure ? { tls: nodeTls(settings.tls) } : {}),
    // Whoever lost a connection has lost what was under way, and begins anew.
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: handshakeMs,
    pingInterval: heartbeatMs,
    maxPingOut: 2,
  };
}
