import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { Outcome, Suite } from "./suites.ts";
import { programOf } from "./tool.ts";

export interface HardhatOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what is compiled as it is: two processes that compile at a time take each other's files away. */
  readonly compile?: boolean;
}

/** Runs contract tests with Hardhat (Mocha, and Solidity tests if there are any) and shows how it goes on `out`. */
export async function runHardhatTests(
  suite: Suite,
  out: NodeJS.WritableStream,
  { env = {}, compile = true }: HardhatOptions = {},
): Promise<Outcome> {
  const { name, files } = suite;
  if (files.length === 0) return { suite: name, passed: 0, failed: 0, skipped: 0, problems: [`${name} has no tests`] };
  const args = [programOf("hardhat", "hardhat"), "test", ...(compile ? [] : ["--no-compile"]), ...files];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      out.write(text);
    });
  }
  const code = await new Promise<number | null>((resolve) =>
    child.once("error", () => resolve(null)).once("close", resolve),
  );
  return { suite: name, ...countTests(stripVTControlCharacters(output), code) };
}

/**
 * Reads the counts from Hardhat's closing lines, e.g. `12 passing (9 mocha, 3 solidity)`. Tests that Mocha calls pending count there
 * as passing, so they are taken off again.
 */
export function countTests(output: string, code: number | null): Omit<Outcome, "suite"> {
  const last = (pattern: RegExp) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const pending = last(/^ +(\d+) pending$/gm);
  const passed = Math.max(0, last(/^(\d+) passing \(/gm) - pending);
  const failed = last(/^(\d+) failing \(/gm);
  const skipped = last(/^(\d+) skipped \(/gm) + pending;
  const problems: string[] = [];
  if (passed + failed + skipped === 0) problems.push("Hardhat ran no test");
  else if (code !== 0 && failed === 0) problems.push(`Hardhat broke off with code ${code}`);
  return { passed, failed, skipped, problems };
}
