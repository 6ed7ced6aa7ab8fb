import {
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { decodeEntry, ENTRY_HEADER, type Entry, encodeEntry, type Stored } from "./entry.ts";
import { corrupt, unavailable } from "./errors.ts";

/** The header by which JetStream, too, recognises a message that it has. */
const ID_HEADER = "Nats-Msg-Id";

/** The servers remove what was made to read a subject after so long without use. */
const CONSUMER_MS = 5_000;

/** The messages of one JetStream stream, subject by subject, as its leader knows them. Throws what NATS's client throws. */
export class SubjectLog {
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #journal: string;
  readonly #timeoutMs: number;

  constructor(client: JetStreamClient, manager: JetStreamManager, journal: string, timeoutMs: number) {
    this.#client = client;
    this.#manager = manager;
    this.#journal = journal;
    this.#timeoutMs = timeoutMs;
  }

  /** A subject's last message. */
  async last(subject: string): Promise<Stored | null> {
    const found = await this.#manager.streams.getMessage(this.#journal, { last_by_subj: subject });
    return found === null ? null : this.#stored(subject, found.seq, found.header, found.data);
  }

  /** Names the write that a message came from; null where the message is no longer there. */
  async idOf(seq: number): Promise<string | null> {
    const found = await this.#manager.streams.getMessage(this.#journal, { seq });
    return found === null ? null : found.header.get(ID_HEADER);
  }

  /** A subject's first message after the one of that number. */
  async next(subject: string, after: number): Promise<Stored | null> {
    // The client's types know the question in this form only for any server of the stream, where it is put to the leader here.
    const question = { next_by_subj: subject, seq: after + 1 };
    const found = await this.#manager.streams.getMessage(this.#journal, question);
    return found === null ? null : this.#stored(subject, found.seq, found.header, found.data);
  }

  /** All messages of a subject, at least up to the last that its leader has now. */
  async all(subject: string): Promise<Stored[]> {
    const last = await this.last(subject);
    if (last === null) return [];
    const consumer = await this.#client.consumers.get(this.#journal, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: CONSUMER_MS,
    });
    const messages = await consumer.consume();
    const timer = setTimeout(() => messages.stop(unavailable(this.#journal)), this.#timeoutMs);
    const found: Stored[] = [];
    try {
      for await (const { seq, headers: header, data } of messages) {
        if (seq > (found.at(-1)?.seq ?? 0)) found.push(this.#stored(subject, seq, header, data));
        if (seq >= last.seq) return found;
        timer.refresh();
      }
    } finally {
      clearTimeout(timer);
      messages.stop();
    }
    throw unavailable(this.#journal);
  }

  /** Stores a message and returns its number; null where the subject's last message is not the one that it is to come after. */
  async publish(subject: string, id: string, entry: Entry, data: Uint8Array): Promise<number | null> {
    const header = headers();
    header.set(ENTRY_HEADER, encodeEntry(entry));
    try {
      const expect = { streamName: this.#journal, lastSubjectSequence: entry.after };
      const { seq } = await this.#client.publish(subject, data, {
        msgID: id,
        expect,
        headers: header,
        timeout: this.#timeoutMs,
      });
      return seq;
    } catch (thrown) {
      if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.StreamWrongLastSequence) return null;
      throw thrown;
    }
  }

  /** Removes a subject's messages up to and with the one of that number. */
  async purge(subject: string, upTo: number): Promise<void> {
    await this.#manager.streams.purge(this.#journal, { filter: subject, seq: upTo + 1 });
  }

  /** The subjects below a pattern that hold a message. */
  async subjects(pattern: string): Promise<string[]> {
    const { state } = await this.#manager.streams.info(this.#journal, { subjects_filter: pattern });
    return Object.keys(state.subjects ?? {});
  }

  #stored(subject: string, seq: number, header: MsgHdrs | undefined, data: Uint8Array): Stored {
    const entry = decodeEntry(header?.get(ENTRY_HEADER) ?? "");
    if (entry === null) throw corrupt(this.#journal, `message ${seq} of ${subject} is none of ours`);
    return { seq, entry, id: header?.get(ID_HEADER) ?? "", data };
  }
}
