import { encodeAbiParameters, encodeEventTopics, HttpRequestError, RpcRequestError } from "viem";
import { settlementAbi } from "../../../../offchain/adapters/chain/abis.ts";
import type { RawLog } from "../../../../offchain/adapters/chain/node-answers.ts";
import type { NodeConnection } from "../../../../offchain/adapters/chain/node-connection.ts";
import type { Hex } from "../../../../offchain/kernel/bytes.ts";
import { keccakText } from "../../../../offchain/kernel/hash.ts";
import type { Address } from "../../../../offchain/kernel/ids.ts";

export const SETTLEMENT: Address = `0x${"5e".repeat(20)}`;

interface Filter {
  readonly fromBlock?: Hex;
  readonly toBlock?: Hex;
  readonly blockHash?: Hex;
}

/** A node whose every block has a deposit if its number is a multiple of ten, and that can misbehave. */
export class ScriptedNode implements NodeConnection {
  readonly ranges: number[] = [];
  /** Most blocks of a range before it refuses. */
  mostBlocks = Number.POSITIVE_INFINITY;
  /** Most logs of an answer; what is more is left out without a word. */
  mostLogs = Number.POSITIVE_INFINITY;
  isGone = false;
  tellsTimes = true;
  bloom: Hex | undefined;
  /** Spoils each answer of logs. */
  spoil: (logs: RawLog[]) => RawLog[] = (logs) => logs;
  input: Hex = "0x";

  async request<Result>(method: string, params: readonly unknown[]): Promise<Result> {
    const url = "http://node";
    if (this.isGone) throw new HttpRequestError({ url, details: "refused" });
    const answer = this.#answer(method, params, (message) => {
      throw new RpcRequestError({ body: { method }, url, error: { code: -32_005, message } });
    });
    return answer as Result;
  }

  async close(): Promise<void> {
    this.isGone = true;
  }

  #answer(method: string, [first, second]: readonly unknown[], refuse: (message: string) => never): unknown {
    switch (method) {
      case "eth_getBlockByNumber":
        return this.#block(first === "latest" ? 10_000 : Number(first));
      case "eth_getTransactionByBlockHashAndIndex":
        return { hash: keccakText(`transaction ${String(first)} ${Number(second)}`), input: this.input };
      case "eth_getLogs":
        return this.spoil(this.#logs(first as Filter, refuse));
      default:
        return refuse(`no ${method}`);
    }
  }

  #logs({ fromBlock, toBlock, blockHash }: Filter, refuse: (message: string) => never): RawLog[] {
    if (blockHash !== undefined) {
      const number = Array.from({ length: 10_001 }, (_, at) => at).find((at) => hashOf(at) === blockHash);
      return number === undefined || number % 10 !== 0 ? [] : [this.#log(number)];
    }
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    this.ranges.push(to - from + 1);
    if (to - from + 1 > this.mostBlocks) return refuse("query exceeds max block range");
    const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((at) => at % 10 === 0);
    return numbers.slice(0, this.mostLogs).map((number) => this.#log(number));
  }

  #block(number: number) {
    return {
      number: toQuantity(number),
      hash: hashOf(number),
      parentHash: hashOf(number - 1),
      timestamp: toQuantity(1_000 + number),
      logsBloom: this.bloom,
    };
  }

  #log(number: number): RawLog {
    const args = { agent: BigInt(number), token: SETTLEMENT, from: SETTLEMENT };
    return {
      address: SETTLEMENT,
      topics: encodeEventTopics({ abi: settlementAbi, eventName: "Deposited", args }),
      data: encodeAbiParameters([{ type: "uint256" }, { type: "bool" }], [BigInt(number), false]),
      blockNumber: toQuantity(number),
      blockHash: hashOf(number),
      ...(this.tellsTimes ? { blockTimestamp: toQuantity(1_000 + number) } : {}),
      logIndex: "0x3",
      transactionHash: keccakText(`transaction ${hashOf(number)} 0`),
      transactionIndex: "0x0",
    };
  }
}

export function hashOf(number: number): Hex {
  return keccakText(`block ${number}`);
}

export function toQuantity(number: number): Hex {
  return `0x${number.toString(16)}`;
}
