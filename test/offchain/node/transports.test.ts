import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { AmqpTransport } from "../../../offchain/adapters/transport/amqp/transport.ts";
import { GrpcTransport } from "../../../offchain/adapters/transport/grpc/transport.ts";
import { MqttTransport } from "../../../offchain/adapters/transport/mqtt/transport.ts";
import { NatsTransport } from "../../../offchain/adapters/transport/nats/transport.ts";
import { WebSocketTransport } from "../../../offchain/adapters/transport/websocket/transport.ts";
import { loadTransportOptions } from "../../../offchain/node/transport-config.ts";
import { AnyTransport, transportFor } from "../../../offchain/node/transports.ts";
import { Recorder } from "../../conformance/recorder.ts";

const KINDS = [
  ["ws", WebSocketTransport],
  ["wss", WebSocketTransport],
  ["grpc", GrpcTransport],
  ["grpcs", GrpcTransport],
  ["nats", NatsTransport],
  ["nats+tls", NatsTransport],
  ["mqtt", MqttTransport],
  ["mqtts", MqttTransport],
  ["amqp", AmqpTransport],
  ["amqps", AmqpTransport],
] as const;

describe("an address's transport", () => {
  for (const [scheme, Kind] of KINDS) {
    it(`is the one for ${scheme}:`, () => {
      assert.ok(transportFor(`${scheme}://127.0.0.1:1/name`, {}) instanceof Kind);
    });
  }

  it("is none for others, and it is said which there are", () => {
    for (const address of ["", "name", "http://host", "toString://host", "__proto__://host"]) {
      assert.throws(
        () => transportFor(address, {}),
        (error) => {
          return (
            error instanceof Error &&
            "code" in error &&
            error.code === "BadEndpoint" &&
            "hint" in error &&
            /ws:\/\/, .*amqps:\/\//.test(String(error.hint))
          );
        },
      );
    }
  });

  it("listens and connects as any other", async () => {
    const [here, there] = [new Recorder(), new Recorder()];
    const transport = new AnyTransport();
    const door = await transport.listen("grpc://127.0.0.1:0", there);
    const channel = transport.connect(door.address, here);
    await Promise.all([here.until("open", 1), there.until("open", 1)]);
    channel.close();
    await door.close();
    await assert.rejects(transport.listen("http://127.0.0.1:0", there), { code: "BadEndpoint" });
    assert.throws(() => transport.connect("http://127.0.0.1:0", here), { code: "BadEndpoint" });
  });

  it("loads its client only when it is used", async () => {
    const program = `
      import { createRequire } from "node:module";
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      await import(${JSON.stringify(new URL("../../../offchain/node/transports.ts", import.meta.url).href)});
      const has = (name) => loaded.some((url) => url.includes("/node_modules/" + name + "/"));
      console.log(JSON.stringify(["ws", "@grpc/grpc-js", "@nats-io/transport-node", "mqtt", "amqplib"].filter(has)));
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    assert.deepEqual([said.trim(), code], ['["ws"]', 0]);
  });
});

describe("what transports need besides addresses", () => {
  it("is fetched from files, and a file that is missing is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parley-transport-"));
    const file = (name: string) => join(folder, name);
    for (const name of ["password", "ca", "pem", "key"]) await writeFile(file(name), `${name}\n`);
    const none = { username: null, passwordFile: null, virtualHost: null, tls: null, seal: null };
    try {
      const tls = { authorities: file("ca"), certificate: file("pem"), key: file("key"), mutual: true };
      const config = {
        username: "me",
        passwordFile: file("password"),
        virtualHost: "/deals",
        tls,
        seal: "required",
      } as const;
      assert.deepEqual(await loadTransportOptions(config), {
        username: "me",
        password: "password",
        virtualHost: "/deals",
        seal: "required",
        tls: { authorities: "ca\n", certificate: "pem\n", key: "key\n", mutual: true },
      });
      assert.deepEqual(await loadTransportOptions(none), {});
      assert.deepEqual(await loadTransportOptions(null), {});
      const missing = loadTransportOptions({ ...none, passwordFile: file("nowhere") });
      await assert.rejects(missing, { code: "BadConfig", message: new RegExp(file("nowhere")) });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
