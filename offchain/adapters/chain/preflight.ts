import { concatHex, encodeErrorResult, type Hex, numberToHex, zeroAddress } from "viem";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Clearance, Pending } from "../../ports/clearance.ts";
import type { Order } from "../../ports/connector.ts";
import type { Deal } from "../../terms/deal.ts";
import { agentRegistryAbi, settlementAbi } from "./abis.ts";
import { STATUSES } from "./enums.ts";
import { chainError, refusalFrom } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** Deals of which it is remembered what was said. */
const MOST_TOLD = 1_000;

const DOING = "asking whether our side of the deal can be committed";

/**
 * Looks, before a deal is committed, at what would be refused for a reason on our own side: its lock, its mandate and approval, its money.
 * All of that its owner can mend in time, so the answer is to wait, and the owner is told what for. What the other side lacks is not
 * looked at: that is its own business, and a default if it stays so.
 */
export class Preflight implements Clearance {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;
  readonly #agent: AgentId;
  readonly #onTrouble: (error: ParleyError) => void;
  /** What was said last of each deal that waits, so that it is said once. */
  readonly #told = new Map<string, string>();

  constructor(rpc: Rpc, deployment: Deployment, agent: AgentId, onTrouble: (error: ParleyError) => void) {
    this.#rpc = rpc;
    this.#deployment = deployment;
    this.#agent = agent;
    this.#onTrouble = onTrouble;
  }

  async clear({ id, deal }: Order): Promise<Pending | null> {
    const refused = await this.#refusal(deal).catch((thrown: unknown) => {
      throw chainError(thrown, DOING);
    });
    if (refused === null) {
      this.#told.delete(id);
      return null;
    }
    const missing = refusalFrom(refused, `waiting to commit the deal of negotiation ${deal.negotiation}`);
    this.#tell(id, missing);
    const { code, hint } = missing;
    return { waitsFor: hint === undefined ? code : `${code}: ${hint}` };
  }

  #tell(id: string, { code, message, hint, facts }: ParleyError): void {
    if (this.#told.get(id) === code) return;
    const oldest = this.#told.keys().next().value;
    if (this.#told.size >= MOST_TOLD && oldest !== undefined) this.#told.delete(oldest);
    this.#told.set(id, code);
    const rest = { retryable: true, facts, ...(hint === undefined ? {} : { hint }) };
    this.#onTrouble(new ParleyError(code, message, rest));
  }

  /** The contract's own checks of one side, in its order; what it would revert with, or null. */
  async #refusal(deal: Deal): Promise<Hex | null> {
    const { number: blockNumber, timestamp } = await this.#rpc.reads.getBlock();
    const { registry, settlement } = this.#deployment;
    const agent = this.#agent;
    const buys = agent === deal.buyer;
    const exposure = buys ? deal.price + deal.buyerBond : deal.sellerBond;
    const call = { address: settlement, abi: settlementAbi, blockNumber } as const;
    const state = { address: registry, abi: agentRegistryAbi, blockNumber, functionName: "stateOf" } as const;
    const [record, [wallet, epoch, , lockedUntil], mandate, free] = await Promise.all([
      this.#rpc.reads.readContract({ ...call, functionName: "recordOf", args: [deal] }),
      this.#rpc.reads.readContract({ ...state, args: [agent] }),
      this.#rpc.reads.readContract({ ...call, functionName: "mandateRefusal", args: [deal, agent, exposure] }),
      this.#rpc.reads.readContract({ ...call, functionName: "free", args: [agent, deal.token] }),
    ]);
    // Somebody has committed it: there is nothing left to wait for, and the seller has to deliver.
    if (STATUSES[record.status] !== "None") return null;
    if (timestamp <= lockedUntil) return error("AgentLocked", timestamp, BigInt(lockedUntil));
    if (wallet === zeroAddress) return error("WalletMissing", agent, BigInt(epoch));
    const [reason, actual, limit] = mandate;
    if (BigInt(reason) !== 0n) return concatHex([reason, word(actual), word(limit)]);
    if (free < exposure) return error(buys ? "BuyerFundsTooLow" : "SellerFundsTooLow", free, exposure);
    return null;
  }
}

type SideError = "AgentLocked" | "WalletMissing" | "BuyerFundsTooLow" | "SellerFundsTooLow";

function error(errorName: SideError, actual: bigint, limit: bigint): Hex {
  return encodeErrorResult({ abi: settlementAbi, errorName, args: [actual, limit] });
}

function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}
