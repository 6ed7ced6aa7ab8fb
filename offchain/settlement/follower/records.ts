import { concat, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { BlockEvents, BlockRef, Blocks, Span } from "../../ports/blocks.ts";
import type { LedgerRow } from "../ledger/ledger.ts";

/** One entry of what a follower writes down. */
export type FollowerRecord =
  /** Begins a stream: what is followed, and from which block on. */
  | ({ readonly kind: "start"; readonly format: number; readonly from: number } & Blocks["source"])
  /** A part of the ledger at the ground that follows. */
  | { readonly kind: "rows"; readonly rows: readonly LedgerRow[] }
  /** The block that the next one is built on; whatever stood on another is gone. */
  | { readonly kind: "ground"; readonly block: BlockRef }
  /** The snapshot is whole: from here on this stream counts, and no earlier one. */
  | { readonly kind: "ready" }
  | { readonly kind: "blocks"; readonly blocks: readonly BlockEvents[] }
  | { readonly kind: "span"; readonly span: Span }
  /** Every block after this number was taken back. */
  | { readonly kind: "back"; readonly to: number };

export const FORMAT = 1;

const KINDS: ReadonlySet<string> = new Set(["start", "rows", "ground", "ready", "blocks", "span", "back"]);

/** Bytes of a journal's record: some journals take no larger ones than a megabyte. */
const LARGEST = 256 * 1024;

/** What a piece is of its record, by bits of its first byte. */
const FIRST = 1;
const LAST = 2;

/** A record as the journal takes it, in as many pieces as that needs. */
export function encodePieces(record: FollowerRecord, largest = LARGEST): Uint8Array[] {
  const bytes = utf8.encode(JSON.stringify(record, (_key, value: unknown) => mark(value)));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += largest) {
    const flags = (at === 0 ? FIRST : 0) | (at + largest >= bytes.length ? LAST : 0);
    pieces.push(concat(Uint8Array.of(flags), bytes.subarray(at, at + largest)));
  }
  return pieces;
}

/** Puts records together again. One whose last piece is missing was never written; a later one takes its place. */
export function* decodePieces(pieces: Iterable<Uint8Array>): Iterable<FollowerRecord> {
  let parts: Uint8Array[] = [];
  for (const piece of pieces) {
    const flags = piece[0] ?? 0;
    if ((flags & FIRST) !== 0) parts = [];
    parts.push(piece.subarray(1));
    if ((flags & LAST) !== 0) yield parse(concat(...parts));
  }
}

function parse(bytes: Uint8Array): FollowerRecord {
  const record: unknown = JSON.parse(utf8.decode(bytes), (_key, value: unknown) => unmark(value));
  const isKnown = typeof record === "object" && record !== null && "kind" in record && KINDS.has(String(record.kind));
  // The journal vouches for it that these are the bytes that were written.
  if (isKnown) return record as FollowerRecord;
  throw new ParleyError("JournalVersion", "the follower's journal holds a record of an unknown kind", {
    hint: "open it with the version of Parley that wrote it, or forget it and follow the chain anew",
  });
}

/** JSON has no integers of 256 bits: they are texts with a mark, and so are texts that begin with it. */
const MARK = "#";

function mark(value: unknown): unknown {
  if (typeof value === "bigint") return `${MARK}${value}`;
  return typeof value === "string" && value.startsWith(MARK) ? `${MARK}${value}` : value;
}

function unmark(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(MARK)) return value;
  const rest = value.slice(MARK.length);
  return rest.startsWith(MARK) ? rest : BigInt(rest);
}
