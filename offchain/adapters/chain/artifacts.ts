import { readFile } from "node:fs/promises";
import type { Abi } from "viem";
import { ParleyError } from "../../kernel/errors.ts";

/** What the compiler made of a contract. */
export interface Artifact {
  readonly abi: Abi;
  readonly bytecode: `0x${string}`;
  /** The code that a deployment leaves on the chain, with zeros for what it is given then. */
  readonly deployedBytecode: `0x${string}`;
  readonly immutableReferences: Readonly<
    Record<string, readonly { readonly start: number; readonly length: number }[]>
  >;
}

/** Reads a compiled contract, e.g. `Settlement.sol/Settlement`, from the package's own artifacts. */
export async function readArtifact(name: string): Promise<Artifact> {
  const file = new URL(`../../../artifacts/contracts/${name}.json`, import.meta.url);
  try {
    return JSON.parse(await readFile(file, "utf8")) as Artifact;
  } catch (cause) {
    throw new ParleyError("ArtifactMissing", `the compiled contract ${name} can't be read`, {
      hint: "compile the contracts first: npx hardhat compile",
      cause,
    });
  }
}
