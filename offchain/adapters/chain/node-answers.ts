import { type Hex, isHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { BlockRef } from "../../ports/blocks.ts";

/** A block as a node tells it; what isn't looked at here isn't named. */
export interface RawBlock {
  readonly number: unknown;
  readonly hash: unknown;
  readonly parentHash: unknown;
  readonly timestamp: unknown;
  readonly logsBloom?: unknown;
}

/** A log as a node tells it. */
export interface RawLog {
  readonly address: unknown;
  readonly topics: unknown;
  readonly data: unknown;
  readonly blockNumber: unknown;
  readonly blockHash: unknown;
  /** Newer nodes tell it, and some of them tell 0. */
  readonly blockTimestamp?: unknown;
  readonly logIndex: unknown;
  readonly transactionHash: unknown;
  readonly transactionIndex: unknown;
  readonly removed?: unknown;
}

/** A log that is what was asked for, as far as can be seen. */
export interface PlacedLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly block: number;
  readonly blockHash: Bytes32;
  /** Null where the node doesn't tell. */
  readonly timestamp: number | null;
  readonly logIndex: number;
  readonly transaction: Bytes32;
  readonly transactionIndex: number;
}

export function readBlock(raw: RawBlock): BlockRef {
  const { number, hash, parentHash, timestamp } = raw;
  return { number: toNumber(number), hash: to32(hash), parent: to32(parentHash), timestamp: toNumber(timestamp) };
}

/** Reads logs of one contract in order. Whatever else a node puts among them makes the whole answer worthless. */
export function readLogs(raw: readonly RawLog[], contract: Hex): PlacedLog[] {
  const logs = raw.map((log) => readLog(log, contract));
  logs.sort((one, other) => one.block - other.block || one.logIndex - other.logIndex);
  const isTwice = logs.some(({ block, logIndex }, index) => {
    const before = logs[index - 1];
    return before?.block === block && before.logIndex === logIndex;
  });
  if (isTwice) throw unsound("tells a log twice");
  return logs;
}

function readLog(raw: RawLog, contract: Hex): PlacedLog {
  if (typeof raw.address !== "string" || raw.address.toLowerCase() !== contract) {
    throw unsound(`tells logs of ${String(raw.address).slice(0, 50)}, which it was not asked for`);
  }
  if (raw.removed === true) throw unsound("tells logs that it has taken back");
  const { topics, data } = raw;
  if (!isHex(data) || !Array.isArray(topics) || !topics.every((topic) => isHex(topic, 32))) {
    throw unsound("tells a log that can't be read");
  }
  const timestamp = raw.blockTimestamp === undefined || raw.blockTimestamp === null ? 0 : toNumber(raw.blockTimestamp);
  return {
    topics,
    data,
    block: toNumber(raw.blockNumber),
    blockHash: to32(raw.blockHash),
    timestamp: timestamp === 0 ? null : timestamp,
    logIndex: toNumber(raw.logIndex),
    transaction: to32(raw.transactionHash),
    transactionIndex: toNumber(raw.transactionIndex),
  };
}

/** The node contradicts itself or the question: another, or the same one later, may know better. */
export function unsound(says: string): ParleyError<"NodeUnsound"> {
  return new ParleyError("NodeUnsound", `the chain's node ${says}`, {
    hint: "if this goes on, use another node: what this one answers can't be followed",
    retryable: true,
  });
}

function toNumber(value: unknown): number {
  const number = typeof value === "string" && /^0x[0-9a-fA-F]{1,14}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw unsound(`tells '${String(value).slice(0, 50)}' for a number`);
  return number;
}

function to32(value: unknown): Bytes32 {
  if (!isHex(value, 32)) throw unsound(`tells '${String(value).slice(0, 80)}' for a hash`);
  return value.toLowerCase() as Bytes32;
}
