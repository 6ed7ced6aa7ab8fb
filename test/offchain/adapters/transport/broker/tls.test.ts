import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { createServer } from "node:tls";
import { AmqpTransport } from "../../../../../offchain/adapters/transport/amqp/transport.ts";
import type { BrokerOptions } from "../../../../../offchain/adapters/transport/broker/options.ts";
import { MqttTransport } from "../../../../../offchain/adapters/transport/mqtt/transport.ts";
import { NatsTransport } from "../../../../../offchain/adapters/transport/nats/transport.ts";
import type { Transport } from "../../../../../offchain/ports/transport.ts";
import { type Broker, type BrokerKind, findBroker, installed, startServer } from "../../../../conformance/brokers.ts";
import { makeAuthority } from "../../../../conformance/certificates.ts";
import { Recorder } from "../../../../conformance/recorder.ts";

const authority = makeAuthority("authority");
const server = authority.issue("broker");
const tls = { authorities: authority.certificate };
const stranger = { authorities: makeAuthority("somebody else").certificate };

/** Speaks TLS for a broker that doesn't. */
async function behindTls(place: string): Promise<Broker> {
  const { hostname, port } = new URL(`tcp://${place}`);
  const proxy = createServer({ cert: server.certificate, key: server.key }, (socket) => {
    const onward = connectTcp(Number(port), hostname);
    socket.pipe(onward).pipe(socket);
    socket.on("error", () => onward.destroy()).on("close", () => onward.destroy());
    onward.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  });
  proxy.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const bound = proxy.address();
  assert.ok(typeof bound === "object" && bound !== null);
  return { place: `127.0.0.1:${bound.port}`, missing: "", stop: () => proxy.close() };
}

/** A broker at which one has to be somebody, and to speak TLS. */
async function natsWithTls(): Promise<Broker> {
  const program = installed("nats");
  if (program === null) return { place: null, missing: "nats-server is not installed", stop: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "parley-nats-"));
  writeFileSync(join(folder, "cert.pem"), server.certificate);
  writeFileSync(join(folder, "key.pem"), server.key);
  const secure = ["--tls", "--tlscert", join(folder, "cert.pem"), "--tlskey", join(folder, "key.pem")];
  const broker = await startServer(program, (port) => {
    return ["-a", "127.0.0.1", "-p", String(port), "--user", "parley", "--pass", "swordfish", ...secure];
  });
  rmSync(folder, { recursive: true });
  return broker;
}

async function tlsBefore(kind: BrokerKind): Promise<Broker> {
  const broker = await findBroker(kind);
  if (broker.place === null) return broker;
  const proxy = await behindTls(broker.place);
  const stop = () => {
    proxy.stop();
    broker.stop();
  };
  return { ...proxy, stop };
}

interface Case {
  readonly scheme: string;
  readonly broker: Broker;
  readonly known: { readonly username: string; readonly password: string };
  readonly transport: (options: BrokerOptions) => Transport;
  /** Whether this broker asks who we are. */
  readonly asks: boolean;
}

const guest = { username: "guest", password: "guest" };
const CASES: readonly Case[] = [
  {
    scheme: "nats+tls",
    broker: await natsWithTls(),
    known: { username: "parley", password: "swordfish" },
    transport: (options) => new NatsTransport(options),
    asks: true,
  },
  {
    scheme: "mqtts",
    broker: await tlsBefore("mqtt"),
    known: guest,
    transport: (options) => new MqttTransport(options),
    asks: false,
  },
  {
    scheme: "amqps",
    broker: await tlsBefore("amqp"),
    known: guest,
    transport: (options) => new AmqpTransport(options),
    asks: true,
  },
];

for (const { scheme, broker, known, transport, asks } of CASES) {
  after(() => broker.stop());

  describe(`a broker at ${scheme}:`, { skip: broker.place === null ? broker.missing : false }, () => {
    const address = `${scheme}://${broker.place?.replace("127.0.0.1", "localhost")}/test.tls`;
    let opened: (() => unknown)[];

    beforeEach(() => {
      opened = [];
    });

    afterEach(async () => {
      for (const close of opened.reverse()) await close();
    });

    it("carries frames for those whom it knows, and who trust it", async () => {
      const [here, there] = [new Recorder(), new Recorder()];
      const door = await transport({ tls, ...known }).listen(address, there);
      opened.push(() => door.close());
      const channel = transport({ tls, ...known }).connect(address, here);
      opened.push(() => channel.close());
      await there.until("open", 1);
      channel.send(Uint8Array.of(1));
      await there.until("frame", 1);
      assert.deepEqual(there.numbers, [1]);
    });

    it("is not spoken to by who doesn't trust it", async () => {
      const refused = { code: "AddressUnavailable" };
      await assert.rejects(transport({ tls: stranger, ...known }).listen(address, new Recorder()), refused);
      await assert.rejects(transport({ ...known }).listen(address, new Recorder()), refused);
    });

    it("lets in nobody whom it doesn't know, and no password is told", { skip: !asks }, async () => {
      const unknown = { ...known, password: "sturgeon" };
      await assert.rejects(transport({ tls, ...unknown }).listen(address, new Recorder()), (error) => {
        return (
          error instanceof Error &&
          "code" in error &&
          error.code === "AddressUnavailable" &&
          !/sturgeon/.test(JSON.stringify(error))
        );
      });
    });
  });
}
