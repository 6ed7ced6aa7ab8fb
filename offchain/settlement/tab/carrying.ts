import type { Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { balanceOf, isEnded, type Line, type TabState, totalOf } from "./state.ts";

/** An account with more entries of a side is closed, while there is room for those under way. */
const MANY_ENTRIES = 9_000;

/** What a side has signed to owe for one thing: what its entries of that memo add together. */
export function owedFor({ entries }: Line, memo: Bytes32): Amount {
  let [owed, before] = [0n, 0n];
  for (const { signed } of entries) {
    const { total, memo: named } = signed.entry;
    if (named === memo) owed += total - before;
    before = total;
  }
  return owed;
}

/** How much more a side can come to owe, where so much is agreed and not signed for yet. */
export function roomWith(state: TabState, line: Line, pending: Amount): Amount {
  const other = line === state.ours ? state.theirs : state.ours;
  return line.credit - (totalOf(line) - totalOf(other)) - pending;
}

/** Whether an account takes nothing new any more, since it is to be closed and paid. */
export function isDue(state: TabState, settleAt: Amount): boolean {
  const balance = balanceOf(state);
  const isFull = [state.ours, state.theirs].some(({ entries }) => entries.length >= MANY_ENTRIES);
  return isFull || (balance < 0n ? -balance : balance) >= settleAt;
}

/** Why nothing more can be signed in an account by either side; null where it can. */
export function endOf({ halt, ours, theirs }: TabState): string | null {
  if (halt !== null) return halt.says;
  return isEnded(ours) || isEnded(theirs) ? "the account is closed" : null;
}

/** Whether both sides have closed it, and each knows that the other has. */
export function isClosed({ ours, theirs }: TabState): boolean {
  return isEnded(ours) && isEnded(theirs);
}
