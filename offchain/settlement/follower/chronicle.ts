import { ParleyError } from "../../kernel/errors.ts";
import type { Blocks } from "../../ports/blocks.ts";
import type { Durability, Journal } from "../../ports/journal.ts";
import { decodePieces, encodePieces, FORMAT, type FollowerRecord } from "./records.ts";

type Start = Extract<FollowerRecord, { readonly kind: "start" }>;

interface Piece {
  readonly bytes: Uint8Array;
  readonly durability: Durability;
}

/** One of the streams that a follower's records went to, each in place of the one before. */
interface Generation {
  readonly number: number;
  readonly pieces: number;
  readonly records: readonly FollowerRecord[];
  /** Whether its snapshot was written to the end. */
  readonly isWhole: boolean;
}

/**
 * What a follower writes down. Records wait here until the journal has taken them; a crash in between loses the newest blocks, which
 * the chain tells again. Once a stream is long, a snapshot begins the next: that counts from its `ready` on, which is on disk
 * before the old stream is forgotten.
 */
export class Chronicle {
  readonly #journal: Journal;
  readonly #start: Start;
  readonly #compactAfter: number;
  #generation: number;
  #next: number;
  /** Pieces that the journal has in the present stream, or has been given. */
  #pieces: number;
  #snapshotPieces = 0;
  readonly #waiting: Piece[] = [];
  /** Streams that no longer count. */
  readonly #stale: { stream: string; pieces: number }[] = [];

  private constructor(journal: Journal, start: Start, found: readonly Generation[], compactAfter: number) {
    this.#compactAfter = compactAfter;
    this.#journal = journal;
    this.#start = start;
    // A number that was ever used is not used again.
    this.#next = (found[0]?.number ?? -1) + 1;
    const last = found.find(({ isWhole }) => isWhole);
    for (const one of found) {
      if (one !== last) this.#stale.push({ stream: streamOf(start, one.number), pieces: one.pieces });
    }
    this.#generation = last?.number ?? this.#next++;
    this.#pieces = last?.pieces ?? 0;
    if (last === undefined) this.#begin([]);
  }

  /** Reads what was written down about a Settlement, and goes on from there. */
  static async open(journal: Journal, source: Blocks["source"], from: number, compactAfter: number) {
    const found = await readGenerations(journal, source);
    const records = found.find(({ isWhole }) => isWhole)?.records ?? [];
    requireStart(records[0], from);
    const { chainId, settlement } = source;
    const chronicle = new Chronicle(
      journal,
      { kind: "start", format: FORMAT, chainId, settlement, from },
      found,
      compactAfter,
    );
    return { chronicle, records };
  }

  /** From which block on a Settlement was followed; null where nothing was written down. */
  static async startOf(journal: Journal, source: Blocks["source"]): Promise<number | null> {
    const start = (await readGenerations(journal, source)).find(({ isWhole }) => isWhole)?.records[0];
    return start?.kind === "start" ? start.from : null;
  }

  /** Removes all that was written down about a Settlement. */
  static async forget(journal: Journal, source: Blocks["source"]): Promise<void> {
    for (const { number, pieces } of await readGenerations(journal, source)) {
      await journal.forget(streamOf(source, number), pieces);
    }
  }

  /** Whether to rewrite it: not before it is twice its snapshot, so that each record is rewritten about once. */
  get isLong(): boolean {
    return this.#pieces > Math.max(this.#compactAfter, 2 * this.#snapshotPieces);
  }

  add(record: FollowerRecord, durability: Durability = "process"): void {
    const pieces = encodePieces(record).map((bytes) => ({ bytes, durability }));
    this.#waiting.push(...pieces);
  }

  /**
   * Hands over what waits, in order. After a failure the same piece comes first again: the journal knows whether it has it
   * already. Then nothing is left for which the old streams would be needed.
   */
  async flush(): Promise<void> {
    for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
      await this.#journal.append(this.#stream, this.#pieces, piece.bytes, piece.durability);
      this.#waiting.shift();
      this.#pieces++;
    }
    for (let stale = this.#stale[0]; stale !== undefined; stale = this.#stale[0]) {
      await this.#journal.forget(stale.stream, stale.pieces);
      this.#stale.shift();
    }
  }

  /** Begins a stream anew with what is all that counts. For when nothing waits. */
  rewrite(snapshot: readonly FollowerRecord[]): void {
    this.#stale.push({ stream: this.#stream, pieces: this.#pieces });
    this.#generation = this.#next++;
    this.#pieces = 0;
    this.#begin(snapshot);
    this.#snapshotPieces = this.#waiting.length;
  }

  get #stream(): string {
    return streamOf(this.#start, this.#generation);
  }

  #begin(snapshot: readonly FollowerRecord[]): void {
    this.add(this.#start);
    for (const record of snapshot) this.add(record);
    this.add({ kind: "ready" }, "machine");
  }
}

function requireStart(found: FollowerRecord | undefined, wanted: number): void {
  if (found === undefined || found.kind !== "start") return;
  const { format, from } = found;
  if (format === FORMAT && from === wanted) return;
  throw new ParleyError("FollowedOtherwise", `the journal follows from block ${from} in format ${format}`, {
    hint: "open it with the same first block and version of Parley, or forget it (Follower.forget) and follow anew",
    facts: { from, format },
  });
}

/** All streams about a Settlement, the newest first. */
async function readGenerations(journal: Journal, source: Blocks["source"]): Promise<Generation[]> {
  const prefix = streamOf(source, "");
  const generations: Generation[] = [];
  for (const stream of await journal.streams()) {
    const number = stream.startsWith(prefix) ? stream.slice(prefix.length) : "";
    if (!/^[0-9]+$/.test(number)) continue;
    const pieces = await journal.read(stream);
    const records = [...decodePieces(pieces)];
    const isWhole = records.some(({ kind }) => kind === "ready");
    generations.push({ number: Number(number), pieces: pieces.length, records, isWhole });
  }
  return generations.sort((one, other) => other.number - one.number);
}

function streamOf({ chainId, settlement }: Blocks["source"], generation: number | ""): string {
  return `follower/${chainId}/${settlement}/${generation}`;
}
