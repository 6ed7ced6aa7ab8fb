/**
 * A copy of the project in a temporary folder, in which the contracts' code can be exchanged and their tests run. The packages are
 * linked, not copied; nothing in the working tree is touched, and whoever edits there meanwhile disturbs nothing here.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Deployable } from "./project.ts";
import type { Compiled } from "./solc.ts";

const LEFT_OUT = [".git", ".toolchain", "artifacts", "cache", "coverage", "dist", "docs", "node_modules"];

/** What came of a run of tests. */
export interface TestRun {
  readonly result: "passed" | "failed" | "timeout" | "broken";
  /** The first test that failed. */
  readonly failure: string | undefined;
  readonly seconds: number;
  readonly output: string;
}

/** Those that are to be removed when the process ends. */
const live = new Set<Workspace>();

let watching = false;

/** Leaves nothing behind, also when somebody interrupts us. */
function removeAtTheEnd(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const workspace of live) workspace.remove();
  });
  process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
}

export class Workspace {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static create(root = "."): Workspace {
    const folder = mkdtempSync(join(tmpdir(), "parley-tests-"));
    const workspace = new Workspace(folder);
    removeAtTheEnd();
    live.add(workspace);
    for (const name of readdirSync(root)) {
      if (!LEFT_OUT.includes(name)) cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    // Without what the compiler was given and answered: Hardhat would read those megabytes for its stack traces at each start.
    cpSync(join(root, "artifacts", "contracts"), join(folder, "artifacts", "contracts"), { recursive: true });
    symlinkSync(resolve(root, "node_modules"), join(folder, "node_modules"), "junction");
    return workspace;
  }

  /** One that was made before, by another thread. */
  static at(folder: string): Workspace {
    return new Workspace(folder);
  }

  remove(): void {
    live.delete(this);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Exchanges a contract's code, and returns what undoes it. */
  install({ artifact }: Deployable, { evm }: Compiled): () => void {
    const path = join(this.folder, "artifacts", "contracts", artifact);
    const before = readFileSync(path, "utf8");
    const changes = {
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
      linkReferences: evm.bytecode.linkReferences,
      deployedLinkReferences: evm.deployedBytecode.linkReferences,
      immutableReferences: evm.deployedBytecode.immutableReferences,
    };
    writeFileSync(path, JSON.stringify({ ...JSON.parse(before), ...changes }));
    return () => writeFileSync(path, before);
  }

  /** Runs test files in this order, up to the first failure if `bail`. */
  async test(
    files: readonly string[],
    { bail = false, seconds = 600, env = {} }: { bail?: boolean; seconds?: number; env?: Record<string, string> } = {},
  ): Promise<TestRun> {
    const start = performance.now();
    const cli = join("node_modules", "hardhat", "dist", "src", "cli.js");
    const args = [cli, "--no-typechain", "test", "mocha", "--no-compile", ...(bail ? ["--bail"] : []), ...files];
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        HARDHAT_DISABLE_TELEMETRY: "true",
        NODE_COMPILE_CACHE: join(this.folder, ".compile-cache"),
        NO_COLOR: "1",
        ...env,
      },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, seconds * 1000);
    const code = await new Promise<number | null>((done) => child.once("error", () => done(null)).once("close", done));
    clearTimeout(timer);
    const output = stripVTControlCharacters(text);
    const took = (performance.now() - start) / 1000;
    return { result: late ? "timeout" : judge(output, code), failure: firstFailure(output), seconds: took, output };
  }
}

/** Reads Mocha's closing lines. A run that fails without a test that fails says nothing about the contracts: something is broken. */
export function judge(output: string, code: number | null): "passed" | "failed" | "broken" {
  if (/^ +[1-9]\d* failing$/m.test(output)) return "failed";
  return code === 0 && /^ +[1-9]\d* passing \(/m.test(output) ? "passed" : "broken";
}

/** The full name of the first test that failed. In Mocha's list at the end it stands over some lines, the last with a colon. */
export function firstFailure(output: string): string | undefined {
  const list = output.split(/^ +\d+ failing$/m)[1];
  const name = /^ +1\) ([\s\S]*?):$/m.exec(list ?? "")?.[1];
  return name
    ?.split("\n")
    .map((line) => line.trim())
    .join(", ");
}
