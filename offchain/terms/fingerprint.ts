import type { Hex } from "../kernel/bytes.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";
import type { Deal } from "./deal.ts";

/** What Settlement keeps of a deal: the first 26 bytes of keccak256(deal hash, transcript). */
export function dealFingerprint(dealHash: Bytes32, transcript: Bytes32): Hex {
  return new AbiWords(2)
    .bytes32(dealHash)
    .bytes32(transcript)
    .keccak256()
    .slice(0, 2 + 2 * 26) as Hex;
}

/** Where Settlement keeps the record of a negotiation between two agents, whoever of them buys. */
export function recordKey({ buyer, seller, negotiation }: Pick<Deal, "buyer" | "seller" | "negotiation">): Bytes32 {
  const [lower, higher] = buyer < seller ? [buyer, seller] : [seller, buyer];
  return new AbiWords(3).uint(lower, 256).uint(higher, 256).bytes32(negotiation).keccak256();
}
