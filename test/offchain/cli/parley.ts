import assert from "node:assert/strict";
import { type ChildProcess, execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const PROGRAM = join(ROOT, "offchain", "cli", "main.ts");

export const EXAMPLES = join(ROOT, "examples", "scenarios");
export const CLOUD = join(EXAMPLES, "cloud-capacity.json");

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Runs `parley` as a user does. */
export function parley(...args: readonly string[]): Promise<Ran> {
  return parleyUnder([], ...args);
}

/** Runs it in a process that is told more, such as how much memory there is. */
export function parleyUnder(flags: readonly string[], ...args: readonly string[]): Promise<Ran> {
  return begin(flags, args).ended;
}

/** Begins to run it. */
export function parleyBegun(...args: readonly string[]): Begun {
  return begin([], args);
}

function begin(flags: readonly string[], args: readonly string[]): Begun {
  const options = {
    cwd: ROOT,
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: "" },
    maxBuffer: 64 * 1024 * 1024,
  };
  const command = ["--disable-warning=ExperimentalWarning", ...flags, PROGRAM, ...args];
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const child = execFile(process.execPath, command, options, (_, stdout, stderr) =>
    resolve({ code: child.exitCode ?? -1, stdout, stderr }),
  );
  return { child, ended: promise };
}

/** What a command prints with `--json`. */
export async function parleyJson(...args: readonly string[]) {
  const { code, stdout, stderr } = await parley(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Asserts that a command fails in two lines: what is wrong, and what to do. */
export async function refuses(args: readonly string[], what: RegExp, code: number): Promise<void> {
  const ran = await parley(...args);
  assert.match(ran.stderr, what);
  assert.match(ran.stderr, /^parley: [^\n]+ \[[A-Za-z]+\]\n {2}[^\n]+\n$/);
  assert.deepEqual([ran.code, ran.stdout], [code, ""]);
}

/** A folder with files in it, for one test. */
export function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "parley-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A scenario of two that want the opposite, in so many issues of ten values. */
export function opposed(issues = 2, names: readonly [string, string] = ["one", "other"]) {
  const worths = Array.from({ length: 10 }, (_, value) => value / 9);
  const party = (name: string, values: readonly number[]) => ({
    name,
    weights: Array.from({ length: issues }, () => 1 / issues),
    values: Array.from({ length: issues }, () => values),
    reservation: 0.1,
  });
  return {
    name: "Opposed",
    issues: Array.from({ length: issues }, (_, issue) => ({ name: `issue ${issue}`, values: worths.map(String) })),
    parties: [party(names[0], worths), party(names[1], worths.toReversed())],
  };
}
