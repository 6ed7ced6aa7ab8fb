/** What has to be right before anything is sent. */
import { setTimeout as sleep } from "node:timers/promises";
import { formatEther, formatGwei, type Hex } from "viem";
import { factoryTrouble } from "./factory.ts";
import type { Plan } from "./install.ts";
import type { Target } from "./target.ts";

/** Gas prices may double and more while one waits, and each transaction is estimated with something to spare. */
const MARGIN = 2n;

const PENDING_WAIT_MS = 10 * 60_000;

/** Refuses a chain without the factory, except Hardhat's own, where Ignition puts it where it belongs. */
export async function requireFactory({ reads, chainId }: Target): Promise<void> {
  const trouble = chainId === 31_337 ? undefined : await factoryTrouble(reads);
  if (trouble !== undefined) throw new Error(trouble);
}

/** Refuses an account that can't pay, and estimates by the rehearsal what the rest takes. */
export async function preflight(target: Target, missing: Plan): Promise<string> {
  const { reads, deployer, name, local } = target;
  if (deployer === undefined)
    throw new Error(`${name} has no accounts of its own: name the variable of a key, --key NAME`);
  const gas = missing.reduce((sum, contract) => sum + contract.gas, 0n);
  const [price, balance] = await Promise.all([reads.getGasPrice(), reads.getBalance({ address: deployer })]);
  const needed = gas * price * MARGIN;
  if (balance < needed) {
    throw new Error(
      `${deployer} has ${formatEther(balance)} ETH on ${name}, and ${formatEther(needed)} ETH may be needed ` +
        `(${gas.toLocaleString("en")} gas at ${formatGwei(price)} gwei, twice); send it ${formatEther(needed - balance)} ETH and run this again`,
    );
  }
  if (!local) await waitForPending(target, deployer);
  return `${gas.toLocaleString("en")} gas, about ${formatEther(gas * price)} ETH at ${formatGwei(price)} gwei`;
}

/** What an interrupted run has sent must be on the chain before it can be seen what is missing. */
async function waitForPending({ reads, name }: Target, deployer: Hex): Promise<void> {
  const until = Date.now() + PENDING_WAIT_MS;
  for (let told = false; ; told = true) {
    const [done, sent] = await Promise.all([
      reads.getTransactionCount({ address: deployer }),
      reads.getTransactionCount({ address: deployer, blockTag: "pending" }),
    ]);
    if (sent <= done) return;
    const many = `${name} hasn't taken ${sent - done} of ${deployer}'s transactions yet`;
    if (Date.now() > until) throw new Error(`${many}; wait for them or replace them, then run this again`);
    if (!told) console.error(`${many}, maybe of a run that was interrupted; waiting for them`);
    await sleep(2_000);
  }
}
