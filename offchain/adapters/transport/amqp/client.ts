import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  connect,
  type Options,
} from "amqplib";
import type { BrokerAddress, Topic } from "../broker/address.ts";
import type { BrokerClient, BrokerListener } from "../broker/client.ts";
import { type BrokerSettings, nodeTls } from "../broker/options.ts";

/** Every broker has it, so that we need no right to declare one. */
const EXCHANGE = "amq.topic";

/** What the broker keeps for us while we don't read. What is more than that, it drops, eldest first. */
const QUEUE_BYTES = 64 << 20;

/** Larger messages come in several of these; a broker that sends larger ones breaks the protocol. */
const PART_BYTES = 1 << 17;

const QUEUE: Options.AssertQueue = {
  exclusive: true,
  autoDelete: true,
  durable: false,
  arguments: { "x-max-length-bytes": QUEUE_BYTES },
};

const MANDATORY: Options.Publish = { mandatory: true };

export interface AmqpSettings extends BrokerSettings {
  readonly virtualHost: string;
}

export async function openAmqp(
  address: BrokerAddress,
  settings: AmqpSettings,
  listener: BrokerListener,
): Promise<BrokerClient> {
  const { handshakeMs, tls } = settings;
  const leaving = new AbortController();
  // The signal is Node's: it destroys the socket, which the client itself keeps out of reach.
  const socket = { noDelay: true, timeout: handshakeMs, ...nodeTls(tls), signal: leaving.signal };
  const model = await connect(urlOf(address, settings), socket);
  // Whatever fails before there is somebody to tell is told by the calls below.
  model.on("error", () => undefined);
  const [channel, asking] = [await model.createChannel(), await model.createConfirmChannel()];
  const { queue } = await channel.assertQueue("", QUEUE);
  const client = new AmqpClient({ model, channel, asking, queue, leaving }, listener);
  await client.consume();
  return client;
}

interface Parts {
  readonly model: ChannelModel;
  readonly channel: Channel;
  /** Where the broker confirms each message, after it has returned those that nobody was to have. */
  readonly asking: ConfirmChannel;
  readonly queue: string;
  /** Aborted to leave at once. */
  readonly leaving: AbortController;
}

/** One queue of its own for each connection, which ends with it; topics are bound to it. */
class AmqpClient implements BrokerClient {
  readonly #parts: Parts;
  readonly #listener: BrokerListener;
  #reached = true;
  #isOpen = true;
  #cause: unknown = new Error("the broker hung up");

  constructor(parts: Parts, listener: BrokerListener) {
    this.#parts = parts;
    this.#listener = listener;
    const { model, channel, asking } = parts;
    for (const each of [model, channel, asking]) {
      each.on("error", (error: Error) => {
        this.#cause = error;
      });
    }
    // A channel that the broker closes, for want of a permission perhaps, is of no more use than none.
    for (const each of [channel, asking]) {
      each.on("close", () => {
        if (this.#isOpen) this.terminate();
      });
    }
    asking.on("return", () => {
      this.#reached = false;
    });
    model.on("close", () => {
      this.#isOpen = false;
      listener.onEnd(this.#cause);
    });
  }

  async consume(): Promise<void> {
    const { channel, queue } = this.#parts;
    await channel.consume(queue, (message) => this.#onMessage(message), { noAck: true, exclusive: true });
  }

  async subscribe(topic: Topic): Promise<void> {
    const { channel, queue } = this.#parts;
    await channel.bindQueue(queue, EXCHANGE, topic.join("."));
  }

  publish(topic: Topic, payload: Uint8Array): void {
    if (this.#isOpen) this.#parts.channel.publish(EXCHANGE, topic.join("."), asBuffer(payload));
  }

  reach(topic: Topic, payload: Uint8Array): Promise<boolean> {
    this.#reached = true;
    return new Promise((resolve, reject) => {
      this.#parts.asking.publish(EXCHANGE, topic.join("."), asBuffer(payload), MANDATORY, (error: unknown) => {
        if (error) reject(error);
        else resolve(this.#reached);
      });
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // What a channel has yet to write is lost if the connection is closed over it.
    await this.#parts.channel.close();
    await this.#parts.model.close();
  }

  terminate(): void {
    this.#isOpen = false;
    this.#parts.leaving.abort();
  }

  #onMessage(message: ConsumeMessage | null): void {
    // Null where the broker has deleted our queue.
    if (message === null) {
      this.terminate();
      return;
    }
    const { routingKey } = message.fields;
    this.#listener.onMessage(routingKey.slice(routingKey.lastIndexOf(".") + 1), message.content);
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function urlOf({ host, port, isSecure }: BrokerAddress, settings: AmqpSettings): Options.Connect {
  const { username, password, virtualHost, heartbeatMs } = settings;
  return {
    protocol: isSecure ? "amqps" : "amqp",
    hostname: host,
    port,
    vhost: encodeURIComponent(virtualHost),
    // Absent, both are what brokers let in from their own machine.
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    heartbeat: Math.ceil(heartbeatMs / 1_000),
    frameMax: PART_BYTES,
    maxFrameSize: PART_BYTES,
  };
}
