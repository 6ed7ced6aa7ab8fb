import { type Hex, isHex } from "./bytes.ts";
import { ParleyError } from "./errors.ts";

/** An agent: the id of its token in the AgentRegistry. */
export type AgentId = bigint;

/** A hash, salt or id of 32 bytes. */
export type Bytes32 = Hex;

/** The first number that is no agent id any more: Solidity's uint256 ends before it. */
const AGENT_ID_END = 1n << 256n;

/** An account or contract: 20 bytes in lower case. */
export type Address = Hex;

export const ZERO_32: Bytes32 = `0x${"00".repeat(32)}`;

/** The zero address: native coin where a token is asked for, nobody where an arbitrator is. */
export const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}`;

/** Takes an address of either case to the one form used inside Parley. */
export function toAddress(value: unknown): Address {
  if (!isHex(value, 20)) throw new ParleyError("BadAddress", `'${String(value)}' is not an address of 20 bytes`);
  return value.toLowerCase() as Address;
}

/** Reads an agent id as people and JSON write it: a decimal string, or a safe integer. */
export function toAgentId(value: unknown): AgentId {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !/^[1-9][0-9]{0,77}$/.test(text) || BigInt(text) >= AGENT_ID_END) {
    throw new ParleyError("BadAgentId", `'${String(value)}' is not an agent id: a decimal number from 1 to 2^256 - 1`);
  }
  return BigInt(text);
}
