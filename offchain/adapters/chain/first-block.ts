import type { Address } from "../../kernel/ids.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/**
 * The block that a contract came with, by looking where it has code and where it has none yet. Nodes that have forgotten the chain's
 * earlier states can't tell: then it is 0, and whoever follows the contract looks at every block.
 */
export async function firstBlockOf({ reads }: Rpc, contract: Address): Promise<number> {
  let [without, having] = [-1, Number(await reads.getBlockNumber({ cacheTime: 0 }))];
  try {
    while (having - without > 1) {
      const middle = Math.floor((without + having) / 2);
      const code = await reads.getCode({ address: contract, blockNumber: BigInt(middle) });
      if (code === undefined || code === "0x") without = middle;
      else having = middle;
    }
    return having;
  } catch (thrown) {
    const error = chainError(thrown, "looking for the contract's first block");
    if (error.code === "ChainUnreachable") throw error;
    return 0;
  }
}
