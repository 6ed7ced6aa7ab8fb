import { readFile } from "node:fs/promises";
import type { Abi } from "viem";
import { ParleyError } from "../../kernel/errors.ts";

/** What the compiler made of a contract. */
export interface Artifact {
  readonly abi: Abi;
  readonly bytecode: `0x${string}`;
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
