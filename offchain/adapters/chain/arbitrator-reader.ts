import {
  BaseError,
  decodeFunctionResult,
  encodeFunctionData,
  LimitExceededRpcError,
  numberToHex,
  ResourceUnavailableRpcError,
} from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address } from "../../kernel/ids.ts";
import type { ArbitratorFacts, Arbitrators, CourtFacts } from "../../ports/arbitrators.ts";
import { courtAbi } from "./abis.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** What a Court keeps for passing its ruling on, besides its longest dispute. */
const EXECUTION_S = 3_600;

/** A stranger names the contract that is asked: what it burns is bounded, and it is asked by itself, since others would pay for it in a batch. */
const MOST_GAS = 1_000_000n;

const [PARAMETERS, LONGEST, SEATS] = [
  { abi: courtAbi, functionName: "parameters" } as const,
  { abi: courtAbi, functionName: "longestDispute" } as const,
  { abi: courtAbi, functionName: "seatCount" } as const,
];

/** Arbitrators as the chain tells of them. Whatever they answer is some stranger's answer. */
export class ArbitratorReader implements Arbitrators {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  async facts(arbitrator: Address, rulingWithin: number): Promise<ArbitratorFacts> {
    const doing = `asking the arbitrator ${arbitrator} what a dispute costs`;
    try {
      const extraData = numberToHex(rulingWithin, { size: 32 });
      const cost = await this.#cost(arbitrator, extraData);
      if (cost === null) return { isThere: await this.#hasCode(arbitrator), cost, court: null };
      return { isThere: true, cost, court: await this.#court(arbitrator) };
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }

  async #cost(arbitrator: Address, extraData: Hex): Promise<bigint | null> {
    const call = { abi: courtAbi, functionName: "arbitrationCost" } as const;
    const question = encodeFunctionData({ ...call, args: [extraData] });
    return await this.#ask(arbitrator, question, (data) => decodeFunctionResult({ ...call, data }));
  }

  /** By what it says of itself, all of which has to fit: other makes have functions of their own. */
  async #court(arbitrator: Address): Promise<CourtFacts | null> {
    const [parameters, longest, seats] = await Promise.all([
      this.#ask(arbitrator, encodeFunctionData(PARAMETERS), (data) => decodeFunctionResult({ ...PARAMETERS, data })),
      this.#ask(arbitrator, encodeFunctionData(LONGEST), (data) => decodeFunctionResult({ ...LONGEST, data })),
      this.#ask(arbitrator, encodeFunctionData(SEATS), (data) => decodeFunctionResult({ ...SEATS, data })),
    ]);
    if (parameters === null || longest === null || seats === null) return null;
    const { drawTime, commitTime, revealTime, appealTime, panelSizes } = parameters;
    const reckoned = 3 * (drawTime + commitTime + revealTime + appealTime) - appealTime;
    if (longest !== BigInt(reckoned)) return null;
    return { needsS: reckoned + EXECUTION_S, seats: Number(seats), panel: panelSizes[0] };
  }

  /** Null where the contract gives no such answer; rejects where the node gives none. */
  async #ask<T>(to: Address, data: Hex, decode: (answer: Hex) => T): Promise<T | null> {
    try {
      const { data: answer } = await this.#rpc.reads.call({ to, data, gas: MOST_GAS, batch: false });
      return answer === undefined ? null : decode(answer);
    } catch (thrown) {
      if (isOfNode(thrown)) throw thrown;
      return null;
    }
  }

  async #hasCode(address: Address): Promise<boolean> {
    const code = await this.#rpc.reads.getCode({ address });
    return code !== undefined && code !== "0x";
  }
}

/** Whether it is the node that can't answer, so that the same question may be answered later; anything else the contract has caused. */
function isOfNode(thrown: unknown): boolean {
  if (thrown instanceof ParleyError) return true;
  if (chainError(thrown, "").code === "ChainUnreachable") return true;
  if (!(thrown instanceof BaseError)) return false;
  return thrown.walk((cause) => OVERLOADS.some((kind) => cause instanceof kind)) !== null;
}

const OVERLOADS = [LimitExceededRpcError, ResourceUnavailableRpcError] as const;
