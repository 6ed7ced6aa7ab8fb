import { BaseError, ExecutionRevertedError, encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import type { Rpc } from "./rpc.ts";

const erc1271Abi = parseAbi(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);

/** The selector of `isValidSignature`, which is also its yes, filled up to a word. */
const YES = `0x1626ba7e${"00".repeat(28)}`;

/** As much as the contracts give a wallet to answer. */
const MOST_GAS = 400_000n;

/** What the contracts' base fee and calldata cost before the wallet's code begins. */
const OVERHEAD_GAS = 21_000n;

const GAS_PER_BYTE = 16n;

/** Whether a contract answers yes to ERC-1271: as the contracts see it, so that nobody is believed here and not there. */
export async function contractSigned(
  { reads }: Rpc,
  wallet: Address,
  digest: Bytes32,
  signature: Hex,
): Promise<boolean> {
  const data = encodeFunctionData({ abi: erc1271Abi, functionName: "isValidSignature", args: [digest, signature] });
  const gas = MOST_GAS + OVERHEAD_GAS + GAS_PER_BYTE * BigInt(data.length);
  try {
    const { data: answer } = await reads.call({ to: wallet, data, gas });
    // Only the first word counts, however much the wallet returns.
    return answer?.slice(0, YES.length) === YES;
  } catch (thrown) {
    // Refusing loudly, or running out of gas, is a no. A node that doesn't answer is none.
    if (thrown instanceof BaseError && thrown.walk(isNo) !== null) return false;
    throw thrown;
  }
}

/** Nodes have no code of their own for running out of gas; what they say of it is alike enough. */
function isNo(thrown: unknown): boolean {
  return thrown instanceof ExecutionRevertedError || (thrown instanceof Error && /out ?of ?gas/i.test(thrown.message));
}
