// RLP of a block's header, whose hash is the block's: what `Court.draw` takes.
import { ethers } from "../fixtures/chain.ts";

/** Fields in their order, as the JSON-RPC names them; the numbers among them are written without leading zeros. */
const FIELDS = [
  ["parentHash"],
  ["sha3Uncles"],
  ["miner"],
  ["stateRoot"],
  ["transactionsRoot"],
  ["receiptsRoot"],
  ["logsBloom"],
  ["difficulty", "number"],
  ["number", "number"],
  ["gasLimit", "number"],
  ["gasUsed", "number"],
  ["timestamp", "number"],
  ["extraData"],
  ["mixHash"],
  ["nonce"],
  ["baseFeePerGas", "number"],
  ["withdrawalsRoot"],
  ["blobGasUsed", "number"],
  ["excessBlobGas", "number"],
  ["parentBeaconBlockRoot"],
  ["requestsHash"],
] as const;

export async function headerOf(number: bigint | number): Promise<string> {
  const block: Record<string, string> = await ethers.provider.send("eth_getBlockByNumber", [
    ethers.toQuantity(number),
    false,
  ]);
  const values = FIELDS.map(([name, kind]) => {
    const value = block[name];
    if (value === undefined) throw new Error(`the block has no ${name}`);
    return kind === "number" ? ethers.toBeArray(value) : value;
  });
  const header = ethers.encodeRlp(values);
  if (ethers.keccak256(header) !== block["hash"]) throw new Error("the header doesn't have the block's hash");
  return header;
}

export async function randaoOf(number: bigint | number): Promise<string> {
  const block: { mixHash: string } = await ethers.provider.send("eth_getBlockByNumber", [
    ethers.toQuantity(number),
    false,
  ]);
  return block.mixHash;
}
