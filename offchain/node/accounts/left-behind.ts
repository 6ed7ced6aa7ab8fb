import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Journal } from "../../ports/journal.ts";
import { decodeRecord, type TabRecord } from "../../settlement/tab/record.ts";
import { tabIn } from "../../settlement/tab/replay.ts";
import { firstIn, followersIn } from "./succession.ts";

/** Accounts in the journal that are configured no more, and of which one side still owes the other something. */
export async function leftBehind(
  journal: Pick<Journal, "streams" | "read">,
  configured: Iterable<Bytes32>,
): Promise<readonly ParleyError[]> {
  const streams = await journal.streams();
  const known = new Set(configured);
  for (const stream of streams) for (const paid of await followedIn(journal, stream)) known.add(paid);
  const errors: ParleyError[] = [];
  for (const stream of streams) {
    const id = tabIn(stream);
    if (id === null || known.has(id)) continue;
    const error = balanceOf(id, (await journal.read(stream)).map(decodeRecord));
    if (error !== null) errors.push(error);
  }
  return errors;
}

/** An account that another one followed was paid. */
async function followedIn(journal: Pick<Journal, "read">, stream: string): Promise<readonly Bytes32[]> {
  const first = firstIn(stream);
  return first === null ? [] : [first, ...followersIn(await journal.read(stream))].slice(0, -1);
}

function balanceOf(account: Bytes32, records: readonly TabRecord[]): ParleyError | null {
  const last = (type: TabRecord["type"]) => records.findLast((one) => one.type === type)?.signed.entry;
  const [ours, theirs] = [last("ours"), last("theirs")];
  const balance = (ours?.total ?? 0n) - (theirs?.total ?? 0n);
  if (balance === 0n) return null;
  const peer = theirs === undefined ? "the other side" : `agent ${theirs.agent}`;
  const says = balance > 0n ? `we owe ${peer} ${balance}` : `${peer} owes us ${-balance}`;
  return new ParleyError("AccountNotConfigured", `on the account ${account}, which is configured no more, ${says}`, {
    hint: "configure it again, with the same token, salt and credits, until it is paid; or settle it with the other operator",
    facts: { account, balance: balance.toString() },
  });
}
