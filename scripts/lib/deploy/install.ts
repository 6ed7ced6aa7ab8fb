/** Puts the contracts onto a chain by Hardhat Ignition. The chain is the only memory: what has code there is done. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Abi, getAddress, type Hex, isAddressEqual } from "viem";
import { type Found, parleyModule } from "../../../ignition/modules/Parley.ts";
import { addressOf, constructorArguments, findCreations } from "./factory.ts";
import { openEmbedded, type Target } from "./target.ts";

/** What can be chosen about a deployment. Its addresses follow from it and from the code. */
export interface Choices {
  readonly guardian: Hex;
  readonly metaEvidence: string;
  readonly salt: Hex;
}

/** A contract as it will be on every chain. */
export interface Planned {
  readonly name: string;
  readonly address: Hex;
  /** What its creation took in the rehearsal. */
  readonly gas: bigint;
  readonly arguments: ReturnType<typeof constructorArguments>;
}

export type Plan = readonly Planned[];

/** Installs everything that isn't found, and says where everything is. */
async function install(
  { ignition, chainId }: Target,
  { guardian, metaEvidence, salt }: Choices,
  found: Found = {},
  pollingMs?: number,
): Promise<Map<string, Hex>> {
  const contracts = await ignition.deploy(parleyModule(found), {
    parameters: { Parley: { guardian, metaEvidence } },
    strategy: "create2",
    strategyConfig: { salt },
    deploymentId: `chain-${chainId}`,
    config: pollingMs === undefined ? {} : { blockPollingInterval: pollingMs },
  });
  const named = Object.entries(contracts).map(
    async ([name, contract]) => [name, getAddress(await contract.getAddress())] as const,
  );
  return new Map(await Promise.all(named));
}

/** Deploys to a chain in this process: which shows that it works, where everything will be and what it takes. */
export async function rehearse(choices: Choices): Promise<Plan> {
  const stage = await openEmbedded();
  try {
    return await planFrom(stage, await install(stage, choices, {}, 10), choices.salt);
  } finally {
    await stage.close();
  }
}

/** Reads from a chain how the contracts were created there. */
async function planFrom({ reads, artifacts }: Target, at: ReadonlyMap<string, Hex>, salt: Hex): Promise<Plan> {
  const creations = await findCreations(reads, [...at.values()], 0n);
  return Promise.all(
    [...at].map(async ([name, address]) => {
      const creation = creations.get(address);
      if (creation === undefined) throw new Error(`the rehearsal has lost ${name}`);
      if (!isAddressEqual(addressOf(salt, creation.initCode), address))
        throw new Error(`${name} isn't where CREATE2 puts it`);
      const { abi, bytecode } = await artifacts.readArtifact(name);
      const given = constructorArguments(abi as Abi, bytecode, creation.initCode);
      return { name, address, gas: creation.gas, arguments: given };
    }),
  );
}

/** Which of the plan's contracts the chain has. */
export async function findInstalled({ reads }: Target, plan: Plan): Promise<Found> {
  const codes = await Promise.all(plan.map(({ address }) => reads.getCode({ address })));
  const there = plan.filter((_, index) => codes[index] !== undefined);
  return Object.fromEntries(there.map(({ name, address }) => [name, address]));
}

/** Installs what is missing, and calls `appeared` for each contract as the chain gets it. */
export async function installMissing(
  target: Target,
  { plan, choices, found }: { plan: Plan; choices: Choices; found: Found },
  appeared: (contract: Planned) => void,
): Promise<void> {
  const done = new AbortController();
  const watching = watch(
    target,
    plan.filter(({ name }) => !(name in found)),
    appeared,
    done.signal,
  );
  try {
    const at = await install(target, choices, found, target.local ? 100 : undefined);
    for (const { name, address } of plan) {
      if (at.get(name) !== address)
        throw new Error(`${name} is at ${at.get(name)}, not where the rehearsal had it: ${address}`);
    }
  } finally {
    done.abort();
    await watching;
  }
}

async function watch(
  target: Target,
  waiting: Plan,
  appeared: (contract: Planned) => void,
  done: AbortSignal,
): Promise<void> {
  const seen = new Set<string>();
  const look = async () => {
    const there = await findInstalled(target, waiting).catch((): Found => ({}));
    for (const contract of waiting) {
      if (!(contract.name in there) || seen.has(contract.name)) continue;
      seen.add(contract.name);
      appeared(contract);
    }
  };
  while (!done.aborted) {
    await look();
    await sleep(target.local ? 100 : 2_000, undefined, { signal: done }).catch(() => {});
  }
  await look();
}
