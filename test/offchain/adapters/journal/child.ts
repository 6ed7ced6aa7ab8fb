/** Runs small programs over a SqliteJournal in processes of their own, which can be killed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const ADAPTERS = new URL("../../../../offchain/adapters/", import.meta.url);

/** Starts a process that has `SqliteJournal`, `FileWitness` and `say`, which writes a line. */
export function run(program: string, wrapper: readonly string[] = []) {
  const prelude = `
    import { writeSync } from "node:fs";
    import { SqliteJournal } from ${JSON.stringify(new URL("journal/sqlite/journal.ts", ADAPTERS).href)};
    import { FileWitness } from ${JSON.stringify(new URL("witness/file.ts", ADAPTERS).href)};
    const say = (line) => writeSync(1, line + "\\n");
  `;
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    prelude + program,
  ];
  const [command = "", ...parameters] = [...wrapper, ...node];
  return spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a program to its end; what it wrote, errors included. */
export async function report(program: string, wrapper?: readonly string[]): Promise<string> {
  const child = run(program, wrapper);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  await once(child, "close");
  return text;
}

/** Waits for a program's first line; fails with what it said instead if it ended without. */
export async function firstLine(child: ChildProcess): Promise<void> {
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  let trouble = "";
  stderr.on("data", (chunk) => (trouble += chunk));
  await Promise.race([
    once(stdout, "data"),
    once(child, "close").then(() => {
      throw new Error(`it ended without a word: ${trouble}`);
    }),
  ]);
}

/** Runs a program until it says something, and then kills it where it stands. */
export async function runAndKill(program: string): Promise<void> {
  const child = run(`${program}\nsay("done"); setInterval(() => 0, 1e6);`);
  const closed = once(child, "close");
  await firstLine(child);
  child.kill("SIGKILL");
  await closed;
}
