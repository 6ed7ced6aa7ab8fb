import { isHex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Durability, Journal } from "../../ports/journal.ts";
import { canonicalJson, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";

const DURABILITY: Durability = "machine";

/** Accounts that were configured for the first time at one start, and why more may be lost of them than can be told. */
interface Opening {
  readonly tabs: readonly Bytes32[];
  readonly doubt: string | null;
}

/** What the journal's lists say. */
interface Openings {
  /** Of each account in them, why it may have been used before and be forgotten; null where it can't. */
  readonly known: ReadonlyMap<Bytes32, string | null>;
  /** The same of any other account. */
  readonly doubt: string | null;
  /** Where the newest list is, and how many records it has. */
  readonly list: number;
  readonly records: number;
}

/**
 * Takes note of accounts before anything is signed in them, and says of each why it may have been used before and be forgotten; null where
 * it can't. A journal doubts the streams that it has, and an account of which it has lost everything would look like a new one: so what
 * isn't in a list that is itself in doubt is in doubt too.
 *
 * Once that was written down another list is begun, which the same doubt doesn't touch: what is configured from then on is new.
 */
export async function noteOpenings(
  journal: Journal,
  tabs: readonly Bytes32[],
): Promise<ReadonlyMap<Bytes32, string | null>> {
  const { known, doubt, list, records } = await readOpenings(journal);
  const fresh = tabs.filter((tab) => !known.has(tab));
  const isAnother = doubt !== null && records > 0;
  if (isAnother || fresh.length > 0) {
    const [stream, index] = isAnother ? [streamOf(list + 1), 0] : [streamOf(list), records];
    await journal.append(stream, index, encode({ tabs: fresh, doubt }), DURABILITY);
  }
  return new Map([...known, ...fresh.map((tab) => [tab, doubt] as const)]);
}

/** The same without taking note: for whoever only looks. */
export async function readOpenings(journal: Pick<Journal, "read" | "streams" | "doubt">): Promise<Openings> {
  const known = new Map<Bytes32, string | null>();
  let [list, records] = [0, 0];
  let doubt: string | null = null;
  for (let at = 0; ; at++) {
    const found = await journal.read(streamOf(at));
    if (found.length === 0) break;
    [list, records] = [at, found.length];
    doubt = (await journal.doubt(streamOf(at), DURABILITY))?.says ?? null;
    for (const record of found) {
      const opening = decode(record);
      for (const tab of opening.tabs) known.set(tab, opening.doubt ?? doubt);
    }
  }
  if (records === 0) doubt = await anyDoubt(journal);
  return { known, doubt, list, records };
}

/** For a journal that has no list yet, though it may have had one. */
async function anyDoubt(journal: Pick<Journal, "streams" | "doubt">): Promise<string | null> {
  for (const stream of await journal.streams()) {
    const doubt = await journal.doubt(stream, DURABILITY);
    if (doubt !== null) return doubt.says;
  }
  return null;
}

function encode(opening: Opening): Uint8Array {
  return utf8.encode(canonicalJson({ version: 1, ...opening }));
}

function decode(record: Uint8Array): Opening {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(record)), "record");
  const [version, tabs, doubt] = ["version", "tabs", "doubt"].map((name) => reader.raw(name));
  const isList = version === 1 && Array.isArray(tabs) && (doubt === null || typeof doubt === "string");
  if (isList && tabs.every((tab) => isHex(tab, 32))) return { tabs, doubt };
  throw new ParleyError("JournalVersion", "the journal of running accounts holds a list of another version", {
    hint: "open it with the version of Parley that wrote it",
  });
}

function streamOf(list: number): string {
  return `accounts:${list}`;
}
