/** Three real NATS servers for the tests that need them: JetStream replicated by Raft, on this machine alone. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Where distributions put programs that users rarely call. */
const SEARCHED = ["nats-server", "/usr/sbin/nats-server", "/usr/local/bin/nats-server"];

const PROGRAM = SEARCHED.find((program) => spawnSync(program, ["--version"]).status === 0);

/** Why the tests that need NATS are left out; false where they run. */
export const SKIP_NATS: string | false =
  PROGRAM === undefined ? "the program nats-server is not installed, so JetStream can't be tested here" : false;

const SERVERS = 3;

/** Kills the server once its input ends: when a test asks for it, and when the tests end, however they do. */
const LIVE_WITH_US = '"$0" "$@" & server=$!; read -r _; kill -9 $server';

/** Longer than an election takes, and than a machine that is busy with other things makes of it. */
const PATIENCE_MS = 120_000;

/** How long whatever is tested should wait, where it isn't tested how long it waits. */
export const PATIENT = { timeoutMs: 3_000, patienceMs: PATIENCE_MS } as const;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly config: string;
  process: ChildProcess | null;
}

export class NatsCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), "parley-nats-"));
  readonly #servers: Server[] = [];

  /** Resolves once the three have found each other and agreed on a leader. */
  static async start(): Promise<NatsCluster> {
    const cluster = new NatsCluster();
    try {
      await cluster.#configure();
      for (const server of cluster.#servers) cluster.#run(server);
      await cluster.#ready();
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
    return cluster;
  }

  get addresses(): string[] {
    return this.#servers.map(addressOf);
  }

  /** Who leads a stream at present. */
  async leaderOf(stream: string): Promise<string> {
    return this.#manage(async (manager) => {
      const leader = (await manager.streams.info(stream)).cluster?.leader;
      if (!leader) throw new Error(`stream ${stream} has no leader`);
      return leader;
    });
  }

  /** Ends a server as a crash would; null ends all of them. */
  async kill(name: string | null): Promise<void> {
    const named = this.#servers.filter((server) => name === null || server.name === name);
    await Promise.all(named.map(end));
  }

  /** Starts whatever was killed, with what it had on disk. */
  async revive(): Promise<void> {
    for (const server of this.#servers) if (server.process === null) this.#run(server);
    await this.#ready();
  }

  /** Waits until no replica of a stream lags behind. */
  async settled(stream: string): Promise<void> {
    await this.#until(`stream ${stream} is the same on all servers`, async (manager) => {
      const { cluster } = await manager.streams.info(stream);
      return cluster?.replicas?.every(({ current, offline }) => current && !offline) === true;
    });
  }

  /** Removes a stream with all that it holds. */
  async remove(stream: string): Promise<void> {
    await this.#manage((manager) => manager.streams.delete(stream));
  }

  async stop(): Promise<void> {
    await this.kill(null);
    rmSync(this.#directory, { recursive: true });
  }

  async #configure(): Promise<void> {
    const ports = await freePorts(2 * SERVERS);
    const routes = ports.slice(SERVERS).map((port) => `nats://127.0.0.1:${port}`);
    for (const [at, port] of ports.slice(0, SERVERS).entries()) {
      const name = `server-${at}`;
      const config = join(this.#directory, `${name}.conf`);
      const text = `
        server_name: ${name}
        listen: "127.0.0.1:${port}"
        max_payload: 4MB
        jetstream { store_dir: ${JSON.stringify(join(this.#directory, name))} }
        cluster { name: parley, listen: "127.0.0.1:${ports[SERVERS + at]}", routes: ${JSON.stringify(routes)} }
        logfile: ${JSON.stringify(join(this.#directory, `${name}.log`))}
      `;
      writeFileSync(config, text);
      this.#servers.push({ name, port, config, process: null });
    }
  }

  #run(server: Server): void {
    const program = [PROGRAM ?? "nats-server", "-c", server.config];
    server.process = spawn("sh", ["-c", LIVE_WITH_US, ...program], { stdio: ["pipe", "ignore", "ignore"] });
  }

  async #ready(): Promise<void> {
    await this.#until("three servers form a cluster", async (manager) => {
      // A stream on all three is the proof that all three take part.
      const stream = "READY";
      await manager.streams.add({ name: stream, subjects: ["ready"], num_replicas: SERVERS });
      const { cluster } = await manager.streams.info(stream);
      return cluster?.replicas?.length === SERVERS - 1 && cluster.replicas.every(({ current }) => current);
    });
  }

  async #until(says: string, check: (manager: JetStreamManager) => Promise<boolean>): Promise<void> {
    let reason: unknown = "no";
    for (const start = performance.now(); performance.now() - start < PATIENCE_MS; await wait(50)) {
      const isSo = await this.#manage(check).catch((thrown: unknown) => {
        reason = thrown;
        return false;
      });
      if (isSo) return;
    }
    const logs = this.#servers.map(({ name }) =>
      readFileSync(join(this.#directory, `${name}.log`), "utf8").slice(-2_000),
    );
    throw new Error(`waited in vain until ${says}: ${String(reason)}\n${logs.join("\n")}`);
  }

  async #manage<T>(ask: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: this.addresses, reconnect: false, timeout: 5_000 });
    try {
      return await ask(await jetstreamManager(connection, { timeout: 5_000, checkAPI: false }));
    } finally {
      await connection.close();
    }
  }
}

function addressOf({ port }: Server): string {
  return `127.0.0.1:${port}`;
}

async function end(server: Server): Promise<void> {
  const { process: child } = server;
  server.process = null;
  if (child === null || child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  await ended;
}

/**
 * Ports that are free now; held until all are known, so that no two are the same. They lie below those that the system gives out by itself:
 * a server that was killed needs its own again, and in between everybody's connections take any of the others.
 */
async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, NetServer>();
  while (held.size < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (held.has(port)) continue;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (isFree) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => once(server.close(), "close")));
  return [...held.keys()];
}

const [LOWEST_PORT, HIGHEST_PORT] = [15_000, 32_000];
