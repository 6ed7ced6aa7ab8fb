import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Workspace } from "./workspace.ts";

export interface TestCase {
  readonly file: string;
  readonly title: string;
}

/** Which tests to run, by their numbers, and whether to stop after the first that fails. */
export interface Order {
  readonly chosen: readonly number[];
  readonly bail: boolean;
}

export interface Outcome {
  readonly test: number;
  readonly result: "passed" | "failed" | "skipped";
  readonly seconds: number;
  /** The probes that ran, if there are any in the contracts. */
  readonly reached: readonly string[];
}

/** What resident.ts says: the tests when it has loaded them, then the outcomes of each order. */
export type Answer =
  | { readonly tests: readonly TestCase[] }
  | { readonly outcomes: readonly Outcome[] }
  | { readonly error: string };

/** Each run draws the same cases, so that what is found doesn't depend on luck. */
const STEADY = { PARLEY_FUZZ_SEED: "1" };

const LOADING_SECONDS = 300;

/** A process in a workspace that has test files loaded and runs them again and again. Ended when it takes too long, and started again. */
export class TestBench {
  readonly #workspace: Workspace;
  readonly #files: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #said = "";
  #tests: readonly TestCase[] = [];

  private constructor(workspace: Workspace, files: readonly string[], env: Readonly<Record<string, string>>) {
    this.#workspace = workspace;
    this.#files = files;
    this.#env = env;
  }

  static async open(
    workspace: Workspace,
    files: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<TestBench> {
    const bench = new TestBench(workspace, files, env);
    await bench.#start();
    return bench;
  }

  /** By their numbers; always the same for the same files. */
  get tests(): readonly TestCase[] {
    return this.#tests;
  }

  /** Runs tests on the contracts as they are now in the workspace; undefined if that took too long. */
  async run(chosen: readonly number[], { bail = false, seconds = 600 } = {}): Promise<readonly Outcome[] | undefined> {
    const child = this.#child ?? (await this.#start());
    child.send({ chosen, bail } satisfies Order);
    const answer = await this.#answer(child, seconds);
    if (answer === undefined) return undefined;
    if ("outcomes" in answer) return answer.outcomes;
    throw new Error(`the tests broke off: ${"error" in answer ? answer.error : "they were loaded twice"}`);
  }

  /** Ends the process; the next run starts another. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  async #start(): Promise<ChildProcess> {
    const folder = this.#workspace.folder;
    const resident = join(folder, "scripts", "lib", "contracts", "resident.ts");
    const files = this.#files.map((file) => resolve(folder, file));
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", resident, ...files], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        HARDHAT_DISABLE_TELEMETRY: "true",
        NODE_COMPILE_CACHE: join(folder, ".compile-cache"),
        NO_COLOR: "1",
        ...STEADY,
        ...this.#env,
      },
    });
    this.#child = child;
    this.#said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-10_000);
      });
    }
    const answer = await this.#answer(child, LOADING_SECONDS);
    if (answer === undefined || !("tests" in answer)) throw new Error(`the tests can't be loaded:\n${this.#said}`);
    this.#tests = answer.tests;
    return child;
  }

  /** The next thing it says; undefined if it takes too long, which ends it. */
  async #answer(child: ChildProcess, seconds: number): Promise<Answer | undefined> {
    const { promise, resolve: settle, reject } = Promise.withResolvers<Answer | undefined>();
    const timer = setTimeout(() => void this.end().then(() => settle(undefined)), seconds * 1000);
    const onExit = (code: number | null) => {
      // It was ended by us if it is no longer the one in use.
      if (this.#child === child) reject(new Error(`the tests' process ended with code ${code}:\n${this.#said}`));
    };
    child.once("message", settle as (message: unknown) => void).once("exit", onExit);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off("message", settle as (message: unknown) => void).off("exit", onExit);
    }
  }
}
