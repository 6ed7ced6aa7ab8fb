import { randomBytes } from "node:crypto";
import { equalBytes } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Entry } from "./entry.ts";
import { corrupt, journalError } from "./errors.ts";
import { type History, historyOf, NOTHING, type Standing } from "./history.ts";
import type { SubjectLog } from "./log.ts";
import { patiently } from "./patience.ts";

/** Subjects whose standing is remembered; any other costs two questions before it is written. */
const KEPT_SUBJECTS = 4_096;

/** Something that is to be written. */
export interface Draft {
  /** Tells it from other drafts of its subject. */
  readonly what: string;
  readonly data: Uint8Array;
  /** The entry that it makes where a subject stands so; throws where it may not be written there. */
  readonly entry: (standing: Standing) => Omit<Entry, "after">;
}

/** What was written, and where. */
export interface Written {
  readonly seq: number;
  readonly id: string;
}

interface Attempt {
  readonly draft: Draft;
  id: string;
  /** True while it may have been written. */
  isUnsure: boolean;
}

/** Writes to subjects exactly once, or not at all, or says that it doesn't know. Calls for one subject must not overlap. */
export class Writes {
  readonly #log: SubjectLog;
  readonly #journal: string;
  readonly #patienceMs: number;
  /** Tells our writes from those of every other process. */
  readonly #instance = randomBytes(12).toString("base64url");
  #count = 0;
  readonly #known = new Map<string, Standing>();
  readonly #unsure = new Map<string, Attempt>();

  constructor(log: SubjectLog, journal: string, patienceMs: number) {
    this.#log = log;
    this.#journal = journal;
    this.#patienceMs = patienceMs;
  }

  /** Reads a subject anew. */
  history(subject: string): Promise<History> {
    return patiently(this.#journal, this.#patienceMs, () => this.#read(subject));
  }

  /** Where a subject stands, read anew. */
  standing(subject: string): Promise<Standing> {
    return patiently(this.#journal, this.#patienceMs, () => this.#ask(subject));
  }

  /** Writes a draft. Rejects as `entry` throws, or with a retryable error, and may then be called again. */
  async write(subject: string, draft: Draft): Promise<Written> {
    const earlier = this.#unsure.get(subject);
    const isRepeated = earlier !== undefined && isSame(earlier.draft, draft);
    const attempt: Attempt = { draft, id: isRepeated ? earlier.id : this.#newId(), isUnsure: isRepeated };
    try {
      const written = await patiently(this.#journal, this.#patienceMs, () => this.#attempt(subject, attempt));
      this.#unsure.delete(subject);
      return written;
    } catch (thrown) {
      this.#known.delete(subject);
      const error = journalError(this.#journal, thrown);
      if (!attempt.isUnsure || !error.retryable) {
        this.#unsure.delete(subject);
        throw error;
      }
      this.#unsure.set(subject, attempt);
      throw unknownOutcome(error);
    }
  }

  async #attempt(subject: string, attempt: Attempt): Promise<Written> {
    for (;;) {
      const written = attempt.isUnsure ? await this.#find(subject, attempt.id) : null;
      if (written !== null) return written;
      const entry = await this.#entry(subject, attempt);
      const seq = await this.#publish(subject, attempt, entry);
      if (seq === null) continue;
      if (await this.#isInPlace(subject, seq, entry)) {
        this.#remember(subject, { last: seq, records: entry.records, fence: entry.fence });
        return { seq, id: attempt.id };
      }
      // Stored behind a rival, and so it never counts: another attempt, if there may be one, is another write.
      [attempt.id, attempt.isUnsure] = [this.#newId(), false];
      this.#known.delete(subject);
    }
  }

  /** Looks for a write among the messages that count. */
  async #find(subject: string, id: string): Promise<Written | null> {
    const { counted } = await this.#read(subject);
    const found = counted.find((message) => message.id === id);
    return found === undefined ? null : { seq: found.seq, id };
  }

  /** What to write as things stand; throws where it may not be written. */
  async #entry(subject: string, { draft }: Attempt): Promise<Entry> {
    const remembered = this.#known.get(subject);
    if (remembered !== undefined) {
      try {
        return { ...draft.entry(remembered), after: remembered.last };
      } catch {
        // What is remembered may be older than what others have written.
      }
    }
    const standing = await this.#ask(subject);
    return { ...draft.entry(standing), after: standing.last };
  }

  /** Null where the subject has another last message than was thought. */
  async #publish(subject: string, attempt: Attempt, entry: Entry): Promise<number | null> {
    const wasUnsure = attempt.isUnsure;
    attempt.isUnsure = true;
    try {
      const seq = await this.#log.publish(subject, attempt.id, entry, attempt.draft.data);
      if (seq === null) this.#known.delete(subject);
      return seq;
    } catch (thrown) {
      // Whatever the servers answered by a refusal they have not stored.
      const { code } = journalError(this.#journal, thrown);
      if (code !== "JournalUnavailable") attempt.isUnsure = wasUnsure;
      throw thrown;
    }
  }

  async #read(subject: string): Promise<History> {
    const history = historyOf(await this.#log.all(subject));
    if (history === null) throw corrupt(this.#journal, `the messages of ${subject} don't follow from each other`);
    this.#remember(subject, history.standing);
    return history;
  }

  /** The last message says it all, if it counts. */
  async #ask(subject: string): Promise<Standing> {
    const last = await this.#log.last(subject);
    if (last === null) return this.#remember(subject, NOTHING);
    const { seq, entry } = last;
    if (!(await this.#isInPlace(subject, seq, entry))) return (await this.#read(subject)).standing;
    return this.#remember(subject, { last: seq, records: entry.records, fence: entry.fence });
  }

  /** A message counts that is the first after the one that it names: see `historyOf`. */
  async #isInPlace(subject: string, seq: number, entry: Entry): Promise<boolean> {
    return (await this.#log.next(subject, entry.after))?.seq === seq;
  }

  #newId(): string {
    return `${this.#instance}.${this.#count++}`;
  }

  #remember(subject: string, standing: Standing): Standing {
    this.#known.delete(subject);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= KEPT_SUBJECTS && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(subject, standing);
    return standing;
  }
}

function isSame(one: Draft, other: Draft): boolean {
  return one.what === other.what && equalBytes(one.data, other.data);
}

function unknownOutcome({ code, message, facts, cause }: ParleyError): ParleyError {
  return new ParleyError(code, `${message}, and may have taken the record or not`, {
    hint: "repeat the same call: it finds out, and has its effect once",
    retryable: true,
    facts: { ...facts, outcome: "unknown" },
    cause,
  });
}
