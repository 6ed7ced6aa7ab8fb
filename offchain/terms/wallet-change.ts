import { keccakText } from "../kernel/hash.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";
import { typedDigest } from "./eip712.ts";

/** That an account is to become an agent's wallet (ERC-8004). Its own key says so, to the owner who then sets it. */
export interface WalletChange {
  readonly agent: AgentId;
  readonly wallet: Address;
  readonly owner: Address;
  /** Unix seconds; the registry takes none that is more than five minutes ahead. */
  readonly deadline: number;
}

const TYPEHASH = keccakText("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)");

/** What the new wallet signs, in the registry's domain. */
export function walletChangeDigest(separator: Bytes32, { agent, wallet, owner, deadline }: WalletChange): Bytes32 {
  const words = new AbiWords(5).bytes32(TYPEHASH).uint(agent, 256).address(wallet).address(owner);
  return typedDigest(separator, words.uint(BigInt(deadline), 256).keccak256());
}
