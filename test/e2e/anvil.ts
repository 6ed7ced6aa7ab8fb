import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A second, independent implementation of the chain: anvil, from its npm package. */
export interface Anvil {
  readonly url: string;
  stop(): Promise<void>;
}

/** States of blocks that it keeps, in memory: deeper than any reorganisation goes. Without a bound it writes gigabytes to the disk, which slows it down. */
const STATES = "300";

/** Starts anvil on a port of its own choice; options go to it as they are, e.g. `--chain-id 1`. */
export async function startAnvil(...options: readonly string[]): Promise<Anvil> {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const system = process.platform === "win32" ? "win32" : process.platform;
  const name = `@foundry-rs/anvil-${system}-${architecture}/bin/anvil${system === "win32" ? ".exe" : ""}`;
  const args = ["--port", "0", "--hardfork", "osaka", "--prune-history", STATES, ...options];
  const child = spawn(fileURLToPath(import.meta.resolve(name)), args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = `http://${await listening(child)}`;
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const address = /Listening on (\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      // It has a line for each request: looked through to the end they would take more time than what is measured.
      child.stdout?.off("data", hear).resume();
      resolve(address);
    };
    child.stdout?.on("data", hear);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`anvil ended with ${code}: ${said.slice(-500)}`)));
  });
}
