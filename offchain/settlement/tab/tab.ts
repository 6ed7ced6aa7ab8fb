import type { CertificateVerifier } from "../../identity/certificate.ts";
import type { SigningKeys } from "../../identity/signing-keys.ts";
import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { Journal } from "../../ports/journal.ts";
import { KEY_LIABILITY_S } from "../claiming.ts";
import { entryPreimage, hashEntry, type SignedEntry } from "./entry.ts";
import type { TabMessage } from "./message.ts";
import { decodeRecord, encodeRecord, type TabRecord } from "./record.ts";
import { draft, emptyTab, isEnded, judge, type TabState, withDoubt, withFork, withOurs, withTheirs } from "./state.ts";
import { type TabTerms, tabId } from "./terms.ts";

export interface TabOptions {
  readonly terms: TabTerms;
  /** Which of the two we are. */
  readonly agent: AgentId;
  /** Domain separator of the Settlement that its balance is settled on. */
  readonly separator: Bytes32;
  readonly keys: SigningKeys;
  readonly certificates: Pick<CertificateVerifier, "verify">;
  readonly crypto: Pick<Crypto, "verify">;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Why a journal that knows nothing of it may have lost it; an account of which it knows something it answers for itself. */
  readonly doubt?: string | null;
}

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

  private constructor(options: TabOptions, state: TabState, records: number) {
    this.#options = options;
    this.#stream = streamOf(state.id);
    this.#state = state;
    this.#records = records;
  }

  /** Opens an account, or takes it up again where the journal knows it. */
  static async open(options: TabOptions): Promise<Tab> {
    const { terms, agent, separator, journal, doubt: ifUnknown = null } = options;
    const id = tabId(separator, terms);
    const [lower, higher] = terms.parties;
    if (agent !== lower.agent && agent !== higher.agent) {
      throw new ParleyError("BadTab", `agent ${agent} is neither side of this account`);
    }
    const [ours, theirs] = agent === lower.agent ? [lower, higher] : [higher, lower];
    let state = emptyTab(id, ours, theirs);
    const records = await journal.read(streamOf(id));
    for (const bytes of records) state = applied(state, decodeRecord(bytes), separator);
    const doubt = await journal.doubt(streamOf(id));
    const says = doubt?.says ?? (records.length === 0 ? ifUnknown : null);
    if (says !== null) state = withDoubt(state, `entries of this account may be lost: ${says}`);
    return new Tab(options, state, records.length);
  }

  get state(): TabState {
    return this.#state;
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
    return { type: "have", tab: this.#state.id, entries: this.#state.theirs.entries.length };
  }

  /**
   * Takes what the other side said, and gives what is to be answered. Throws for what can't stand; nothing has changed then. Where
   * the other side signed two things under one number, `state.fork` holds both from now on.
   */
  hear(message: TabMessage): Promise<readonly TabMessage[]> {
    return this.#take(async () =>
      message.type === "have" ? this.#tell(message) : await this.#hearEntry(message.signed),
    );
  }

  #tell({ tab, entries }: Extract<TabMessage, { type: "have" }>): readonly TabMessage[] {
    if (tab !== this.#state.id) throw new ParleyError("BadEntry", "a question about another account");
    const lacking = this.#state.ours.entries.slice(entries, entries + MOST_AT_ONCE);
    return lacking.map(({ signed }) => ({ type: "entry", signed }));
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
    const closes = signed.entry.last && !isEnded(this.#state.ours) && this.#state.halt === null;
    return closes ? [await this.#sign(0n, ZERO_32, true)] : [];
  }

  /** The other side may show us what we have signed. Where we don't know it, our journal has lost it. */
  async #hearOwn(hash: Bytes32, signed: SignedEntry): Promise<readonly TabMessage[]> {
    const { ours, id, halt } = this.#state;
    if (signed.entry.tab !== id || ours.entries[signed.entry.seq]?.hash === hash || halt !== null) return [];
    await this.#verify(signed);
    this.#state = withDoubt(this.#state, `entry ${signed.entry.seq} was signed by us, and isn't in our journal`);
    return [];
  }

  async #sign(amount: Amount, memo: Bytes32, last: boolean): Promise<TabMessage> {
    const { keys, separator } = this.#options;
    const entry = draft(this.#state, amount, memo, last);
    const certificate = keys.certificate(this.#now());
    const signature = await keys.signer(certificate.key).sign(entryPreimage(separator, entry));
    const signed = { entry, signature, certificate };
    await this.#note({ type: "ours", signed });
    return { type: "entry", signed };
  }

  /** As for receipts, a key answers for what it signed until a day after its end: what was lost on the wire may come late. */
  async #verify({ entry, signature, certificate }: SignedEntry): Promise<void> {
    const { certificates, crypto, separator } = this.#options;
    const { key } = certificate;
    if (!(await crypto.verify(key, entryPreimage(separator, entry), signature))) {
      throw new ParleyError(
        "BadSignature",
        `entry ${entry.seq} of agent ${entry.agent} isn't signed by the key that it names`,
      );
    }
    const now = this.#now();
    const at = now <= key.notAfter + KEY_LIABILITY_S ? Math.min(now, key.notAfter) : now;
    await certificates.verify(certificate, entry.agent, at, at);
  }

  async #note(record: TabRecord): Promise<void> {
    const { journal, separator } = this.#options;
    try {
      // On either side it is money: what we owe must not be said twice, and what we are owed not be forgotten.
      await journal.append(this.#stream, this.#records, encodeRecord(record), "machine");
    } catch (thrown) {
      this.#failed = thrown;
      throw thrown;
    }
    this.#records++;
    this.#state = applied(this.#state, record, separator);
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

function applied(state: TabState, { type, signed }: TabRecord, separator: Bytes32): TabState {
  if (type === "fork") return withFork(state, signed);
  const held = { hash: hashEntry(separator, signed.entry), signed };
  return type === "ours" ? withOurs(state, held) : withTheirs(state, held);
}

function streamOf(id: Bytes32): string {
  return `tab:${id}`;
}
