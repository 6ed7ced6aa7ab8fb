import { type Hex, keccak256, toRlp } from "viem";
import { ParleyError } from "../../kernel/errors.ts";
import type { Rpc } from "./rpc.ts";

/** A header's fields in their order, as JSON-RPC names them; quantities are written without leading zeros. */
const FIELDS = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;

const QUANTITIES: ReadonlySet<string> = new Set([
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
]);

/** RLP of a block's header: what proves its PREVRANDAO to a contract that knows its hash. */
export async function readHeader({ reads }: Rpc, number: bigint): Promise<Hex> {
  const params = [`0x${number.toString(16)}`, false];
  const block = (await reads.request({ method: "eth_getBlockByNumber", params } as never)) as Record<
    string,
    Hex
  > | null;
  if (block === null) {
    const latest = await reads.getBlockNumber({ cacheTime: 0 });
    throw new ParleyError("SeedBlockMissing", `the panel is drawn from block ${number}, the chain is at ${latest}`, {
      hint: "say it again once that block is there",
      retryable: true,
      facts: { seedBlock: number.toString(), latest: latest.toString() },
    });
  }
  const values = FIELDS.flatMap((name) => {
    const value = block[name];
    // Older chains lack the newest fields; the hash below tells whether that explains it.
    if (value === undefined) return [];
    return [QUANTITIES.has(name) ? quantity(value) : value];
  });
  const header = toRlp(values);
  if (keccak256(header) === block["hash"]) return header;
  throw new ParleyError("HeaderUnknown", `the header of block ${number} has fields that are not known here`, {
    hint: "this chain's headers differ from Ethereum's; its blocks can't seed a panel",
  });
}

function quantity(value: Hex): Hex {
  const digits = value.slice(2).replace(/^0+/, "");
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}
