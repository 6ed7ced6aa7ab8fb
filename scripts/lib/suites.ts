import { existsSync, statSync } from "node:fs";
import { filesBelow } from "../bootstrap/files.mjs";

/** A group of tests that run the same way. */
export interface Suite {
  readonly name: string;
  readonly runner: "node" | "hardhat";
  readonly files: readonly string[];
}

/** What came of a suite. `problems` are failures that no test reported: a crash, a file without a test. */
export interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly problems: readonly string[];
}

/** In the order of their cost to whoever waits for the first failure. */
const SUITES: readonly { name: string; path: string; runner: Suite["runner"]; endings: readonly string[] }[] = [
  { name: "architecture", path: "test/architecture.test.ts", runner: "node", endings: [".test.ts"] },
  { name: "offchain", path: "test/offchain", runner: "node", endings: [".test.ts"] },
  { name: "conformance", path: "test/conformance", runner: "node", endings: [".test.ts"] },
  { name: "scripts", path: "test/scripts", runner: "node", endings: [".test.ts"] },
  { name: "e2e", path: "test/e2e", runner: "node", endings: [".test.ts"] },
  { name: "contracts", path: "test/contracts", runner: "hardhat", endings: [".test.ts", ".t.sol"] },
];

/**
 * The suites to run. Each wanted word is a suite's name, or a path, which selects the test files at or below it;
 * none selects everything there is.
 */
export function selectSuites(wanted: readonly string[]): Suite[] {
  const all = SUITES.filter(({ path }) => existsSync(path)).map(({ name, path, runner, endings }) => {
    const files = statSync(path).isFile() ? [path] : endings.flatMap((ending) => below(path, ending));
    return { name, runner, files };
  });
  if (wanted.length === 0) return all;
  for (const word of wanted) {
    if (!all.some(({ name, files }) => word === name || files.some((file) => isBelow(file, word)))) {
      throw new Error(`no test is meant by ${word}; give a path, or one of: ${all.map(({ name }) => name).join(", ")}`);
    }
  }
  return all
    .map((suite) => (wanted.includes(suite.name) ? suite : { ...suite, files: filesMeant(suite.files, wanted) }))
    .filter(({ name, files }) => files.length > 0 || wanted.includes(name));
}

function below(path: string, ending: string): string[] {
  return filesBelow(path, ending).map((file) => `${path}/${file}`);
}

function filesMeant(files: readonly string[], wanted: readonly string[]): string[] {
  return files.filter((file) => wanted.some((word) => isBelow(file, word)));
}

function isBelow(file: string, path: string): boolean {
  const plain = path.replace(/^\.\//, "").replace(/\/$/, "");
  return file === plain || file.startsWith(`${plain}/`);
}
