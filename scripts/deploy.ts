/** See HELP. What is deployed stands in ignition/modules/Parley.ts, with which parameters in ignition/settings.ts. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getAddress, type Hex, isAddress } from "viem";
import { SALT_TEXT, saltOf } from "../ignition/settings.ts";
import { runCommand, UsageError } from "./lib/command.ts";
import { ask } from "./lib/deploy/ask.ts";
import { type Choices, findInstalled, installMissing, type Plan, rehearse } from "./lib/deploy/install.ts";
import { hasPrecompile } from "./lib/deploy/p256.ts";
import { preflight } from "./lib/deploy/preflight.ts";
import { keep } from "./lib/deploy/record.ts";
import { openEmbedded, openNetwork, type Target } from "./lib/deploy/target.ts";
import { brief, checkWiring, type Finding } from "./lib/deploy/wiring.ts";

const META_EVIDENCE = fileURLToPath(new URL("../docs/contracts/meta-evidence.json", import.meta.url));

const HELP = `
Deploys Parley's contracts, and reads from the chain whether they are what was compiled and know each other:

    npm run deploy                                          a rehearsal on a chain in this process
    npm run deploy -- --network http://127.0.0.1:8545       on a node, by its own accounts
    npm run deploy -- --network sepolia                     by the key in Hardhat's keystore

    --network NAME|URL    a network of hardhat.config.ts, or a node
    --key VARIABLE        with a URL: the configuration variable (Hardhat's keystore) that holds the deployer's key
    --guardian ADDRESS    who may pause new commitments; without it the deployer
    --meta-evidence URI   ERC-1497 document, https: or ipfs:; without it docs/contracts/meta-evidence.json as a data: URI
    --salt TEXT           other addresses (default "${SALT_TEXT}")
    --check               send nothing, only look at what is there
    --yes                 don't ask before anything is sent
    --write               keep the record also for a local chain
    --out FOLDER          where records are kept (default deployments)
    --json                the result as one JSON object on stdout

Every contract has the same address on every chain, as long as code, salt, guardian and document are the same. Run it again and it
sends only what is missing. Ends with code 1 if anything isn't as it should be. See docs/operations/deploy.md.
`;

interface Options {
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

interface Result {
  readonly network: string;
  readonly chainId: number;
  readonly deployer: Hex;
  readonly addresses: Readonly<Record<string, Hex>>;
  /** Which of them this run has sent. */
  readonly sent: readonly string[];
  readonly p256Precompile: boolean;
  readonly findings: readonly Finding[];
  readonly written: readonly string[];
}

const say = (text: string) => console.error(text);

function choicesOf({ guardian, salt, "meta-evidence": uri }: Options, deployer: Hex): Choices {
  if (guardian !== undefined && !isAddress(guardian))
    throw new UsageError(`--guardian takes an address, not ${guardian}`);
  if (uri !== undefined && !/^(https|ipfs|data):/.test(uri)) {
    throw new UsageError("--meta-evidence takes a URI that starts with https:, ipfs: or data:");
  }
  return { guardian: getAddress(guardian ?? deployer), metaEvidence: uri ?? ownDocument(), salt: saltOf(salt) };
}

function ownDocument(): string {
  const compact = JSON.stringify(JSON.parse(readFileSync(META_EVIDENCE, "utf8")));
  return `data:application/json;base64,${Buffer.from(compact).toString("base64")}`;
}

/** Brings the chain from what it has to the whole set; returns what was sent. */
async function complete(target: Target, plan: Plan, choices: Choices, options: Options): Promise<string[]> {
  const { name, chainId, deployer, local } = target;
  let found = await findInstalled(target, plan);
  const missing = () => plan.filter((contract) => !(contract.name in found));
  if (missing().length === 0) {
    say(`everything is on ${name} already`);
    return [];
  }
  const names = missing().map((contract) => contract.name);
  if (options.check)
    throw new Error(`${names.join(", ")} not on ${name} (chain ${chainId}); without --check they are deployed`);
  const estimate = await preflight(target, missing());
  // What was pending before may be there now.
  found = await findInstalled(target, plan);
  if (missing().length === 0) return [];
  say(
    `to deploy on ${name} (chain ${chainId}) by ${deployer}: ${missing()
      .map((contract) => contract.name)
      .join(", ")}`,
  );
  say(`  ${estimate.text}; the guardian will be ${choices.guardian}`);
  if (!local && !options.yes) await confirm(name);
  const sent: string[] = [];
  await installMissing(target, { plan, choices, found }, (contract) => {
    sent.push(contract.name);
    say(`✓ ${contract.name.padEnd(24)} ${contract.address}`);
  });
  return sent;
}

async function confirm(name: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError(`nobody can be asked here: say --yes to deploy on ${name}`);
  if ((await ask("Send these transactions? Type yes: ")) !== "yes") throw new Error("nothing was sent");
}

async function deploy(options: Options): Promise<Result> {
  if (options.network === undefined && options.check) throw new UsageError("--check needs a --network to look at");
  if (options.network === undefined && options.key !== undefined) throw new UsageError("--key needs a --network");
  const target = options.network === undefined ? await openEmbedded() : await openNetwork(options.network, options.key);
  try {
    const embedded = options.network === undefined;
    const { name: network, chainId, deployer, reads } = target;
    const choices = choicesOf(options, deployer);
    const since = await reads.getBlockNumber();
    say(embedded ? "rehearsing on a chain in this process" : "rehearsing on a chain in this process first");
    const plan = await rehearse(choices);
    const sent = await complete(target, plan, choices, options);
    const addresses = Object.fromEntries(plan.map(({ name, address }) => [name, address]));
    const findings = await checkWiring(target, { addresses, ...choices });
    const p256Precompile = await hasPrecompile(reads);
    const right = findings.every(({ ok }) => ok);
    const kept = right && !embedded && (!target.local || options.write);
    const facts = { plan, choices, p256Precompile };
    const written = kept ? await keep(options.out, target, facts, sent.length > 0 ? since : 0n) : [];
    return { network, chainId, deployer, addresses, sent, p256Precompile, findings, written };
  } finally {
    await target.close();
  }
}

function show({ network, chainId, addresses, sent, p256Precompile, findings, written }: Result): void {
  console.log(
    `\n${network}, chain ${chainId}: ${sent.length} contracts deployed, ${Object.keys(addresses).length - sent.length} found`,
  );
  for (const [name, address] of Object.entries(addresses)) console.log(`  ${name.padEnd(24)} ${address}`);
  const precompile = p256Precompile
    ? "there: a signature costs 6,900 gas"
    : "missing: the verifier in Solidity stands in, at some 200,000 gas";
  console.log(`  P-256 precompile         ${precompile}`);
  for (const file of written) console.log(`  written                  ${file}`);
  const wrong = findings.filter(({ ok }) => !ok);
  console.log(wrong.length === 0 ? `all ${findings.length} checks of code and wiring hold` : "");
  for (const { what, actual, expected } of wrong) {
    console.log(`✗ ${what} is ${brief(actual)}\n    and should be ${brief(expected)}`);
  }
}

await runCommand(
  HELP,
  {
    network: { type: "string" },
    key: { type: "string" },
    guardian: { type: "string" },
    "meta-evidence": { type: "string" },
    salt: { type: "string", default: SALT_TEXT },
    check: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    out: { type: "string", default: "deployments" },
    json: { type: "boolean", default: false },
  },
  async ({ json, ...options }) => {
    const result = await deploy(options);
    if (json) console.log(JSON.stringify(result));
    else show(result);
    if (result.findings.some(({ ok }) => !ok)) process.exitCode = 1;
  },
);
