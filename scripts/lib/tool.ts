import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  bin?: string | Record<string, string>;
}

/** The program file of a command that an installed package brings along. All of ours are JavaScript, so no shell is needed. */
export function programOf(packageName: string, command: string): string {
  const folder = join("node_modules", packageName);
  const { bin }: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = typeof bin === "string" ? bin : bin?.[command];
  if (file === undefined) throw new Error(`${packageName} has no command ${command}`);
  return join(folder, file);
}

/** Runs a tool on our own terminal; true if it is content. */
export function runTool(packageName: string, command: string, args: readonly string[]): boolean {
  const { status } = spawnSync(process.execPath, [programOf(packageName, command), ...args], { stdio: "inherit" });
  return status === 0;
}

/** Runs all of them, also after one has failed, and sets the exit code. */
export function runTools(
  tools: readonly (readonly [packageName: string, command: string, args: readonly string[]])[],
): void {
  const results = tools.map(([packageName, command, args]) => runTool(packageName, command, args));
  if (results.includes(false)) process.exitCode = 1;
}
