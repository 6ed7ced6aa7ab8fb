import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Journal } from "../../ports/journal.ts";
import { hashEntry } from "./entry.ts";
import { decodeRecord, type TabRecord } from "./record.ts";
import { emptyTab, type TabState, withDoubt, withFork, withOurs, withTheirs } from "./state.ts";
import { type TabTerms, tabId } from "./terms.ts";

/** Which account it is, and which of the two is asked. */
export interface TabIdentity {
  readonly terms: TabTerms;
  readonly agent: AgentId;
  /** Domain separator of the Settlement that its balance is settled on. */
  readonly separator: Bytes32;
}

const STREAM = "tab:";

/** Where the journal keeps an account. */
export function tabStream(id: Bytes32): string {
  return `${STREAM}${id}`;
}

/** The account that a stream holds; null for any other stream. */
export function tabIn(stream: string): Bytes32 | null {
  return stream.startsWith(STREAM) ? (stream.slice(STREAM.length) as Bytes32) : null;
}

/** An account as the journal knows it, and how many records that takes. Whether the journal is whole is another question. */
export async function replayTab(
  { terms, agent, separator }: TabIdentity,
  journal: Pick<Journal, "read">,
): Promise<{ readonly state: TabState; readonly records: number }> {
  const id = tabId(separator, terms);
  const [lower, higher] = terms.parties;
  if (agent !== lower.agent && agent !== higher.agent) {
    throw new ParleyError("BadTab", `agent ${agent} is neither side of this account`);
  }
  const [ours, theirs] = agent === lower.agent ? [lower, higher] : [higher, lower];
  const records = await journal.read(tabStream(id));
  let state = emptyTab(id, ours, theirs);
  for (const bytes of records) state = withRecord(state, decodeRecord(bytes), separator);
  return { state, records: records.length };
}

export function withRecord(state: TabState, { type, signed }: TabRecord, separator: Bytes32): TabState {
  if (type === "fork") return withFork(state, signed);
  if (type === "lost") return withDoubt(state, `entry ${signed.entry.seq} was signed by us, and isn't in our journal`);
  const held = { hash: hashEntry(separator, signed.entry), signed };
  return type === "ours" ? withOurs(state, held) : withTheirs(state, held);
}
