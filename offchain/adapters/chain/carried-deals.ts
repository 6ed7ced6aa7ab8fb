import type { Hex } from "../../kernel/bytes.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { LoggedEvent } from "../../ports/settlement-events.ts";
import type { Deal } from "../../terms/deal.ts";
import { findDeal } from "./disclosed-deal.ts";
import { ask, type NodeConnection, throughRpc } from "./node-connection.ts";
import type { Rpc } from "./rpc.ts";

/** Where a transaction stands. */
type Carrier = Pick<LoggedEvent, "transaction" | "blockHash">;

interface RawTransaction {
  readonly hash: Bytes32;
  readonly input: Hex;
}

/**
 * Finds deals in the transactions of their events. A deal may have been committed by a contract that had kept it; those who act on it
 * later mostly bring it along themselves.
 */
export class CarriedDeals {
  readonly #node: NodeConnection;

  constructor(rpc: Rpc) {
    this.#node = throughRpc(rpc, null);
  }

  /** Null where none of them carried it. */
  async find(dealHash: Bytes32, carriers: readonly Carrier[]): Promise<Deal | null> {
    for (const carrier of carriers) {
      const input = await this.#input(carrier);
      const deal = input === null ? null : findDeal(input, dealHash);
      if (deal !== null) return deal;
    }
    return null;
  }

  /** Nodes forget transactions' hashes sooner than blocks. */
  async #input({ transaction: hash, blockHash }: Carrier): Promise<Hex | null> {
    const doing = "reading the transaction of a deal";
    const found = await ask(doing, () => this.#node.request<RawTransaction | null>("eth_getTransactionByHash", [hash]));
    if (found !== null) return found.input;
    const block = await ask(doing, () =>
      this.#node.request<{ readonly transactions: readonly RawTransaction[] } | null>("eth_getBlockByHash", [
        blockHash,
        true,
      ]),
    );
    return block?.transactions.find((one) => one.hash === hash)?.input ?? null;
  }
}
