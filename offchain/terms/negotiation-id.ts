import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";

/** What the opener fixes of a negotiation's id before anybody has answered. */
export function openerHalf(separator: Bytes32, opener: AgentId, responder: AgentId, salt: Bytes32): Bytes32 {
  return new AbiWords(4).bytes32(separator).uint(opener, 256).uint(responder, 256).bytes32(salt).sha256();
}

/** The id from JOIN on. Neither side can choose it alone, so it can't be made to meet an old one. */
export function negotiationId(half: Bytes32, responderSalt: Bytes32): Bytes32 {
  return new AbiWords(2).bytes32(half).bytes32(responderSalt).sha256();
}
