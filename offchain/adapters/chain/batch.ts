import { decodeFunctionData, type Log, parseEventLogs } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { keccakText } from "../../kernel/hash.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import { settlementAbi } from "./abis.ts";
import { refusalFrom } from "./errors.ts";

/** What the identifiers of batches begin with in the outbox. */
const PREFIX = "commitMany:";

/** What the identifier of a commitment by itself begins with. */
const ALONE = "commit:";

export const COMMITTING = "committing the deal";

/** Names a batch by what is in it. */
export function batchId(acts: readonly string[]): string {
  return `${PREFIX}${keccakText(acts.join())}`;
}

/** The commitments that a transaction of that id holds: one, several, or none. */
export function callsOf(id: string, data: Hex): readonly Hex[] {
  if (id.startsWith(ALONE)) return [data];
  if (!id.startsWith(PREFIX)) return [];
  const { functionName, args } = decodeFunctionData({ abi: settlementAbi, data });
  return functionName === "commitMany" ? args[0] : [];
}

/** Arguments of `commitMany` for these; one that is refused is skipped. */
export function batchArgs(calls: readonly Hex[]) {
  return [calls, false] as const;
}

/** Bytes of a transaction's input that holds these and no more. */
export function inputSize(calls: readonly Hex[]): number {
  // The function, and where the list is, its length and `atomic`; of each call where it is, its length, and it filled up to whole words.
  const words = calls.map((call) => 2 + Math.ceil((call.length / 2 - 1) / 32));
  return 4 + 32 * words.reduce((sum, one) => sum + one, 3);
}

/** What became of each deal of a batch. */
export class BatchResult {
  readonly #committed = new Set<string>();
  readonly #skipped = new Map<number, Hex>();

  constructor(all: readonly Log[], settlement: Address) {
    const logs = all.filter(({ address }) => address.toLowerCase() === settlement);
    const eventName = ["Committed", "CommitmentSkipped"] as const;
    for (const event of parseEventLogs({ abi: settlementAbi, logs, eventName: [...eventName] })) {
      if (event.eventName === "Committed") this.#committed.add(event.args.deal);
      else this.#skipped.set(Number(event.args.index), event.args.reason);
    }
  }

  /** Whether a deal was committed, wherever it stood. */
  has(dealHash: Bytes32): boolean {
    return this.#committed.has(dealHash);
  }

  /** Why the deal at a place was not committed; null where it was. */
  failure(place: number, dealHash: Bytes32): ParleyError | null {
    const reason = this.#skipped.get(place);
    if (reason === undefined) return this.#committed.has(dealHash) ? null : untold("its batch tells nothing of it");
    // The contract always says why; without a word the gas was used up.
    return reason === "0x" ? untold("its batch had no gas left for it") : refusalFrom(reason, COMMITTING);
  }
}

function untold(says: string): ParleyError {
  return new ParleyError("ChainFailed", `${COMMITTING}: ${says}`, { retryable: true });
}
