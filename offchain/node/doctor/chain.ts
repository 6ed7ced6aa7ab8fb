import { connectRpc, type Rpc } from "../../adapters/chain/rpc.ts";
import { verifyContracts } from "../../adapters/chain/verify-contracts.ts";
import type { AgentConfig } from "../agent-config.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";

/** What Hardhat's node and anvil call themselves: they make a block when there is something to put into it, at times of their own. */
const DEVELOPMENT_CHAIN = 31_337;

/** Blocks may be dated some seconds ahead of whoever makes them. */
const AHEAD_S = 15;

/** Chains make a block every few seconds; after minutes without one something stands still. */
const [OLD_S, STALE_S] = [60, 300];

/** Each node by itself: while one answers, nobody notices that the others don't. */
export async function lookAtNodes({ rpc }: Pick<AgentConfig, "rpc">): Promise<readonly Finding[]> {
  if (rpc.length === 1) return [];
  return await Promise.all(
    rpc.map((url, place) =>
      look(`node ${place + 1}`, async () => ok(`${new URL(url).host} is on chain ${(await connectRpc(url)).chainId}`)),
    ),
  );
}

export function lookAtChainId({ chainId }: Rpc, { deployment }: Pick<AgentConfig, "deployment">): Promise<Finding> {
  return look("chain", () => {
    if (chainId === deployment.chainId) return ok(`the node is on chain ${chainId}`);
    return bad(
      `the node is on chain ${chainId}, not on ${deployment.chainId} [WrongChain]`,
      "give the address of a node of the chain that the contracts are deployed to",
    );
  });
}

export function lookAtContracts(rpc: Rpc, { deployment }: Pick<AgentConfig, "deployment">): Promise<Finding> {
  return look("contracts", async () => {
    await verifyContracts(rpc, deployment);
    return ok(`registry and Settlement are of the code of this version, at ${deployment.settlement}`);
  });
}

/** The chain's time against this machine's, in seconds. */
export function lookAtClock(rpc: Rpc, nowMs: number): Promise<Finding> {
  return look("clock", async () => {
    const { timestamp, number } = await rpc.reads.getBlock();
    const age = Math.floor(nowMs / 1000) - Number(timestamp);
    if (rpc.chainId === DEVELOPMENT_CHAIN) return developmentClock(age);
    if (age < -AHEAD_S) {
      return bad(
        `the newest block is dated ${-age} s ahead of this machine's clock`,
        "set the clock (NTP): deadlines go by the chain's time, and more than five minutes of error aren't tolerated",
      );
    }
    const says = `the newest block, ${number}, is ${Math.max(0, age)} s old by this machine's clock`;
    const hint = "see whether the node is in sync, and the clock right (NTP)";
    if (age > STALE_S) return bad(says, hint);
    return age > OLD_S ? warn(says, hint) : ok(says);
  });
}

function developmentClock(age: number) {
  if (Math.abs(age) <= STALE_S) return ok("the chain's time is about this machine's");
  const where = age < 0 ? "ahead of" : "behind";
  return warn(
    `a development chain, whose time is ${Math.abs(age)} s ${where} this machine's`,
    "agents stamp what they sign by the machine's clock, and deadlines go by the chain's: begin the chain anew",
  );
}

export function lookAtSync(rpc: Rpc): Promise<Finding> {
  return look("sync", async () => {
    const syncing: unknown = await rpc.reads.request({ method: "eth_syncing" } as never);
    if (syncing === false) return ok("the node says that it is in sync");
    return bad("the node is still catching up with the chain", "wait until it has, or use another node");
  });
}
