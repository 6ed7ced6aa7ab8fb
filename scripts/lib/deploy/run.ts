/** A deployment from choices to record: rehearse, look what is there, send the rest, read all of it back. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getAddress, type Hex, isAddress } from "viem";
import type { Found } from "../../../ignition/modules/Parley.ts";
import { UsageError } from "../command.ts";
import { ask } from "./ask.ts";
import { saltOf } from "./factory.ts";
import { type Choices, findInstalled, installMissing, type Plan, rehearse } from "./install.ts";
import { hasPrecompile } from "./p256.ts";
import { preflight, requireFactory } from "./preflight.ts";
import { keep } from "./record.ts";
import { openEmbedded, openNetwork, type Target } from "./target.ts";
import { checkWiring, type Finding } from "./wiring.ts";

const META_EVIDENCE = fileURLToPath(new URL("../../../docs/contracts/meta-evidence.json", import.meta.url));

/** What the command line says. */
export interface Options {
  readonly network?: string;
  readonly key?: string;
  readonly guardian?: string;
  readonly "meta-evidence"?: string;
  readonly salt: string;
  readonly check: boolean;
  readonly yes: boolean;
  readonly write: boolean;
  readonly out: string;
}

/** What came of it. */
export interface Result {
  readonly network: string;
  readonly chainId: number;
  readonly deployer: Hex | undefined;
  readonly addresses: Readonly<Record<string, Hex>>;
  /** Which of them this run has sent. */
  readonly sent: readonly string[];
  readonly p256Precompile: boolean;
  readonly findings: readonly Finding[];
  readonly written: readonly string[];
}

const say = (text: string) => console.error(text);

function choicesOf({ guardian, salt, "meta-evidence": uri }: Options, deployer: Hex | undefined): Choices {
  if (guardian !== undefined && !isAddress(guardian))
    throw new UsageError(`--guardian takes an address, not ${guardian}`);
  if (uri !== undefined && !/^(https|ipfs|data):/.test(uri)) {
    throw new UsageError("--meta-evidence takes a URI that starts with https:, ipfs: or data:");
  }
  const pauses = guardian ?? deployer;
  if (pauses === undefined)
    throw new UsageError("without a deployer's key the guardian has to be named: --guardian ADDRESS");
  return { guardian: getAddress(pauses), metaEvidence: uri ?? ownDocument(), salt: saltOf(salt) };
}

function ownDocument(): string {
  const compact = JSON.stringify(JSON.parse(readFileSync(META_EVIDENCE, "utf8")));
  return `data:application/json;base64,${Buffer.from(compact).toString("base64")}`;
}

/** Brings the chain from what it has to the whole set; returns what was sent. */
async function complete(target: Target, plan: Plan, choices: Choices, options: Options): Promise<string[]> {
  const { name, chainId, deployer, local } = target;
  let missing = missingFrom(plan, await findInstalled(target, plan));
  if (missing.length === 0) {
    say(`everything is on ${name} already`);
    return [];
  }
  const where = `${name} (chain ${chainId})`;
  if (options.check) throw new Error(`${namesOf(missing)} not on ${where}; without --check they are deployed`);
  const estimate = await preflight(target, missing);
  // What was still on its way may be there now.
  const found = await findInstalled(target, plan);
  missing = missingFrom(plan, found);
  say(`to deploy on ${where} by ${deployer}: ${namesOf(missing)}`);
  say(
    `  ${estimate}; guardian ${choices.guardian}; P-256 precompile ${(await hasPrecompile(target.reads)) ? "there" : "missing"}`,
  );
  if (!local && !options.yes) await confirm(name);
  const sent: string[] = [];
  await installMissing(target, { plan, choices, found }, (contract) => {
    sent.push(contract.name);
    say(`✓ ${contract.name.padEnd(24)} ${contract.address}`);
  });
  return sent;
}

function missingFrom(plan: Plan, found: Found): Plan {
  return plan.filter(({ name }) => !(name in found));
}

function namesOf(plan: Plan): string {
  return plan.map(({ name }) => name).join(", ");
}

async function confirm(name: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError(`nobody can be asked here: say --yes to deploy on ${name}`);
  if ((await ask("Send these transactions? Type yes: ")) !== "yes") throw new Error("nothing was sent");
}

/** Errors of nodes and of Hardhat may show a node's URL, and that may hold a key. */
export async function deploy(options: Options): Promise<Result> {
  try {
    return await carryOut(options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replace(/\b(https?|wss?):\/\/\S+/g, "(a URL)"), { cause: error });
  }
}

async function carryOut(options: Options): Promise<Result> {
  if (options.network === undefined && options.check) throw new UsageError("--check needs a --network to look at");
  if (options.network === undefined && options.key !== undefined) throw new UsageError("--key needs a --network");
  const target = options.network === undefined ? await openEmbedded() : await openNetwork(options.network, options.key);
  try {
    const embedded = options.network === undefined;
    const { name: network, chainId, deployer, reads } = target;
    const choices = choicesOf(options, deployer);
    const since = await reads.getBlockNumber();
    await requireFactory(target);
    say(embedded ? "rehearsing on a chain in this process" : "rehearsing on a chain in this process first");
    const plan = await rehearse(choices);
    const sent = await complete(target, plan, choices, options);
    const addresses = Object.fromEntries(plan.map(({ name, address }) => [name, address]));
    const findings = await checkWiring(target, { addresses, ...choices });
    const p256Precompile = await hasPrecompile(reads);
    const right = findings.every(({ ok }) => ok);
    const kept = right && !embedded && !options.check && (!target.local || options.write);
    const facts = { plan, choices, p256Precompile };
    const written = kept ? await keep(options.out, target, facts, sent.length > 0 ? since : 0n) : [];
    return { network, chainId, deployer, addresses, sent, p256Precompile, findings, written };
  } finally {
    await target.close();
  }
}
