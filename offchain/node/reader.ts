import type { Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { toHex } from "../kernel/bytes.ts";
import type { Deployment } from "../ports/chain.ts";
import { systemEntropy } from "./entropy.ts";

/** The contracts, to be read only: the account is nobody's, and nothing is sent from it. */
export function readerOf(rpc: Rpc, deployment: Deployment): SettlementChain {
  return new SettlementChain(rpc, new Sender(rpc, toHex(systemEntropy.bytes(32))), deployment);
}
