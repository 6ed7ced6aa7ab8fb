/**
 * Writes the ABIs that the chain adapter uses, as TypeScript constants that viem infers types from:
 *
 *     node scripts/bootstrap.mjs scripts/generate-abis.ts [--check]
 *
 * `--check` writes nothing and fails if the file is stale.
 */
import { existsSync, readFileSync } from "node:fs";
import { writeWhole } from "./bootstrap/files.mjs";
import { isProgram } from "./lib/main.ts";

const TARGET = "offchain/adapters/chain/abis.ts";

/** By the name of the constant, the source files below contracts/ of what answers at the contract's address. */
const CONTRACTS: Readonly<Record<string, readonly string[]>> = {
  agentRegistryAbi: ["AgentRegistry.sol"],
  courtAbi: ["Court.sol"],
  // what it hands through from Settlement has its names in the catalogue
  handOverAbi: ["HandOver.sol", "libraries/Errors.sol"],
  reputationRegistryAbi: ["ReputationRegistry.sol"],
  settlementAbi: ["interfaces/ISettlement.sol", "Settlement.sol", "SettlementExtension.sol"],
  testTokenAbi: ["mocks/TestToken.sol"],
};

const HEADER =
  "// Generated from the contracts by `npm run generate`. Don't edit; `npm run check` fails when this is stale.\n";

/** An entry of an ABI; only what the order needs. */
export interface AbiEntry {
  readonly type: string;
  readonly name?: string;
}

/** The text of the module. The order is of kinds and names, so that moving a function about in the contract changes nothing. */
export function render(abis: Readonly<Record<string, readonly AbiEntry[]>>): string {
  const constants = Object.entries(abis).map(([name, abi]) => {
    const entries = [...abi]
      .sort((a, b) => compare(keyOf(a), keyOf(b)))
      .map((entry) => `  ${JSON.stringify(entry)},\n`);
    return `export const ${name} = [\n${entries.join("")}] as const;\n`;
  });
  return [HEADER, ...constants].join("\n");
}

function keyOf(entry: AbiEntry): string {
  return `${entry.type} ${entry.name ?? ""} ${JSON.stringify(entry)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What can be called, emitted and thrown at an address where the code of several contracts runs. */
function joinAbis(sources: readonly string[]): AbiEntry[] {
  const entries = sources.flatMap(readAbi);
  if (sources.length === 1) return entries;
  const callable = entries.filter(({ type }) => type === "function" || type === "event" || type === "error");
  return [...new Map(callable.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function readAbi(source: string): AbiEntry[] {
  const name = source.replace(/^.*\//, "").replace(/\.sol$/, "");
  const path = `artifacts/contracts/${source}/${name}.json`;
  if (!existsSync(path))
    throw new Error(`${path} is missing: contracts/${source} has no contract ${name}, or isn't compiled`);
  const artifact: { abi: AbiEntry[] } = JSON.parse(readFileSync(path, "utf8"));
  return artifact.abi;
}

function main(check: boolean): void {
  const text = render(
    Object.fromEntries(Object.entries(CONTRACTS).map(([name, sources]) => [name, joinAbis(sources)])),
  );
  if (existsSync(TARGET) && readFileSync(TARGET, "utf8") === text) {
    console.log(`${TARGET} is up to date`);
  } else if (check) {
    console.error(`${TARGET} is stale: run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    writeWhole(TARGET, text);
    console.log(`${TARGET} written`);
  }
}

if (isProgram(import.meta.url)) main(process.argv.includes("--check"));
