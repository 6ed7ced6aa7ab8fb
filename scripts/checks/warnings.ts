/**
 * Every warning of the Solidity compiler is an error. Hardhat shows warnings only when it compiles, so this asks the compiler itself;
 * analysis alone, without code, takes a second or two. (Of the warnings that only code generation gives, the one about size
 * has its own check.)
 */
import { existsSync, readFileSync } from "node:fs";
import solc from "solc";
import { filesBelow } from "../bootstrap/files.mjs";
import { isProgram } from "../lib/main.ts";

interface Diagnostic {
  severity: "error" | "warning" | "info";
  formattedMessage: string;
}

/** What the compiler has to say of the sources, a text for each. `read` finds what they import. */
export function diagnose(
  sources: Readonly<Record<string, string>>,
  read: (path: string) => string | undefined,
): string[] {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: { viaIR: true, evmVersion: "osaka", outputSelection: { "*": { "*": ["abi"] } } },
  };
  const find = (path: string) => {
    const contents = read(path);
    return contents === undefined ? { error: `${path} not found` } : { contents };
  };
  const output: { errors?: Diagnostic[] } = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  return (output.errors ?? [])
    .filter(({ severity }) => severity !== "info")
    .map((found) => found.formattedMessage.trim());
}

/** Imports are looked for from the root of the project, and then among the packages. */
export function readSource(path: string): string | undefined {
  const found = [path, `node_modules/${path}`].find((candidate) => existsSync(candidate));
  return found === undefined ? undefined : readFileSync(found, "utf8");
}

function main(): void {
  const paths = filesBelow("contracts", ".sol").map((path) => `contracts/${path}`);
  const found = diagnose(Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")])), readSource);
  for (const text of found) console.error(`${text}\n`);
  if (found.length > 0) process.exitCode = 1;
  console.log(`${paths.length} files, ${found.length} errors and warnings`);
}

if (isProgram(import.meta.url)) main();
