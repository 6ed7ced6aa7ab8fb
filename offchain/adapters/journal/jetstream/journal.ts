import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Doubt, Durability, SharedJournal } from "../../../ports/journal.ts";
import type { Witness } from "../../../ports/witness.ts";
import { Doubts } from "./doubts.ts";
import { conflict, journalError, leaseLost, tooLarge } from "./errors.ts";
import type { Standing } from "./history.ts";
import { SubjectLog } from "./log.ts";
import { Subjects } from "./names.ts";
import { patiently } from "./patience.ts";
import { ensureStream } from "./stream.ts";
import { Writes } from "./writes.ts";

export interface JetStreamJournalOptions {
  /** The servers, and how to identify to them: what NATS's client takes. */
  readonly connection: NodeConnectionOptions;
  /** The journal's name, which is the name of its stream too: one for each agent. */
  readonly journal: string;
  /** On how many servers each record is kept. Default: 3; with fewer, the loss of a server can lose records. */
  readonly replicas?: number;
  /** How long one question may take, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
  /** How long to try again where nobody answers, as during an election, in milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
  /** Notices that the servers have lost what they had acknowledged to this node; the journal closes it. */
  readonly witness?: Witness;
}

/** Streams whose state is asked for at once. */
const AT_ONCE = 64;

/** What headers take of the servers' limit for a message. */
const HEADER_BYTES = 1_024;

/**
 * The journal in a JetStream stream, a subject for each of the journal's streams, replicated by Raft and shared by many nodes.
 * Both durabilities mean the same here: a majority of the servers has the record, which survives any of them, but not the loss
 * of power of all at once: see docs/decisions/2026-11-21-journal.md.
 */
export class JetStreamJournal implements SharedJournal {
  readonly #journal: string;
  readonly #connection: NatsConnection;
  readonly #subjects: Subjects;
  readonly #log: SubjectLog;
  readonly #writes: Writes;
  readonly #doubts: Doubts;
  /** The tokens that this instance has fenced streams with. */
  readonly #tokens = new Map<string, number>();
  /** What each stream's next call waits for. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #closed = false;

  private constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    subjects: Subjects,
    options: JetStreamJournalOptions,
  ) {
    const { journal, timeoutMs = TIMEOUT_MS, patienceMs = PATIENCE_MS, witness } = options;
    this.#journal = journal;
    this.#connection = connection;
    this.#subjects = subjects;
    this.#log = new SubjectLog(jetstream(connection, { timeout: timeoutMs }), manager, journal, timeoutMs);
    this.#writes = new Writes(this.#log, journal, patienceMs);
    this.#doubts = new Doubts({ journal, subjects, log: this.#log, writes: this.#writes, witness });
  }

  /** Connects, and makes the stream where it doesn't exist. Rejects with `JournalMisconfigured` where it could lose records. */
  static async open(options: JetStreamJournalOptions): Promise<JetStreamJournal> {
    const { journal, patienceMs = PATIENCE_MS } = options;
    const subjects = new Subjects(journal);
    const connection = await patiently(journal, patienceMs, () =>
      connect({ ...options.connection, timeout: options.timeoutMs ?? TIMEOUT_MS, maxReconnectAttempts: -1 }),
    );
    try {
      return await patiently(journal, patienceMs, () => JetStreamJournal.#on(connection, subjects, options));
    } catch (thrown) {
      await connection.close();
      throw thrown;
    }
  }

  static async #on(
    connection: NatsConnection,
    subjects: Subjects,
    options: JetStreamJournalOptions,
  ): Promise<JetStreamJournal> {
    const { journal, replicas = 3, timeoutMs = TIMEOUT_MS } = options;
    const manager = await jetstreamManager(connection, { timeout: timeoutMs });
    await ensureStream(manager, journal, subjects, replicas);
    const opened = new JetStreamJournal(connection, manager, subjects, options);
    await opened.#doubts.open(await manager.streams.info(journal));
    return opened;
  }

  append(stream: string, index: number, record: Uint8Array, _durability: Durability): Promise<void> {
    const data = new Uint8Array(record);
    return this.#inTurn(stream, async (subject) => {
      if (data.length + HEADER_BYTES > (this.#connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER)) {
        throw tooLarge(this.#journal);
      }
      this.#doubts.catchUp();
      const written = await this.#writes.write(subject, {
        what: `append ${index}`,
        data,
        entry: (standing) => {
          this.#checkOwner(stream, standing);
          if (index !== standing.records) throw conflict(stream, index);
          return { kind: "record", records: index + 1, fence: standing.fence };
        },
      });
      this.#doubts.wrote(written);
    });
  }

  read(stream: string): Promise<readonly Uint8Array[]> {
    return this.#inTurn(stream, async (subject) => {
      const { counted } = await this.#writes.history(subject);
      return counted.filter(({ entry }) => entry.kind === "record").map(({ data }) => new Uint8Array(data));
    });
  }

  async streams(): Promise<readonly string[]> {
    this.#checkOpen();
    await Promise.all(this.#turns.values());
    const subjects = await this.#ask(() => this.#log.subjects(this.#subjects.streams));
    const names = subjects.map((subject) => this.#subjects.streamOf(subject));
    const held: string[] = [];
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      const standings = await Promise.all(some.map((name) => this.#inTurn(name, (of) => this.#writes.standing(of))));
      held.push(...some.filter((_, which) => standings[which]?.records !== 0));
      const empty = some.filter((_, which) => standings[which]?.records === 0);
      await Promise.all(empty.map((name) => this.#inTurn(name, (subject) => this.#sweep(subject))));
    }
    return held;
  }

  /** Removes the messages of a stream that was forgotten, where whoever forgot it did not come to that. */
  async #sweep(subject: string): Promise<void> {
    const last = await this.#log.last(subject);
    if (last?.entry.kind === "forgotten") await this.#log.purge(subject, last.seq);
  }

  async forget(stream: string, records: number): Promise<void> {
    await this.#inTurn(stream, async (subject) => {
      if (records === 0 && (await this.#writes.standing(subject)).records === 0) return;
      const { seq } = await this.#writes.write(subject, {
        what: `forget ${records}`,
        data: new Uint8Array(),
        entry: (standing) => {
          this.#checkOwner(stream, standing);
          if (records !== standing.records) throw conflict(stream, records);
          return { kind: "forgotten", records: 0, fence: standing.fence };
        },
      });
      this.#tokens.delete(stream);
      // It is forgotten by now: should this fail, the messages only take up room until the streams are listed.
      await this.#log.purge(subject, seq).catch(() => undefined);
    });
  }

  fence(stream: string, token: number): Promise<void> {
    return this.#inTurn(stream, async (subject) => {
      if (this.#tokens.get(stream) === token && (await this.#writes.standing(subject)).fence === token) return;
      await this.#writes.write(subject, {
        what: `fence ${token}`,
        data: new Uint8Array(),
        entry: ({ records, fence }) => {
          if (token <= fence) throw leaseLost(stream, fence, token);
          return { kind: "fence", records, fence: token };
        },
      });
      this.#tokens.set(stream, token);
    });
  }

  /** A majority of servers keeps every record alike, so its durability makes no difference. */
  doubt(stream: string, _durability?: Durability): Promise<Doubt | null> {
    return this.#inTurn(stream, (subject) => this.#ask(() => this.#doubts.of(subject)));
  }

  /**
   * Puts every stream that exists now in doubt, for all nodes. For an operator who has restored the servers from a backup, or
   * whose servers lost power all at once: no node can notice that by itself in every case.
   */
  async distrust(says: string): Promise<void> {
    this.#checkOpen();
    await this.#ask(() => this.#doubts.add({ code: "RecordsMissing", says }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#turns.values());
    this.#doubts.close();
    await this.#connection.close();
  }

  /** Does one thing at a time with each stream, in the order of the calls. */
  async #inTurn<T>(stream: string, action: (subject: string) => Promise<T>): Promise<T> {
    this.#checkOpen();
    const turn = (this.#turns.get(stream) ?? Promise.resolve()).then(() => action(this.#subjects.of(stream)));
    const done = turn.catch(() => undefined);
    this.#turns.set(stream, done);
    try {
      return await turn;
    } catch (thrown) {
      throw journalError(this.#journal, thrown);
    } finally {
      if (this.#turns.get(stream) === done) this.#turns.delete(stream);
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (thrown) {
      throw journalError(this.#journal, thrown);
    }
  }

  #checkOwner(stream: string, { fence }: Standing): void {
    const token = this.#tokens.get(stream) ?? 0;
    if (token < fence) throw leaseLost(stream, fence, token);
  }

  #checkOpen(): void {
    if (this.#closed) throw closed(this.#journal);
  }
}

const TIMEOUT_MS = 2_000;
const PATIENCE_MS = 10_000;

function closed(journal: string): ParleyError<"JournalClosed"> {
  return new ParleyError("JournalClosed", `the journal ${journal} is closed`, {
    hint: "open it again to go on",
    facts: { journal },
  });
}
