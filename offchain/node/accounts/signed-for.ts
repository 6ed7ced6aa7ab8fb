import type { Bytes32 } from "../../kernel/ids.ts";
import { owedFor } from "../../settlement/tab/carrying.ts";
import type { TabState } from "../../settlement/tab/state.ts";
import type { Deal } from "../../terms/deal.ts";

/** Which of its buyer's entries in an account is the newest for a deal; null while they don't come to its price. */
export function signedFor(
  { ours, theirs }: TabState,
  { buyer, price }: Pick<Deal, "buyer" | "price">,
  dealHash: Bytes32,
): number | null {
  const line = ours.agent === buyer ? ours : theirs;
  const place = line.entries.findLastIndex(({ signed }) => signed.entry.memo === dealHash);
  return place >= 0 && owedFor(line, dealHash) >= price ? place : null;
}
