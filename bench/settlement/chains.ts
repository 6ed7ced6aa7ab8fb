import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startAnvil } from "../../test/e2e/anvil.ts";

export interface BenchChain {
  readonly url: string;
  stop(): Promise<void>;
}

export const CHAINS = { embedded: startEmbedded, anvil: () => startAnvil() } as const;

export type ChainName = keyof typeof CHAINS;

async function startEmbedded(): Promise<BenchChain> {
  const child = fork(fileURLToPath(new URL("embedded.ts", import.meta.url)), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [url] = (await once(child, "message")) as [string];
  return {
    url,
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
