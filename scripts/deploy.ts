/** See HELP. What is deployed stands in ignition/modules/Parley.ts, with which parameters in ignition/settings.ts. */
import { SALT_TEXT } from "../ignition/settings.ts";
import { runCommand } from "./lib/command.ts";
import type { Result } from "./lib/deploy/run.ts";

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

/** The beginning of something long. */
function brief(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 120)}... (${text.length} characters)`;
}

function show({ network, chainId, addresses, sent, p256Precompile, findings, written }: Result): void {
  console.log(
    `\n${network}, chain ${chainId}: ${sent.length} contracts deployed, ${Object.keys(addresses).length - sent.length} found`,
  );
  for (const [name, address] of Object.entries(addresses)) console.log(`  ${name.padEnd(24)} ${address}`);
  const precompile = p256Precompile
    ? "there: a signature costs 6,900 gas"
    : "missing: the verifier in Solidity stands in, at some 350,000 gas";
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
    // Hardhat is large, and only now needed
    const { deploy } = await import("./lib/deploy/run.ts");
    const result = await deploy(options);
    if (json) console.log(JSON.stringify(result));
    else show(result);
    if (result.findings.some(({ ok }) => !ok)) process.exitCode = 1;
  },
);
