import type { CertificateVerifier } from "../../identity/certificate.ts";
import { isSameKey, type SigningKeys } from "../../identity/signing-keys.ts";
import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { Durability, Journal } from "../../ports/journal.ts";
import type { Certificate } from "../../terms/certificate.ts";
import { Refusal } from "../../terms/refusal.ts";
import { KEY_LIABILITY_S } from "../claiming.ts";
import { entryPreimage, hashEntry, type SignedEntry } from "./entry.ts";
import type { TabMessage } from "./message.ts";
import { encodeRecord, type TabRecord } from "./record.ts";
import { replayTab, type TabIdentity, tabStream, withRecord } from "./replay.ts";
import { draft, isEnded, judge, type TabState, withDoubt } from "./state.ts";

export interface TabOptions extends TabIdentity {
  readonly keys: SigningKeys;
  readonly certificates: Pick<CertificateVerifier, "verifyLiability">;
  readonly crypto: Pick<Crypto, "verify">;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Why more may be lost of it than its own stream in the journal can tell. */
  readonly doubt?: string | null;
  /**
   * Whether it signs nothing before the other side has said how much of ours it has: then it is shown what a journal without a witness
   * has lost. For accounts whose messages travel by themselves.
   */
  readonly asksFirst?: boolean;
}

/** On either side it is money: what we owe must not be said twice, and what we are owed not be forgotten. */
const DURABILITY: Durability = "machine";

/** Most entries that one question is answered with; whoever lacks more asks again. */
const MOST_AT_ONCE = 64;

/**
 * One side of a running account between two agents that trust each other up to a limit. It takes messages and gives messages, and
 * doesn't care how they travel. What it signs is in the journal before it is given out, so after a crash it never signs something else
 * under the same number.
 */
export class Tab {
  readonly #options: TabOptions;
  readonly #stream: string;
  #state: TabState;
  #records: number;
  /** One thing after the other: each entry follows the one before it. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether something was written can't be known; only the journal, opened again, tells. */
  #failed: unknown = null;
  /** Whether the other side has said that it has no more of ours than we. */
  #isAssured: boolean;

  private constructor(options: TabOptions, state: TabState, records: number) {
    this.#options = options;
    this.#stream = tabStream(state.id);
    this.#state = state;
    this.#records = records;
    this.#isAssured = options.asksFirst !== true;
  }

  /** Opens an account, or takes it up again where the journal knows it. */
  static async open(options: TabOptions): Promise<Tab> {
    const { journal, doubt: known = null } = options;
    const { state, records } = await replayTab(options, journal);
    const doubt = await journal.doubt(tabStream(state.id), DURABILITY);
    const says = doubt?.says ?? known;
    if (says === null) return new Tab(options, state, records);
    return new Tab(options, withDoubt(state, `entries of this account may be lost: ${says}`), records);
  }

  get state(): TabState {
    return this.#state;
  }

  /** Whether something can be signed, as far as what the other side may have of ours goes. */
  get isAssured(): boolean {
    return this.#isAssured;
  }

  /** Signs that we owe so much more. The message is for the other side; lost, it is asked for again. */
  owe(amount: Amount, memo: Bytes32 = ZERO_32): Promise<TabMessage> {
    return this.#take(() => this.#sign(amount, memo, false));
  }

  /** Signs that we sign nothing more. The other side does the same, and what is owed by then stands. */
  close(): Promise<TabMessage> {
    return this.#take(() => this.#sign(0n, ZERO_32, true));
  }

  /** Asks for what we lack. To be sent when a connection is there again, and now and then where messages can get lost. */
  greet(): TabMessage {
    const { id, ours, theirs } = this.#state;
    return { type: "have", tab: id, entries: theirs.entries.length, own: ours.entries.length };
  }

  /** Our entries from that number on, as many as go together. */
  async lacking(from: number): Promise<readonly TabMessage[]> {
    const entries = this.#state.ours.entries.slice(from, from + MOST_AT_ONCE);
    return await Promise.all(entries.map(async ({ signed }) => ({ type: "entry", signed: await this.#again(signed) })));
  }

  /**
   * Takes what the other side said, and gives what is to be answered. Throws for what can't stand; nothing has changed then. Where
   * the other side signed two things under one number, `state.fork` holds both from now on.
   */
  hear(message: TabMessage): Promise<readonly TabMessage[]> {
    return this.#take(async () =>
      message.type === "have" ? await this.#tell(message) : await this.#hearEntry(message.signed),
    );
  }

  async #tell({ tab, entries, own }: Extract<TabMessage, { type: "have" }>): Promise<readonly TabMessage[]> {
    const { id, ours, theirs } = this.#state;
    if (tab !== id) throw new ParleyError("BadEntry", "a question about another account");
    this.#isAssured ||= entries <= ours.entries.length;
    // First of all what it has lost of its own: before it signs anything.
    const lost = own < theirs.entries.length ? theirs.entries.slice(-1) : [];
    const shown = lost.map(({ signed }): TabMessage => ({ type: "entry", signed }));
    return [...shown, ...(await this.lacking(entries)), ...(await this.#closing())];
  }

  /** Who has closed its side is answered by the end of ours. */
  async #closing(): Promise<readonly TabMessage[]> {
    const { ours, theirs, halt } = this.#state;
    const closes = isEnded(theirs) && !isEnded(ours) && halt === null && this.#isAssured;
    return closes ? [await this.#sign(0n, ZERO_32, true)] : [];
  }

  /**
   * An entry of ours as it is said now: under our present key, where another one has signed it. That key may be over by the time it is
   * heard, and its word can't be verified any more. The entry stays the same, so nothing is signed twice under its number.
   */
  async #again(signed: SignedEntry): Promise<SignedEntry> {
    const { keys, separator } = this.#options;
    const { entry } = signed;
    const certificate = presentOf(keys, this.#now());
    if (certificate === null || isSameKey(certificate.key, signed.certificate.key)) return signed;
    const signature = await keys.signer(certificate.key).sign(entryPreimage(separator, entry));
    return { entry, signature, certificate };
  }

  async #hearEntry(signed: SignedEntry): Promise<readonly TabMessage[]> {
    const { separator } = this.#options;
    const held = { hash: hashEntry(separator, signed.entry), signed };
    if (signed.entry.agent === this.#state.ours.agent) return await this.#hearOwn(held.hash, signed);
    const verdict = judge(this.#state, held);
    if (verdict === "known") return [];
    await this.#verify(signed);
    if (verdict === "early") return [this.greet()];
    if (verdict === "forked") {
      if (this.#state.fork === null) await this.#note({ type: "fork", signed });
      return [];
    }
    await this.#note({ type: "theirs", signed });
    return await this.#closing();
  }

  /** The other side may show us what we have signed. Where we don't know it, our journal has lost it. */
  async #hearOwn(hash: Bytes32, signed: SignedEntry): Promise<readonly TabMessage[]> {
    const { ours, id, halt } = this.#state;
    if (signed.entry.tab !== id || ours.entries[signed.entry.seq]?.hash === hash || halt !== null) return [];
    // However long its key is over: that it was signed is all that counts.
    await this.#verify(signed, Number.POSITIVE_INFINITY);
    await this.#note({ type: "lost", signed });
    return [];
  }

  async #sign(amount: Amount, memo: Bytes32, last: boolean): Promise<TabMessage> {
    const { keys, separator } = this.#options;
    const entry = draft(this.#state, amount, memo, last);
    if (!this.#isAssured) throw unheard(this.#state.theirs.agent);
    const certificate = keys.certificate(this.#now());
    const signature = await keys.signer(certificate.key).sign(entryPreimage(separator, entry));
    const signed = { entry, signature, certificate };
    await this.#note({ type: "ours", signed });
    return { type: "entry", signed };
  }

  /** As for receipts, a key answers for what it signed until a day after its end: what was lost on the wire may come late. */
  async #verify({ entry, signature, certificate }: SignedEntry, graceS = KEY_LIABILITY_S): Promise<void> {
    const { certificates, crypto, separator } = this.#options;
    if (!(await crypto.verify(certificate.key, entryPreimage(separator, entry), signature))) {
      throw new ParleyError(
        "BadSignature",
        `entry ${entry.seq} of agent ${entry.agent} isn't signed by the key that it names`,
      );
    }
    await certificates.verifyLiability(certificate, entry.agent, this.#now(), graceS);
  }

  async #note(record: TabRecord): Promise<void> {
    const { journal, separator } = this.#options;
    try {
      await journal.append(this.#stream, this.#records, encodeRecord(record), DURABILITY);
    } catch (thrown) {
      this.#failed = thrown;
      throw thrown;
    }
    this.#records++;
    this.#state = withRecord(this.#state, record, separator);
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1_000);
  }

  #take<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#failed !== null) throw this.#failed;
      return task();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** The certificate of the key that we sign with at present; null where there is none. */
function presentOf(keys: SigningKeys, now: number): Certificate | null {
  try {
    return keys.certificate(now);
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}

function unheard(agent: AgentId): ParleyError<"TabUnheard"> {
  return new ParleyError("TabUnheard", `agent ${agent} hasn't said yet how much it has of what we signed`, {
    hint: "see that the other side can be reached; it is tried again",
    retryable: true,
  });
}
