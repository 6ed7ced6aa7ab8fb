import { fromHex, type Hex } from "../../kernel/bytes.ts";
import { keccak256 } from "../../kernel/hash.ts";
import type { Address } from "../../kernel/ids.ts";

const BLOOM_BYTES = 256;

/** Whether a filter says that there are other logs and none of a contract. An empty one says nothing: some chains never fill it in. */
export function rulesOut(bloom: Hex, contract: Address): boolean {
  return /[1-9a-f]/i.test(bloom.slice(2)) && !mayHoldLogs(bloom, contract);
}

/** Whether a block with this bloom filter may hold logs of a contract. False is certain, as far as the node fills it in. */
export function mayHoldLogs(bloom: Hex, contract: Address): boolean {
  const bits = fromHex(bloom);
  const hash = fromHex(keccak256(fromHex(contract)));
  return [0, 2, 4].every((at) => {
    const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) % (8 * BLOOM_BYTES);
    return ((bits[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0;
  });
}
