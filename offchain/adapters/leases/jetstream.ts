import { setTimeout as pause } from "node:timers/promises";
import { JetStreamApiCodes, JetStreamApiError, jetstream } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Cell, Cells } from "./cells.ts";

export interface JetStreamCellsOptions {
  /** The servers, and how to identify to them: what NATS's client takes. */
  readonly connection: NodeConnectionOptions;
  /** The key-value bucket, the same for all nodes. */
  readonly bucket: string;
  /** On how many servers each cell is kept. Default: 3. */
  readonly replicas?: number;
  /** How long one question may take, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
  /** How long to try to open the bucket where nobody answers, as during an election, in milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
}

/** Between two attempts while nobody answers. */
const RETRY_MS = 100;

/** Cells in a key-value bucket of JetStream, replicated by Raft. */
export class JetStreamCells implements Cells {
  readonly #connection: NatsConnection;
  readonly #bucket: KV;
  readonly #name: string;

  private constructor(connection: NatsConnection, bucket: KV, name: string) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#name = name;
  }

  /** Connects, and makes the bucket where it doesn't exist. */
  static async open(options: JetStreamCellsOptions): Promise<JetStreamCells> {
    const { connection: how, bucket, replicas = 3, timeoutMs = 2_000 } = options;
    const { patienceMs = 10_000 } = options;
    let connection: NatsConnection | undefined;
    for (const start = performance.now(); ; await pause(RETRY_MS)) {
      try {
        connection ??= await connect({ ...how, timeout: timeoutMs, maxReconnectAttempts: -1 });
        const manager = new Kvm(jetstream(connection, { timeout: timeoutMs }));
        // Entries don't expire: servers remove old ones each by its own clock, and might then disagree on a compare-and-set. And
        // only the leader answers: another server may not have heard of the last change yet.
        const opened = await manager.create(bucket, { replicas, history: 1, allow_direct: false });
        return new JetStreamCells(connection, opened, bucket);
      } catch (thrown) {
        // Where two nodes make it at once, nobody answers the second until the servers have chosen who is to.
        if (performance.now() - start < patienceMs) continue;
        await connection?.close();
        throw unavailable(bucket, thrown);
      }
    }
  }

  async read(name: string): Promise<Cell | null> {
    const found = await this.#ask(() => this.#bucket.get(keyOf(name)));
    return found === null ? null : { text: found.string(), revision: found.revision };
  }

  /**
   * Servers before 2.9.21 may let two sets pass that expect the same revision. The later one then stands, so whoever is first
   * looks whether its own is still there. Should it look too early, it finds out at the next renewal, and the token, which is the
   * smaller one, keeps it from doing harm until then.
   */
  async set(name: string, text: string, expected: number): Promise<number | null> {
    const key = keyOf(name);
    const revision = await this.#ask(async () => {
      try {
        if (expected === 0) return await this.#bucket.create(key, text);
        return await this.#bucket.update(key, text, expected);
      } catch (thrown) {
        if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.StreamWrongLastSequence)
          return null;
        throw thrown;
      }
    });
    if (revision === null) return null;
    return (await this.read(name))?.revision === revision ? revision : null;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (thrown) {
      throw unavailable(this.#name, thrown);
    }
  }
}

/** A lease's name may be any text, a key may not. */
function keyOf(name: string): string {
  return `s${Buffer.from(name).toString("base64url")}`;
}

function unavailable(bucket: string, cause: unknown): ParleyError<"LeasesUnavailable"> {
  return new ParleyError(
    "LeasesUnavailable",
    `the leases in bucket ${bucket} can't be asked for: ${messageOf(cause)}`,
    {
      hint: "see that a majority of the NATS servers runs and can be reached",
      retryable: true,
      facts: { bucket },
      cause,
    },
  );
}
