import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";

/** A chain in this process that others reach by JSON-RPC. It ends with the process and keeps nothing. */
export interface EmbeddedChain {
  readonly url: string;
  close(): Promise<void>;
}

/** Key of the first account that development chains (Hardhat's and anvil alike) fund. Public: never use it elsewhere. */
export const DEVELOPMENT_KEY: Bytes32 = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

const NETWORK = "parley";

export async function startEmbeddedChain(port = 0): Promise<EmbeddedChain> {
  if (port !== 0) await requireFree(port);
  const { createHardhatRuntimeEnvironment } = await loadHardhat();
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const networks = { [NETWORK]: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" } } as const;
  const environment = await createHardhatRuntimeEnvironment({ networks }, {}, root);
  const server = await environment.network.createServer(NETWORK, "127.0.0.1", port);
  const { address, port: taken } = await server.listen();
  return { url: `http://${address}:${taken}`, close: () => server.close() };
}

/** Hardhat's server brings the process down where its port is taken, so that is found out first. */
function requireFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = "stop what listens there, or name another port with --port; without it any free one is taken";
      const message = `port ${port} is ${cause.code === "EADDRINUSE" ? "taken" : `not to be had (${cause.code})`}`;
      reject(new ParleyError("AddressInUse", message, { hint, cause }));
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/** Hardhat is large and only rehearsals need it, so it is loaded when one begins. */
async function loadHardhat() {
  try {
    return await import("hardhat/hre");
  } catch (cause) {
    throw new ParleyError("HardhatMissing", "the embedded chain needs the package `hardhat`, which can't be loaded", {
      hint: "install it (npm install hardhat), or name a node of your own with --network URL",
      cause,
    });
  }
}
