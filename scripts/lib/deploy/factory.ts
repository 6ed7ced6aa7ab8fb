/** CreateX, the factory that Ignition's strategy `create2` deploys by, at one address on every chain that has it. */
import {
  type Abi,
  decodeAbiParameters,
  decodeFunctionData,
  encodeAbiParameters,
  getContractAddress,
  type Hex,
  keccak256,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  toHex,
} from "viem";

export const FACTORY: Hex = "0xba5Ed099633D3B313e4D5F7bdc1305d3c28ba5Ed";

const CODE_HASH: Hex = "0xbd8a7ea8cfca7b4e5f5041d7d4b17bc317c5ce42cfbc42066a00cf26b43eb53f";

const ABI = parseAbi([
  "function deployCreate2(bytes32 salt, bytes initCode) payable returns (address)",
  "event ContractCreation(address indexed newContract, bytes32 indexed salt)",
]);

/** Why the factory can't be used on this chain, and what to do; undefined if it can. */
export async function factoryTrouble(reads: PublicClient): Promise<string | undefined> {
  const code = await reads.getCode({ address: FACTORY });
  if (code === undefined) {
    return `the factory CreateX isn't at ${FACTORY} on this chain; docs/operations/deploy.md says how it gets there`;
  }
  return keccak256(code) === CODE_HASH
    ? undefined
    : `what is at ${FACTORY} isn't the factory CreateX; use another chain`;
}

/** A contract that the factory has made. */
export interface Creation {
  readonly address: Hex;
  readonly transaction: Hex;
  readonly block: bigint;
  readonly gas: bigint;
  readonly initCode: Hex;
}

/** The factory hashes a salt that starts with neither its caller's address nor zeros, so that it means the same to all. */
export function saltOf(text: string): Hex {
  return keccak256(toHex(text));
}

/** Where the factory puts a contract, whoever calls it. */
export function addressOf(salt: Hex, initCode: Hex): Hex {
  const guarded = keccak256(encodeAbiParameters([{ type: "bytes32" }], [salt]));
  return getContractAddress({ opcode: "CREATE2", from: FACTORY, salt: guarded, bytecode: initCode });
}

/** How some contracts came about, by address; those are missing that the node doesn't find since the block. */
export async function findCreations(
  reads: PublicClient,
  addresses: readonly Hex[],
  fromBlock: bigint,
): Promise<Map<Hex, Creation>> {
  const filter = { address: FACTORY, event: ABI[1], args: { newContract: [...addresses] }, fromBlock } as const;
  // Many nodes search only so many blocks at once: then it stays unknown, which harms nothing.
  const logs = await reads.getLogs(filter).catch(() => []);
  const found = new Map<Hex, Creation>();
  for (const { transactionHash: hash } of logs) {
    const [{ input }, receipt] = await Promise.all([
      reads.getTransaction({ hash }),
      reads.getTransactionReceipt({ hash }),
    ]);
    const made = parseEventLogs({ abi: ABI, logs: receipt.logs, eventName: "ContractCreation" })[0]?.args.newContract;
    if (made === undefined || receipt.to?.toLowerCase() !== FACTORY.toLowerCase()) continue;
    const initCode = decodeFunctionData({ abi: ABI, data: input }).args[1];
    found.set(made, { address: made, transaction: hash, block: receipt.blockNumber, gas: receipt.gasUsed, initCode });
  }
  return found;
}

/** What a constructor was given: the ABI's bytes, as explorers want them, and by name, as people do. */
export function constructorArguments(
  abi: Abi,
  bytecode: string,
  initCode: Hex,
): { readonly encoded: Hex; readonly named: Readonly<Record<string, unknown>> } {
  const encoded: Hex = `0x${initCode.slice(bytecode.length)}`;
  const inputs = abi.find((item) => item.type === "constructor")?.inputs ?? [];
  const values: readonly unknown[] = inputs.length === 0 ? [] : decodeAbiParameters(inputs, encoded);
  const named = inputs.map(({ name }, index) => [name?.replace(/_$/, "") ?? index, values[index]]);
  return { encoded, named: Object.fromEntries(named) };
}
