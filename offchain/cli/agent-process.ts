import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ParleyError } from "../kernel/errors.ts";
import type { Secret } from "../kernel/secret.ts";
import type { AgentEvent } from "../node/agent-event.ts";
import { PASSPHRASE_VARIABLE } from "../node/keys/passphrase.ts";

type Named<Name extends AgentEvent["event"]> = Extract<AgentEvent, { event: Name }>;

/** An agent that runs as a process of its own, as it would on another machine. */
export class AgentProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #events: AgentEvent[] = [];
  readonly #watchers = new Set<(event: AgentEvent | null) => void>();
  #errors = "";
  #ended = false;
  readonly exited: Promise<number | null>;

  constructor(
    name: string,
    config: string,
    passphrase: Secret<string>,
    onEvent: (event: AgentEvent) => void,
    program: string = process.argv[1] as string,
  ) {
    this.#name = name;
    const args = [...process.execArgv, program, "agent", "--config", config, "--json", "--transcript"];
    // An agent has a key of its own; the one that pays for the rehearsal is none of its business.
    const { PARLEY_KEY: _, ...environment } = process.env;
    const env = { ...environment, [PASSPHRASE_VARIABLE]: passphrase.reveal() };
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000);
    });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const event = JSON.parse(line) as AgentEvent;
      this.#events.push(event);
      onEvent(event);
      for (const watcher of [...this.#watchers]) watcher(event);
    });
    const exit = new Promise<number | null>((resolve) => {
      this.#child.once("error", () => resolve(null)).once("close", (code) => resolve(code));
    });
    this.exited = exit.then((code) => {
      this.#ended = true;
      for (const watcher of [...this.#watchers]) watcher(null);
      return code;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get events(): readonly AgentEvent[] {
    return this.#events;
  }

  /** The first event of that name that is meant, past or to come. Rejects where the process ends, or reports trouble, before it. */
  event<Name extends AgentEvent["event"]>(
    name: Name,
    isMeant: (event: Named<Name>) => boolean = () => true,
  ): Promise<Named<Name>> {
    return new Promise((resolve, reject) => {
      const look = (event: AgentEvent | null) => {
        if (event?.event === name && isMeant(event as Named<Name>)) resolve(event as Named<Name>);
        else if (event === null) reject(this.#died(`before it reported '${name}'`));
        else if (event.event === "trouble" && !event.retried)
          reject(new ParleyError(event.code, `${this.#name}: ${event.message}`));
        else return;
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      for (const event of this.#events) look(event);
      if (this.#ended) look(null);
    });
  }

  /** Asks it to stop, and waits until it has. Its journal keeps what was going on. */
  async stop(): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGTERM");
    await this.exited;
  }

  /** Ends it without warning; for clean-up when something else has failed. */
  kill(): void {
    if (!this.#ended) this.#child.kill("SIGKILL");
  }

  #died(when: string): ParleyError<"AgentDied"> {
    const last = this.#errors.trim().split("\n").slice(0, 2).join(" ");
    return new ParleyError("AgentDied", `the ${this.#name}'s process ended ${when}${last === "" ? "" : `: ${last}`}`);
  }
}
