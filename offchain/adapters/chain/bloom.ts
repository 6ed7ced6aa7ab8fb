import { fromHex, type Hex } from "../../kernel/bytes.ts";
import { keccak256 } from "../../kernel/hash.ts";
import type { Address } from "../../kernel/ids.ts";

const BLOOM_BYTES = 256;

/** The bits that a contract's logs set in the filter of their block. */
export function bloomBitsOf(contract: Address): readonly number[] {
  const hash = fromHex(keccak256(fromHex(contract)));
  return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) % (8 * BLOOM_BYTES));
}

/** Whether a filter says that there are other logs and none of a contract. An empty one says nothing: some chains never fill it in. */
export function rulesOut(bloom: Hex, bits: readonly number[]): boolean {
  return /[1-9a-f]/i.test(bloom.slice(2)) && !mayHoldLogs(bloom, bits);
}

/** Whether a block with this bloom filter may hold logs of a contract. False is certain, as far as the node fills it in. */
export function mayHoldLogs(bloom: Hex, bits: readonly number[]): boolean {
  const filter = fromHex(bloom);
  return bits.every((bit) => ((filter[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0);
}
