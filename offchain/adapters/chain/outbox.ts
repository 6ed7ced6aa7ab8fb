import { parseTransaction } from "viem";
import { type Hex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import type { Durability, Journal } from "../../ports/journal.ts";
import { canonicalJson, type JsonObject, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import type { Fees } from "./fees.ts";

/** One signed transaction. */
export interface Version {
  readonly hash: Bytes32;
  readonly raw: Hex;
  readonly fees: Fees;
}

/** How it ended with a nonce: what was included under it, or that something that isn't ours was. */
export type Closing =
  | { readonly end: "included" | "reverted"; readonly hash: Bytes32; readonly block: bigint; readonly gasUsed: bigint }
  | { readonly end: "displaced" };

/** All that was signed under one nonce: one call, offered at ever higher fees. At most one of them can be included. */
export interface Entry {
  /** What it is for: the same is never signed again under another nonce while this one is open, or was included. */
  readonly id: string;
  readonly doing: string;
  readonly nonce: number;
  readonly versions: Version[];
  closing: Closing | null;
}

/** Nonces of one stream in the journal; a stream is forgotten as a whole, once all in it is over. */
const PAGE = 256;

/** Pages kept though all in them is over, so that what was done is known by its id for a while. */
const PAGES_KEPT = 4;

/** Most of what goes into one record: journals have a limit for that. */
const MOST_TOGETHER = 32;

const MOST_TRIES = 3;

/** Something that the journal has not yet. */
interface Waiting {
  readonly page: number;
  readonly record: JsonObject;
  readonly resolve: () => void;
  readonly fail: (thrown: unknown) => void;
}

/** What one key has signed. A transaction is in here before any node hears of it, so that it is never signed twice. */
export class Outbox {
  readonly #journal: Journal | null;
  readonly #name: string;
  readonly #entries = new Map<number, Entry>();
  readonly #byId = new Map<string, Entry>();
  /** Records of each page. */
  readonly #pages = new Map<number, number>();
  #highest = -1;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  private constructor(journal: Journal | null, name: string) {
    this.#journal = journal;
    this.#name = name;
  }

  /** Without a journal nothing outlives the process. */
  static async open(journal: Journal | null, chainId: number, address: Address): Promise<Outbox> {
    const outbox = new Outbox(journal, `outbox:${chainId}:${address}:`);
    if (journal === null) return outbox;
    const pages = (await journal.streams()).filter((stream) => stream.startsWith(outbox.#name));
    for (const stream of pages) {
      const records = await journal.read(stream);
      outbox.#pages.set(Number(stream.slice(outbox.#name.length)), records.length);
      for (const record of records) {
        const content = parseCanonicalJson(utf8.decode(record));
        // Records of earlier versions hold one thing each.
        for (const one of Array.isArray(content) ? content : [content]) outbox.#take(new JsonReader(one, "outbox"));
      }
    }
    return outbox;
  }

  /** Whether what is in here outlives the process. */
  get isKept(): boolean {
    return this.#journal !== null;
  }

  get entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /**
   * The first nonce that nothing may be under yet, as far as is known here. Where there is no journal, what was included isn't
   * guarded: a reorganisation that takes it away leaves its nonce to the next.
   */
  get nextNonce(): number {
    if (this.isKept) return this.#highest + 1;
    let highest = -1;
    for (const { nonce, closing } of this.#entries.values()) if (closing === null && nonce > highest) highest = nonce;
    return highest + 1;
  }

  /** What was signed for it, unless nothing came of that. */
  find(id: string): Entry | null {
    return this.#byId.get(id) ?? null;
  }

  /** What was last signed under a nonce. */
  at(nonce: number): Entry | null {
    return this.#entries.get(nonce) ?? null;
  }

  /** Takes a signed transaction in. No node may hear of it before it is `kept`; where that fails, it was never signed. */
  sign(id: string, doing: string, nonce: number, version: Version): { readonly entry: Entry; kept: Promise<void> } {
    const entry = this.#signed(id, doing, nonce, version);
    const record = { type: "signed", id, doing, nonce, raw: version.raw, hash: version.hash };
    return { entry, kept: this.#append(nonce, record, () => this.#unsign(entry, version)) };
  }

  async close(entry: Entry, closing: Closing): Promise<void> {
    const { nonce } = entry;
    const told =
      closing.end === "displaced"
        ? { end: closing.end }
        : { ...closing, block: closing.block.toString(), gasUsed: closing.gasUsed.toString() };
    await this.#append(nonce, { type: "closed", nonce, ...told });
    this.#closed(nonce, closing);
    await this.#tidy();
  }

  #take(reader: JsonReader): void {
    const nonce = reader.integer("nonce", 0, Number.MAX_SAFE_INTEGER);
    if (reader.oneOf("type", ["signed", "closed"]) === "closed") {
      this.#closed(nonce, readClosing(reader));
      return;
    }
    const raw = reader.text("raw", 1 << 20) as Hex;
    const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw as `0x02${string}`);
    const fees = { most: maxFeePerGas, tip: maxPriorityFeePerGas };
    this.#signed(reader.text("id", 200), reader.text("doing", 1_000), nonce, {
      ...{ hash: reader.bytes32("hash"), raw, fees },
    });
  }

  #signed(id: string, doing: string, nonce: number, version: Version): Entry {
    const known = this.#entries.get(nonce);
    const isSame = known?.id === id && known.closing?.end !== "displaced";
    const entry = isSame ? known : { id, doing, nonce, versions: [], closing: null };
    entry.versions.push(version);
    this.#highest = Math.max(this.#highest, nonce);
    this.#entries.set(nonce, entry);
    this.#byId.set(id, entry);
    return entry;
  }

  #unsign(entry: Entry, version: Version): void {
    entry.versions.splice(entry.versions.indexOf(version), 1);
    if (entry.versions.length > 0) return;
    if (this.#entries.get(entry.nonce) === entry) this.#entries.delete(entry.nonce);
    if (this.#byId.get(entry.id) === entry) this.#byId.delete(entry.id);
    this.#highest = Math.max(-1, ...this.#entries.keys());
  }

  #closed(nonce: number, closing: Closing): void {
    const entry = this.#entries.get(nonce);
    if (entry === undefined) return;
    entry.closing = closing;
    // What had no effect may be done again.
    if (closing.end !== "included" && this.#byId.get(entry.id) === entry) this.#byId.delete(entry.id);
  }

  /** What comes while the journal is busy goes into its next record together: so it shares one sync to the disk. */
  #append(nonce: number, record: JsonObject, undo = () => {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (thrown: unknown) => {
      // At once: until then the next one would be signed as if this one were.
      undo();
      reject(thrown);
    };
    this.#waiting.push({ page: Math.floor(nonce / PAGE), record, resolve, fail });
    if (!this.#isWriting) void this.#write();
    return promise;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { page } = first;
      const end = this.#waiting.findIndex((one, place) => one.page !== page || place === MOST_TOGETHER);
      const together = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
      try {
        const index = this.#pages.get(page) ?? 0;
        // What was closed the chain tells again.
        const isSigned = together.some(({ record }) => record["type"] === "signed");
        const bytes = utf8.encode(canonicalJson(together.map((one) => one.record)));
        await this.#keep(page, index, bytes, isSigned ? "machine" : "process");
        this.#pages.set(page, index + 1);
        for (const { resolve } of together) resolve();
      } catch (thrown) {
        // What was to follow must not get in without it: a nonce that is left out would hold up all after it.
        for (const { fail } of [...together, ...this.#waiting.splice(0)]) fail(thrown);
      }
    }
    this.#isWriting = false;
  }

  /** What failed may have had its effect: so the same is tried again, which the journal then knows it has. */
  async #keep(page: number, index: number, record: Uint8Array, durability: Durability): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#journal?.append(this.#stream(page), index, record, durability);
      } catch (thrown) {
        if (!(thrown instanceof ParleyError) || !thrown.retryable || tries === MOST_TRIES) throw thrown;
      }
    }
  }

  /** Forgets the oldest pages once nothing in them is open. */
  async #tidy(): Promise<void> {
    const newest = Math.floor(this.#highest / PAGE);
    for (const [page, records] of this.#pages) {
      if (page > newest - PAGES_KEPT) continue;
      const entries = [...this.#entries.values()].filter(({ nonce }) => Math.floor(nonce / PAGE) === page);
      if (entries.some(({ closing }) => closing === null)) continue;
      await this.#journal?.forget(this.#stream(page), records);
      this.#pages.delete(page);
      for (const { nonce, id } of entries) {
        if (this.#byId.get(id)?.nonce === nonce) this.#byId.delete(id);
        this.#entries.delete(nonce);
      }
    }
  }

  #stream(page: number): string {
    return `${this.#name}${page}`;
  }
}

function readClosing(reader: JsonReader): Closing {
  const end = reader.oneOf("end", ["included", "reverted", "displaced"]);
  if (end === "displaced") return { end };
  return { end, hash: reader.bytes32("hash"), block: reader.amount("block"), gasUsed: reader.amount("gasUsed") };
}
