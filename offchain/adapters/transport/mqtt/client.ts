import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { connectAsync, type IClientOptions, type MqttClient as Mqtt, type Packet } from "mqtt";
import { ANY, type BrokerAddress, type Topic } from "../broker/address.ts";
import type { BrokerClient, BrokerListener } from "../broker/client.ts";
import { type BrokerSettings, MAX_PAYLOAD_BYTES, nodeTls } from "../broker/options.ts";

/** Version 5 says whether anybody was reached, and lets a client bound what it is sent. */
const PROTOCOL_VERSION = 5;

/** "No matching subscribers": what a publication was acknowledged with. */
const NOBODY = 16;

/** What a packet has besides its payload: the topic, above all. */
const PACKET_BYTES = 1_024;

const QUALITY = {
  /** At most once: the layer above counts, and whatever is lost is asked for by those who deal. */
  any: { qos: 0 },
  /** At least once: the broker answers. */
  acknowledged: { qos: 1 },
} as const;

export async function openMqtt(
  address: BrokerAddress,
  settings: BrokerSettings,
  listener: BrokerListener,
): Promise<BrokerClient> {
  const client = await connectAsync(optionsFor(address, settings));
  // Frames are small and answered; they must not wait for each other.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  return new MqttClient(client, listener);
}

class MqttClient implements BrokerClient {
  readonly #client: Mqtt;
  #reached = true;

  constructor(client: Mqtt, listener: BrokerListener) {
    this.#client = client;
    let cause = new Error("the broker hung up");
    client.on("message", (topic, payload) => listener.onMessage(topic.slice(topic.lastIndexOf("/") + 1), payload));
    client.on("packetreceive", (packet) => this.#onPacket(packet));
    client.on("error", (error) => {
      cause = error;
    });
    client.once("close", () => listener.onEnd(cause));
  }

  async subscribe(topic: Topic): Promise<void> {
    await this.#client.subscribeAsync(nameOf(topic), QUALITY.any);
  }

  publish(topic: Topic, payload: Uint8Array): void {
    if (this.#client.connected) this.#client.publish(nameOf(topic), asBuffer(payload), QUALITY.any);
  }

  async reach(topic: Topic, payload: Uint8Array): Promise<boolean> {
    this.#reached = true;
    await this.#client.publishAsync(nameOf(topic), asBuffer(payload), QUALITY.acknowledged);
    return this.#reached;
  }

  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  terminate(): void {
    this.#client.end(true);
  }

  #onPacket(packet: Packet): void {
    if (packet.cmd === "puback") this.#reached = packet.reasonCode !== NOBODY;
  }
}

function nameOf(topic: Topic): string {
  return topic.map((part) => (part === ANY ? "+" : part)).join("/");
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function optionsFor(address: BrokerAddress, settings: BrokerSettings): IClientOptions {
  const { username, password, heartbeatMs, handshakeMs } = settings;
  return {
    protocol: address.isSecure ? "mqtts" : "mqtt",
    host: address.host,
    port: address.port,
    protocolVersion: PROTOCOL_VERSION,
    clientId: `parley-${randomBytes(12).toString("hex")}`,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...nodeTls(settings.tls),
    properties: { maximumPacketSize: MAX_PAYLOAD_BYTES + PACKET_BYTES },
    // Whoever lost a connection has lost what was under way, and begins anew.
    reconnectPeriod: 0,
    clean: true,
    queueQoSZero: false,
    connectTimeout: handshakeMs,
    keepalive: Math.ceil(heartbeatMs / 1_000),
  };
}
