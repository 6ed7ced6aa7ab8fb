/** Brokers for tests: the one of this machine, or one of our own where its program is installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";

/** What is known of a broker's server. */
interface Kind {
  readonly program: string;
  /** Where Debian's package listens. */
  readonly port: number;
  /** What starts one at a port; absent where that takes more than a program. */
  readonly args?: (port: number) => readonly string[];
}

const KINDS = {
  nats: { program: "nats-server", port: 4222, args: (port) => ["-a", "127.0.0.1", "-p", String(port)] },
  mqtt: { program: "mosquitto", port: 1883, args: (port) => ["-p", String(port)] },
  amqp: { program: "rabbitmq-server", port: 5672 },
} as const satisfies Record<string, Kind>;

export type BrokerKind = keyof typeof KINDS;

export interface Broker {
  /** `host:port`, or null where there is no broker. */
  readonly place: string | null;
  /** Why there is none. */
  readonly missing: string;
  stop(): void;
}

const OURS: readonly string[] = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];

/** The broker that answers at its usual port, or one that is started for this test. */
export async function findBroker(name: BrokerKind): Promise<Broker> {
  const kind: Kind = KINDS[name];
  if (await answers(kind.port)) return { place: `127.0.0.1:${kind.port}`, missing: "", stop: () => undefined };
  const program = installed(name);
  if (program !== null && kind.args) return startServer(program, kind.args);
  const missing = `no broker answers at 127.0.0.1:${kind.port} (Debian's package has ${kind.program})`;
  // Left out where the program is missing, but not where it only needs to be started.
  if (program !== null && process.env["CI"] === "true") throw new Error(`${missing}, though it is installed: start it`);
  return { place: null, missing, stop: () => undefined };
}

/** Where the program of a broker is; null where it isn't. */
export function installed(name: BrokerKind): string | null {
  return OURS.map((folder) => `${folder}/${KINDS[name].program}`).find((path) => existsSync(path)) ?? null;
}

/** Starts a server at a free port; resolves once it answers. */
export async function startServer(program: string, args: (port: number) => readonly string[]): Promise<Broker> {
  const port = await freePort();
  const child: ChildProcess = spawn(program, args(port), { stdio: "ignore" });
  child.unref();
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ${args(port).join(" ")} ended with ${child.exitCode}`);
    await sleep(20);
  }
  return { place: `127.0.0.1:${port}`, missing: "", stop: () => child.kill() };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
