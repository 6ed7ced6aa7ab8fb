import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, toAddress } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import { settlementAbi } from "./abis.ts";
import { readArtifact } from "./artifacts.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/**
 * Throws unless the contracts that a deployment names are there, are of the code that this package was built with, and belong to
 * each other. Money goes through them: an address that was mistyped, or given by somebody else, must be found out before.
 */
export async function verifyContracts(rpc: Rpc, { registry, settlement }: Deployment): Promise<void> {
  await requireCode(rpc, registry, "AgentRegistry.sol/AgentRegistry", "`registry`");
  await requireCode(rpc, settlement, "Settlement.sol/Settlement", "`settlement`");
  const contract = { address: settlement, abi: settlementAbi } as const;
  const [itsRegistry, extension] = await Promise.all([
    rpc.reads.readContract({ ...contract, functionName: "registry" }),
    rpc.reads.readContract({ ...contract, functionName: "extension" }),
  ]).catch((thrown: unknown) => {
    throw chainError(thrown, "asking Settlement which registry it goes by");
  });
  if (toAddress(itsRegistry) !== registry) {
    throw unverified(
      `the contract at \`settlement\` goes by the registry ${toAddress(itsRegistry)}, not by ${registry}`,
    );
  }
  await requireCode(rpc, toAddress(extension), "SettlementExtension.sol/SettlementExtension", "Settlement's extension");
}

/** The code of the contract at an address. Throws where there is none. */
export async function requireContract(rpc: Rpc, address: Address, what: string): Promise<Hex> {
  const code = await rpc.reads.getCode({ address }).catch((thrown: unknown) => {
    throw chainError(thrown, `reading the code of ${what}`);
  });
  if (code !== undefined && code !== "0x") return code;
  throw new ParleyError("NoContract", `${what}: there is no contract at ${address} on chain ${rpc.chainId}`, {
    hint: "give the addresses that the deployment printed, and a node of the chain that it was made on",
  });
}

async function requireCode(rpc: Rpc, address: Address, artifact: string, what: string): Promise<void> {
  const [code, { deployedBytecode, immutableReferences }] = await Promise.all([
    requireContract(rpc, address, what),
    readArtifact(artifact),
  ]);
  const fixed = Object.values(immutableReferences).flat();
  if (code.length === deployedBytecode.length && masked(code, fixed) === masked(deployedBytecode, fixed)) return;
  throw unverified(`${what}: the contract at ${address} is not of the code that this Parley was built with`);
}

/** What a contract is given when it is deployed stands in its code, and differs from one deployment to the next. */
function masked(code: Hex, fixed: readonly { readonly start: number; readonly length: number }[]): string {
  const bytes = Buffer.from(code.slice(2), "hex");
  for (const { start, length } of fixed) bytes.fill(0, start, start + length);
  return bytes.toString("hex");
}

function unverified(message: string): ParleyError {
  return new ParleyError("UnverifiedContract", message, {
    hint: "look at who deployed it, and use the version of Parley that it was deployed with",
  });
}
