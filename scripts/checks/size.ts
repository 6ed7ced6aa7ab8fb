/**
 * Deployed contracts stay below the limits of the EVM: 24,576 bytes of code (EIP-170) and 49,152 of creation code (EIP-3860). And the
 * core stays small enough to be audited in a day.
 */
import { readFileSync } from "node:fs";
import { filesBelow } from "../bootstrap/files.mjs";
import { isProgram } from "../lib/main.ts";

const CODE_LIMIT = 24_576;
const CREATION_LIMIT = 49_152;

/** Registry, treasury, mandates, authority, deals and faults; disputes, libraries and types are beside it. */
const CORE = [
  "AgentRegistry",
  "Settlement",
  "SettlementExtension",
  ...["Authority", "Ledger", "Treasury", "Limits", "Mandates", "Escrow", "Deals", "Faults"].map(
    (name) => `settlement/${name}`,
  ),
];
const CORE_LIMIT = 1_200;

/** The sizes of one contract, in bytes. */
export interface Size {
  readonly name: string;
  readonly code: number;
  readonly creation: number;
}

/** The sizes of all contracts that can be deployed, mocks left out, largest first. */
export function measure(folder: string): Size[] {
  return filesBelow(folder, ".json")
    .filter((path) => !path.startsWith("mocks/") && !path.endsWith(".dbg.json"))
    .map((path) => {
      const artifact: { contractName: string; bytecode: string; deployedBytecode: string } = JSON.parse(
        readFileSync(`${folder}/${path}`, "utf8"),
      );
      return {
        name: artifact.contractName,
        code: bytes(artifact.deployedBytecode),
        creation: bytes(artifact.bytecode),
      };
    })
    .filter(({ code }) => code > 0)
    .sort((a, b) => b.code - a.code);
}

/** Those that can't be deployed. */
export function tooLarge(sizes: readonly Size[]): Size[] {
  return sizes.filter(({ code, creation }) => code >= CODE_LIMIT || creation >= CREATION_LIMIT);
}

/** Lines that are neither blank, nor comment, nor import, nor pragma. */
export function codeLines(source: string): number {
  return source.split("\n").filter((line) => !/^\s*(\/\/|$)|^(import|pragma) /.test(line)).length;
}

function bytes(hex: string): number {
  return (hex.length - 2) / 2;
}

function main(): void {
  const sizes = measure("artifacts/contracts");
  for (const { name, code, creation } of sizes) {
    const share = ((100 * code) / CODE_LIMIT).toFixed(0).padStart(3);
    console.log(
      `${name.padEnd(24)} ${String(code).padStart(6)} bytes (${share}%), ${String(creation).padStart(6)} to create`,
    );
  }
  for (const { name } of tooLarge(sizes)) {
    console.error(`${name} is over the limit of ${CODE_LIMIT} bytes (or ${CREATION_LIMIT} to create)`);
    process.exitCode = 1;
  }
  const core = CORE.map((name) => codeLines(readFileSync(`contracts/${name}.sol`, "utf8"))).reduce((a, b) => a + b, 0);
  console.log(`core: ${core} lines of code`);
  if (core >= CORE_LIMIT) {
    console.error(`the core has ${core} lines of code and should have less than ${CORE_LIMIT}`);
    process.exitCode = 1;
  }
}

if (isProgram(import.meta.url)) main();
