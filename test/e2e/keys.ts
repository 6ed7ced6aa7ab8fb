import { AgentProcess } from "../../offchain/cli/agent-process.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { type AgentParts, startAgent } from "../../offchain/node/agent.ts";
import type { AgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { KeyStore } from "../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../offchain/node/keys/scrypt.ts";

const PASSPHRASE = new Secret("the keys of these tests are worth nothing");

const PROGRAM = new URL("../../offchain/cli/main.ts", import.meta.url).pathname;

/** Writes a wallet's secret to a key file, unless there is one from an earlier start. */
export async function makeKeys(file: string, wallet: Bytes32): Promise<void> {
  try {
    await KeyStore.create(file, PASSPHRASE, { wallet: new Secret(wallet), cost: RANDOM_PASSPHRASE_COST });
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "KeysExist")) throw thrown;
  }
}

/** Starts an agent in this process, with the keys that its configuration names. */
export async function startWithKeys(config: AgentConfig, tell: (event: AgentEvent) => void, parts?: AgentParts) {
  return await startAgent(config, await KeyStore.open(config.keys, PASSPHRASE), tell, parts);
}

/** Starts an agent in a process of its own. */
export function startProcess(name: string, config: string): AgentProcess {
  return new AgentProcess(name, config, PASSPHRASE, () => undefined, PROGRAM);
}
