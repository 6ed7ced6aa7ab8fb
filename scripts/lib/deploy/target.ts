/** Where contracts are deployed to: a chain, reached through Hardhat, and the account that pays. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configVariable } from "hardhat/config";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { NetworkUserConfig } from "hardhat/types/config";
import { createPublicClient, custom, getAddress, type Hex, type PublicClient } from "viem";
import config from "../../../hardhat.config.ts";
import { UsageError } from "../command.ts";
import { askSecret } from "./ask.ts";

type Environment = Awaited<ReturnType<typeof createHardhatRuntimeEnvironment>>;
type Ignition = Awaited<ReturnType<Environment["network"]["create"]>>["ignition"];

export interface Target {
  /** As it was called on the command line; never an address, which may hold a key. */
  readonly name: string;
  readonly chainId: number;
  /** A development chain: nobody has to be asked, and nothing is kept. */
  readonly local: boolean;
  /** Undefined where the node has no accounts and no key was named: then one can only look. */
  readonly deployer: Hex | undefined;
  readonly reads: PublicClient;
  readonly ignition: Ignition;
  readonly artifacts: Environment["artifacts"];
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const LOCAL_CHAINS: readonly number[] = [31_337, 1_337];
const GIVEN = "given";
const EMBEDDED = { type: "edr-simulated", chainType: "l1", hardfork: "osaka" } as const;

/** A chain in this process, for a rehearsal. */
export function openEmbedded(): Promise<Target> {
  return open(GIVEN, "embedded", EMBEDDED);
}

/**
 * A network of hardhat.config.ts by its name, or any node by its URL. There the node's own accounts are used, or the key
 * in a configuration variable.
 */
export function openNetwork(network: string, keyVariable?: string): Promise<Target> {
  if (!URL.canParse(network)) {
    const names = Object.keys(config.networks ?? {});
    if (!names.includes(network)) {
      throw new UsageError(`--network takes a URL (http://...) or one of: ${names.join(", ")}; not ${network}`);
    }
    if (keyVariable !== undefined)
      throw new UsageError(`--key is for a URL: ${network} has its key in hardhat.config.ts`);
    return open(network, network);
  }
  const { protocol, host } = new URL(network);
  if (!["http:", "https:"].includes(protocol)) throw new UsageError("--network takes a URL that starts with http");
  const accounts = keyVariable === undefined ? "remote" : [configVariable(keyVariable)];
  return open(GIVEN, host, { type: "http", chainType: "l1", url: network, accounts });
}

async function open(network: string, name: string, given?: NetworkUserConfig): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "parley-deploy-"));
  // Ignition's journals end with the run: the chain is what is remembered.
  const paths = { ...config.paths, ignition: join(folder, "ignition") };
  if (given === EMBEDDED) paths.artifacts = artifactsWithoutBuilds(join(folder, "artifacts"));
  try {
    const networks = given === undefined ? config.networks : { ...config.networks, [network]: given };
    const environment = await createHardhatRuntimeEnvironment(
      { ...config, ...(networks === undefined ? {} : { networks }), paths },
      {},
      ROOT,
    );
    // Hardhat's own prompt goes to stdout, where nothing but the result belongs.
    environment.hooks.registerHandlers("userInterruptions", {
      requestSecretInput: async (_context, asker, description) => askSecret(`[${asker}] ${description}: `),
    });
    const connection = await environment.network.create(network);
    const reads = createPublicClient({ transport: custom(connection.provider), cacheTime: 0 });
    const chainId = await reads.getChainId();
    const accounts: readonly string[] = await connection.provider.request({ method: "eth_accounts" }).then(addresses);
    const [first] = accounts;
    return {
      name,
      chainId,
      local: LOCAL_CHAINS.includes(chainId),
      deployer: first === undefined ? undefined : getAddress(first),
      reads,
      ignition: connection.ignition,
      artifacts: environment.artifacts,
      close: async () => {
        await connection.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw explain(error, name);
  }
}

/** An embedded chain reads how all contracts were compiled, 80 MB of it, for the traces of failures; a rehearsal needs none. */
function artifactsWithoutBuilds(copy: string): string {
  const builds = join(ROOT, "artifacts", "build-info");
  cpSync(join(ROOT, "artifacts"), copy, { recursive: true, filter: (path) => path !== builds });
  return copy;
}

function addresses(answer: unknown): readonly string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
}

/** What to do about what goes wrong when somebody connects. */
function explain(error: unknown, name: string): Error {
  const message = error instanceof Error ? `${error.message} ${error.cause ?? ""}` : String(error);
  const variable = /configuration variable "?(\w+)"?/i.exec(message)?.[1];
  if (variable !== undefined) {
    const hint = `npx hardhat keystore set ${variable}    (see docs/operations/deploy.md)`;
    return new Error(
      `${name} needs ${variable}, which is neither in Hardhat's keystore nor in the environment:\n\n    ${hint}`,
    );
  }
  if (/chain ?id/i.test(message)) {
    return new Error(`the node of ${name} is on another chain than hardhat.config.ts says; look at its URL`);
  }
  if (/ECONNREFUSED|connect|ENOTFOUND|fetch failed|timeout|HTTP/i.test(message)) {
    return new Error(`the node of ${name} can't be reached; is it running, and is its URL right?`);
  }
  return error instanceof Error ? error : new Error(message);
}
