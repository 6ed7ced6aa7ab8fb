import { randomBytes } from "node:crypto";
import { after } from "node:test";
import { AmqpTransport } from "../../offchain/adapters/transport/amqp/transport.ts";
import type { TransportOptions } from "../../offchain/adapters/transport/common/options.ts";
import { GrpcTransport } from "../../offchain/adapters/transport/grpc/transport.ts";
import { MemoryHub } from "../../offchain/adapters/transport/memory/hub.ts";
import { MemoryTransport } from "../../offchain/adapters/transport/memory/transport.ts";
import { MqttTransport } from "../../offchain/adapters/transport/mqtt/transport.ts";
import { NatsTransport } from "../../offchain/adapters/transport/nats/transport.ts";
import { WebSocketTransport } from "../../offchain/adapters/transport/websocket/transport.ts";
import type { Transport } from "../../offchain/ports/transport.ts";
import { type BrokerKind, findBroker } from "./brokers.ts";
import { transportConformance } from "./transport.ts";
import { networkConformance } from "./transport-network.ts";

const hub = new MemoryHub();
let transports = 0;
let addresses = 0;

transportConformance("memory", {
  transport: () => new MemoryTransport(hub, `transport ${transports++}`),
  address: () => `address ${addresses++}`,
});

type Kind = new (options?: TransportOptions) => Transport;

function conformance(name: string, Kind: Kind, folder: string, address: () => string, skip?: string): void {
  const module = { file: `${folder}/transport.ts`, name: Kind.name };
  const reason = skip === undefined ? {} : { skip };
  transportConformance(name, {
    transport: () => new Kind({ firstRetryMs: 2, lastRetryMs: 20 }),
    address,
    ...reason,
  });
  networkConformance(name, { transport: (options) => new Kind(options), address, module, ...reason });
}

conformance("websocket", WebSocketTransport, "websocket", () => "ws://127.0.0.1:0");
conformance("grpc", GrpcTransport, "grpc", () => "grpc://127.0.0.1:0");

const BROKERS: readonly (readonly [kind: BrokerKind, Kind: Kind])[] = [
  ["nats", NatsTransport],
  ["mqtt", MqttTransport],
  ["amqp", AmqpTransport],
];

for (const [kind, Kind] of BROKERS) {
  const broker = await findBroker(kind);
  after(() => broker.stop());
  const address = () => `${kind}://${broker.place ?? "127.0.0.1:1"}/test.${randomBytes(8).toString("hex")}`;
  conformance(kind, Kind, kind, address, broker.place === null ? broker.missing : undefined);
}
