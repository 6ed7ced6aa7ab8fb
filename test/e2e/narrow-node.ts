import { RpcRequestError } from "viem";
import type { Rpc } from "../../offchain/adapters/chain/rpc.ts";
import type { Hex } from "../../offchain/kernel/bytes.ts";

/** Most blocks that the narrow node looks through at once. */
export const NARROW = 3;

/** A real node that refuses wide ranges and, where it `forgets`, to tell of old states. Which ranges it took is noted. */
export function narrowed(rpc: Rpc, forgets: boolean) {
  const granted: (readonly [from: number, to: number])[] = [];
  const refuse = (method: string, message: string) =>
    new RpcRequestError({ body: { method }, url: rpc.url, error: { code: -32_005, message } });
  const request = async (asked: { method: string; params?: readonly unknown[] }) => {
    if (asked.method === "eth_getLogs") {
      const [{ fromBlock, toBlock }] = asked.params as [{ fromBlock: Hex; toBlock: Hex }];
      const range = [Number(fromBlock), Number(toBlock)] as const;
      if (range[1] - range[0] >= NARROW) throw refuse(asked.method, "query exceeds max block range");
      granted.push(range);
    }
    return await rpc.reads.request(asked as never);
  };
  const getCode: Rpc["reads"]["getCode"] = async (asked) => {
    if (forgets) throw refuse("eth_getCode", "missing trie node");
    return await rpc.reads.getCode(asked);
  };
  return { node: { ...rpc, reads: { ...rpc.reads, request, getCode } as Rpc["reads"] }, granted };
}
