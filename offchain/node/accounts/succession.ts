import { utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Journal } from "../../ports/journal.ts";
import { nextSalt } from "../../settlement/tab/generation.ts";
import { type TabTerms, tabId } from "../../settlement/tab/terms.ts";
import { canonicalJson, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import type { AccountConfig } from "../accounts-config.ts";

const STREAM = "account:";

/** The account that a configuration means, before any other has followed it. */
export function firstTerms({ agent, token, salt, ours, theirs }: AccountConfig, self: AgentId): TabTerms {
  const [we, they] = [
    { agent: self, credit: ours },
    { agent, credit: theirs },
  ];
  return { parties: self < agent ? [we, they] : [they, we], token, salt };
}

/** The account that follows one of the same two. */
export function followingTerms(terms: TabTerms, before: Bytes32): TabTerms {
  return { ...terms, salt: nextSalt(before) };
}

/** Every account of the two that was begun, with its id, oldest first. */
export async function successionOf(
  first: TabTerms,
  separator: Bytes32,
  journal: Pick<Journal, "read">,
): Promise<readonly (readonly [Bytes32, TabTerms])[]> {
  const begun: [Bytes32, TabTerms][] = [[tabId(separator, first), first]];
  for (const follower of followersIn(await journal.read(successionStream(tabId(separator, first))))) {
    const [before] = begun.at(-1) as [Bytes32, TabTerms];
    const terms = followingTerms(first, before);
    if (tabId(separator, terms) !== follower) throw notFollowing();
    begun.push([follower, terms]);
  }
  return begun;
}

/** Where the journal keeps which accounts followed an agent's first one with another. */
export function successionStream(first: Bytes32): string {
  return `${STREAM}${first}`;
}

/** The first account whose followers a stream holds; null for any other stream. */
export function firstIn(stream: string): Bytes32 | null {
  return stream.startsWith(STREAM) ? (stream.slice(STREAM.length) as Bytes32) : null;
}

export function encodeFollower(tab: Bytes32): Uint8Array {
  return utf8.encode(canonicalJson({ version: 1, tab }));
}

/** The accounts that a stream's records name, in order. */
export function followersIn(records: readonly Uint8Array[]): readonly Bytes32[] {
  return records.map((record) => {
    const reader = new JsonReader(parseCanonicalJson(utf8.decode(record)), "record");
    if (reader.raw("version") !== 1) throw notFollowing();
    return reader.bytes32("tab");
  });
}

function notFollowing(): ParleyError<"JournalCorrupt"> {
  return new ParleyError(
    "JournalCorrupt",
    "the journal of running accounts names an account that doesn't follow the one before",
    { hint: "restore the journal from where it was whole, or configure another `salt` on both sides" },
  );
}
