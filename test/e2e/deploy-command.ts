import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEPLOY = join(ROOT, "scripts/deploy.ts");
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");
const PASSWORD = "only for this test";

/** Where these are set, Hardhat takes itself to be in CI and has no keystore. */
const CI_SIGNS = ["CI", "GITHUB_ACTIONS", "BUILD_NUMBER", "RUN_ID", "NOW", "DEPLOYMENT_ID", "CODEBUILD_BUILD_NUMBER"];

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run deploy -- --json` prints. */
export interface Result {
  readonly chainId: number;
  readonly addresses: Readonly<Record<string, Hex>>;
  readonly sent: readonly string[];
  readonly p256Precompile: boolean;
  readonly findings: readonly { readonly what: string; readonly ok: boolean }[];
  readonly written: readonly string[];
}

/** Runs the command as a user would, with a keystore and a folder of records of its own. */
export class DeployCommand {
  readonly folder = mkdtempSync(join(tmpdir(), "parley-deploy-test-"));
  readonly #running = new Set<ChildProcess>();

  /** Ends what still runs, and removes what was kept. */
  close(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.start(args, env).ended;
  }

  /** The same, where everything has to go well. */
  async deploy(...args: readonly string[]): Promise<Result> {
    return this.resultOf(await this.run(args));
  }

  resultOf({ code, stdout, stderr }: Ran): Result {
    assert.equal(code, 0, stderr);
    const result: Result = JSON.parse(stdout);
    const wrong = result.findings.filter(({ ok }) => !ok);
    assert.deepEqual(wrong, []);
    assert.ok(result.findings.length > 20);
    return result;
  }

  /** Puts a value into Hardhat's keystore, the one that has a password. */
  async keep(name: string, value: string): Promise<void> {
    const { code, stdout, stderr } = await this.#spawn(HARDHAT, ["keystore", "set", name], {}, value).ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; ended: Promise<Ran> } {
    return this.#spawn(DEPLOY, [...args, "--out", join(this.folder, "deployments"), "--json"], env, "");
  }

  #spawn(program: string, args: readonly string[], more: NodeJS.ProcessEnv, secret: string) {
    const own = { HOME: this.folder, XDG_CONFIG_HOME: join(this.folder, "config"), HARDHAT_DISABLE_TELEMETRY: "true" };
    const env: NodeJS.ProcessEnv = { ...process.env, ...own, ...more };
    for (const sign of CI_SIGNS) delete env[sign];
    const command = ["--disable-warning=ExperimentalWarning", program, ...args];
    const child = spawn(process.execPath, command, { env, cwd: ROOT });
    this.#running.add(child);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        if (/password: $/.test(text)) child.stdin.write(`${PASSWORD}\n`);
        else if (/Enter secret[^:]*: $/.test(text)) child.stdin.end(`${secret}\n`);
      });
    }
    const ended = new Promise<Ran>((resolve) => {
      child.once("close", (code) => {
        this.#running.delete(child);
        resolve({ code, ...said });
      });
    });
    return { child, ended };
  }
}
