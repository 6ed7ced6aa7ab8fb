import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { edrFoldersFor } from "../../scripts/bootstrap/platform.mjs";

const ROOT = join(import.meta.dirname, "..", "..");

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a copy of bootstrap in it and no packages installed; it goes when the test ends. */
export function bareTree(
  test: TestContext,
  files: readonly string[] = ["package.json", "package-lock.json", ".npmrc"],
): string {
  const tree = mkdtempSync(join(tmpdir(), "parley-bootstrap-"));
  test.after(() => rmSync(tree, { recursive: true, force: true }));
  for (const path of ["scripts/bootstrap", "scripts/bootstrap.mjs", ...files]) {
    cpSync(join(ROOT, path), join(tree, path), { recursive: true });
  }
  return tree;
}

/** A folder that needs no package, with all in it that bootstrap looks for, except its own notes. */
export function readyTree(test: TestContext, program: string): string {
  const tree = bareTree(test, []);
  const [edr = ""] = edrFoldersFor(process.platform, process.arch);
  mkdirSync(join(tree, "node_modules", "@nomicfoundation", edr), { recursive: true });
  const manifest = { name: "tree", version: "0.0.0", type: "module" };
  const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest } };
  writeFileSync(join(tree, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(tree, "package-lock.json"), JSON.stringify(lock));
  writeFileSync(join(tree, "node_modules", ".package-lock.json"), JSON.stringify({ packages: {} }));
  writeFileSync(join(tree, "program.ts"), program);
  return tree;
}

/** Runs bootstrap in such a folder, with a registry that nobody answers for and an empty cache. */
export function bootstrap(
  tree: string,
  args: readonly string[],
  { env = {}, whenOut }: { env?: NodeJS.ProcessEnv; whenOut?: (kill: (signal: NodeJS.Signals) => void) => void } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(tree, "scripts", "bootstrap.mjs"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      npm_config_registry: "http://127.0.0.1:9",
      npm_config_fetch_retries: "0",
      npm_config_cache: join(tree, "empty-cache"),
      ...env,
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    whenOut?.((signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
