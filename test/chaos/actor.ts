import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { PASSPHRASE_VARIABLE } from "../../offchain/node/keys/passphrase.ts";

const PROGRAM = new URL("../../offchain/cli/main.ts", import.meta.url).pathname;

/** An agent as a process that may die at any time and be started again; what it has told stays. */
export class Actor {
  readonly #config: string;
  readonly #passphrase: string;
  readonly #events: AgentEvent[] = [];
  readonly #watchers = new Set<() => void>();
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #errors = "";
  #isStarting = false;
  starts = 0;

  constructor(config: string, passphrase: string) {
    this.#config = config;
    this.#passphrase = passphrase;
  }

  get events(): readonly AgentEvent[] {
    return this.#events;
  }

  get isAlive(): boolean {
    return this.#child !== null;
  }

  /** Whether its silence says nothing yet: it was started, and has not come so far as to be ready. */
  get isStarting(): boolean {
    return this.#child !== null && this.#isStarting;
  }

  /** What it last complained of outside its events. */
  get errors(): string {
    return this.#errors;
  }

  /** Starts it, with no more than so many KiB for any file that it writes. */
  start(kib: number | null = null): void {
    if (this.#child !== null) return;
    this.starts++;
    this.#isStarting = true;
    const args = ["--disable-warning=ExperimentalWarning", PROGRAM, "agent", "--config", this.#config, "--json"];
    const env = { ...process.env, [PASSPHRASE_VARIABLE]: this.#passphrase };
    const limit = kib === null ? "" : `ulimit -f ${2 * kib}; `;
    const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", process.execPath, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    this.#child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000);
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    this.#exited = new Promise((resolve) => {
      child.once("close", () => {
        if (this.#child === child) this.#child = null;
        for (const watcher of [...this.#watchers]) watcher();
        resolve();
      });
    });
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#exited;
  }

  /** Resolves with the first answer that isn't null; `look` is asked again whenever something was told. */
  until<T>(look: () => T | null, ms: number): Promise<T | null> {
    return new Promise((resolve) => {
      const done = (answer: T | null) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(answer);
      };
      const watcher = () => {
        const answer = look();
        if (answer !== null) done(answer);
      };
      const timer = setTimeout(() => done(null), ms);
      this.#watchers.add(watcher);
      watcher();
    });
  }

  #hear(line: string): void {
    try {
      const event = JSON.parse(line) as AgentEvent;
      this.#events.push(event);
      if (event.event === "ready") this.#isStarting = false;
    } catch {
      // It was killed in the middle of a line.
    }
    for (const watcher of [...this.#watchers]) watcher();
  }
}
