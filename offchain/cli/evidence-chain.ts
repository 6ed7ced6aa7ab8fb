import { connectRpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { toHex } from "../kernel/bytes.ts";
import { systemEntropy } from "../node/entropy.ts";
import type { Deployment } from "../ports/chain.ts";

/** The contracts, to be read only: the account is nobody's, and nothing is sent from it. */
export async function openReader(nodes: string | readonly string[], deployment: Deployment): Promise<SettlementChain> {
  const rpc = await connectRpc(nodes);
  return new SettlementChain(rpc, new Sender(rpc, toHex(systemEntropy.bytes(32))), deployment);
}
