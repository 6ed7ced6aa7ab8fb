import { connectRpc } from "../adapters/chain/rpc.ts";
import type { SettlementChain } from "../adapters/chain/settlement.ts";
import { readerOf } from "../node/reader.ts";
import type { Deployment } from "../ports/chain.ts";

/** The contracts by a node of theirs, to be read only. */
export async function openReader(nodes: string | readonly string[], deployment: Deployment): Promise<SettlementChain> {
  const rpc = await connectRpc(nodes);
  return readerOf(rpc, deployment);
}
