import type { StreamInfo } from "@nats-io/jetstream";
import { utf8 } from "../../../kernel/bytes.ts";
import type { Doubt } from "../../../ports/journal.ts";
import type { Witness } from "../../../ports/witness.ts";
import { corrupt } from "./errors.ts";
import type { SubjectLog } from "./log.ts";
import type { Subjects } from "./names.ts";
import type { Writes, Written } from "./writes.ts";

/** What the doubts are kept with. */
export interface DoubtsOptions {
  readonly journal: string;
  readonly subjects: Subjects;
  readonly log: SubjectLog;
  readonly writes: Writes;
  readonly witness: Witness | undefined;
}

/** How far the servers had come when they last acknowledged something to this node. */
interface Mark {
  /** When their stream was made: another one begins its numbers anew. */
  readonly created: string;
  readonly seq: number;
  /** Names the write of that number; empty where that is not known. */
  readonly id: string;
}

/**
 * Which streams are in doubt: those that were begun before a doubt was written down. A majority of servers keeps what it
 * acknowledged, so there is none unless the servers were put back together, to an earlier state than a node has seen.
 */
export class Doubts {
  readonly #options: DoubtsOptions;
  #mark: Mark = { created: "", seq: 0, id: "" };
  #isUntold = false;

  constructor(options: DoubtsOptions) {
    this.#options = options;
  }

  /** Compares what is there with what the witness saw. */
  async open({ created, state: { last_seq: seq } }: StreamInfo): Promise<void> {
    const { witness, log } = this.#options;
    if (witness === undefined) return;
    const mark = decodeMark(witness.recall() ?? "");
    if (mark !== null && !(await this.#isThere(mark, created, seq))) {
      await this.add({ code: "RecordsMissing", says: "the servers have lost what they had acknowledged to a node" });
    }
    this.#mark = { created, seq, id: (seq === 0 ? null : await log.idOf(seq)) ?? "" };
    witness.note(encodeMark(this.#mark), "machine");
  }

  /** Throws `WitnessFailed` where the witness still can't be told of an earlier message: then there must be no other. */
  catchUp(): void {
    if (!this.#isUntold) return;
    this.#options.witness?.note(encodeMark(this.#mark), "process");
    this.#isUntold = false;
  }

  /** Takes note that a message was acknowledged. That is not undone by a witness that can't be told. */
  wrote({ seq, id }: Written): void {
    if (seq <= this.#mark.seq) return;
    this.#mark = { ...this.#mark, seq, id };
    this.#isUntold = true;
    try {
      this.catchUp();
    } catch {
      // The next append fails if this does once more.
    }
  }

  /** Puts everything that exists now in doubt. */
  async add(doubt: Doubt): Promise<void> {
    const data = utf8.encode(JSON.stringify(doubt));
    const subject = this.#options.subjects.doubts;
    await this.#options.writes.write(subject, {
      what: "doubt",
      data,
      entry: ({ records, fence }) => ({ kind: "record", records: records + 1, fence }),
    });
  }

  /** The first doubt since a subject's first message. */
  async of(subject: string): Promise<Doubt | null> {
    const { log, subjects, journal } = this.#options;
    const first = await log.next(subject, 0);
    if (first === null) return null;
    const found = await log.next(subjects.doubts, first.seq);
    return found === null ? null : decodeDoubt(journal, found.data);
  }

  close(): void {
    this.#options.witness?.close();
  }

  /** The message itself may have been forgotten since, or another one may have its number. */
  async #isThere(mark: Mark, created: string, lastSeq: number): Promise<boolean> {
    if (mark.created !== created || lastSeq < mark.seq) return false;
    const id = mark.id === "" ? null : await this.#options.log.idOf(mark.seq);
    return id === null || id === mark.id;
  }
}

function encodeMark({ created, seq, id }: Mark): string {
  return `${created} ${seq} ${id}.`;
}

function decodeMark(text: string): Mark | null {
  const [, created, seq, id = ""] = /^(\S{1,64}) (\d{1,15}) ([\w.-]{0,64})\.$/.exec(text) ?? [];
  return created === undefined ? null : { created, seq: Number(seq), id };
}

function decodeDoubt(journal: string, data: Uint8Array): Doubt {
  const doubt: unknown = JSON.parse(utf8.decode(data));
  const isObject = typeof doubt === "object" && doubt !== null && "code" in doubt && "says" in doubt;
  if (!isObject || doubt.code !== "RecordsMissing" || typeof doubt.says !== "string") {
    throw corrupt(journal, "a doubt that this version doesn't know");
  }
  return { code: doubt.code, says: doubt.says };
}
