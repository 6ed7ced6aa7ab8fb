import { type AmqpOptions, AmqpTransport } from "../adapters/transport/amqp/transport.ts";
import type { GrpcOptions } from "../adapters/transport/grpc/options.ts";
import { GrpcTransport } from "../adapters/transport/grpc/transport.ts";
import { MqttTransport } from "../adapters/transport/mqtt/transport.ts";
import { NatsTransport } from "../adapters/transport/nats/transport.ts";
import type { WebSocketOptions } from "../adapters/transport/websocket/options.ts";
import { WebSocketTransport } from "../adapters/transport/websocket/transport.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Channel, ChannelListener, Listening, Transport } from "../ports/transport.ts";

/** What every transport can be told; each takes what concerns it. */
export type AnyTransportOptions = GrpcOptions &
  AmqpOptions & {
    /** What only WebSockets have, and their TLS: `tls` beside this is for all others. */
    readonly webSocket?: Pick<WebSocketOptions, "tls" | "authenticator" | "authorize">;
  };

type Make = (options: AnyTransportOptions) => Transport;

const webSocket: Make = (options) => new WebSocketTransport({ ...options, tls: null, ...options.webSocket });
const grpc: Make = (options) => new GrpcTransport(options);
const nats: Make = (options) => new NatsTransport(options);
const mqtt: Make = (options) => new MqttTransport(options);
const amqp: Make = (options) => new AmqpTransport(options);

/** What carries frames to which addresses. Their clients are loaded when they are first used, so none costs any start-up. */
const KINDS: Readonly<Record<string, Make>> = {
  "ws:": webSocket,
  "wss:": webSocket,
  "grpc:": grpc,
  "grpcs:": grpc,
  "nats:": nats,
  "nats+tls:": nats,
  "mqtt:": mqtt,
  "mqtts:": mqtt,
  "amqp:": amqp,
  "amqps:": amqp,
};

/** As addresses of some transport begin, for people. */
export const ADDRESS_BEGINNINGS = Object.keys(KINDS)
  .map((scheme) => `${scheme}//`)
  .join(", ");

/** Whether some transport is for an address, by its scheme. */
export function hasTransport(address: string): boolean {
  return makerFor(address) !== undefined;
}

function makerFor(address: string): Make | undefined {
  const scheme = schemeOf(address);
  return Object.hasOwn(KINDS, scheme) ? KINDS[scheme] : undefined;
}

function schemeOf(address: string): string {
  return URL.parse(address)?.protocol ?? "";
}

/** The transport that an address is for. */
export function transportFor(address: string, options: AnyTransportOptions): Transport {
  const make = makerFor(address);
  if (make !== undefined) return make(options);
  throw new ParleyError(
    "BadEndpoint",
    `no transport is known for an address that begins with '${schemeOf(address).slice(0, 20)}'`,
    {
      hint: `begin it with one of ${ADDRESS_BEGINNINGS}`,
    },
  );
}

/** Listens and connects at any address that some transport is for. */
export class AnyTransport implements Transport {
  readonly #options: AnyTransportOptions;

  constructor(options: AnyTransportOptions = {}) {
    this.#options = options;
  }

  async listen(address: string, listener: ChannelListener): Promise<Listening> {
    return transportFor(address, this.#options).listen(address, listener);
  }

  connect(address: string, listener: ChannelListener): Channel {
    return transportFor(address, this.#options).connect(address, listener);
  }
}
