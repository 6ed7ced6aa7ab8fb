/**
 * Makes the machine ready, then runs a program of this project under the right Node:
 *
 *     node scripts/bootstrap.mjs [--no-contracts] <file.ts|file.mjs> [arguments...]
 *
 * It needs nothing but Node 20 or newer and npm. Steps, each only if needed: fetch a newer Node into .toolchain/, install the packages,
 * compile the contracts (not with `--no-contracts`). Everything it says goes to stderr. When nothing is to be done it costs some
 * hundredths of a second and calls nobody.
 *
 * Exit codes of its own are in bootstrap/errors.mjs; otherwise it ends as the program ended.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { areContractsReady, compileContracts } from "./bootstrap/contracts.mjs";
import { explainError, SetupError } from "./bootstrap/errors.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import { arePackagesReady, installPackages } from "./bootstrap/packages.mjs";
import { note } from "./bootstrap/report.mjs";
import { runInOurPlace } from "./bootstrap/run.mjs";
import { fetchNode, findNode } from "./bootstrap/toolchain.mjs";

/** @type {import("./bootstrap/toolchain.mjs").Machine} */
const machine = {
  root: dirname(dirname(fileURLToPath(import.meta.url))),
  platform: process.env["PARLEY_FAKE_PLATFORM"] ?? process.platform, // Only for the tests of this file.
  arch: process.arch,
  nodeVersion: process.env["PARLEY_FAKE_NODE_VERSION"] ?? process.versions.node, // Likewise.
  nodePath: process.execPath,
};

/** Commands of the command line that never ask a chain: who only negotiates need not wait until contracts are compiled. */
const COMMAND_LINE = "offchain/cli/main.ts";
const WITHOUT_CONTRACTS = ["negotiate", "analyze", "tournament"];

/**
 * @param {readonly string[]} argv
 * @returns {{ contracts: boolean, file: string, args: string[] }}
 */
function parse(argv) {
  const isWithout = argv[0] === "--no-contracts";
  const [file, ...args] = isWithout ? argv.slice(1) : argv;
  if (file === undefined || file.startsWith("-")) {
    throw new SetupError("USAGE", "usage: node scripts/bootstrap.mjs [--no-contracts] <file> [arguments...]");
  }
  const contracts = !isWithout && !(file === COMMAND_LINE && WITHOUT_CONTRACTS.includes(args[0] ?? ""));
  return { contracts, file, args };
}

/**
 * @param {{ contracts: boolean }} options
 * @returns {Promise<string>} the path of the Node to use
 */
async function makeReady({ contracts }) {
  const isReady = () => {
    const node = findNode(machine);
    return node !== undefined && arePackagesReady(machine, node) && (!contracts || areContractsReady(machine))
      ? node
      : undefined;
  };
  const ready =
    isReady() ??
    (await withLock(join(machine.root, ".toolchain", "lock"), async () => isReady() ?? (await setUp({ contracts }))));
  return ready.path;
}

/** @param {{ contracts: boolean }} options */
async function setUp({ contracts }) {
  if (findNode(machine) === undefined) await fetchNode(machine);
  const node = findNode(machine);
  if (node === undefined)
    throw new SetupError(
      "STEP_FAILED",
      "the fetched Node isn't where it should be; remove .toolchain and run it again",
    );
  if (!arePackagesReady(machine, node)) await installPackages(machine, node);
  if (contracts && !areContractsReady(machine)) await compileContracts(machine, node);
  return node;
}

try {
  const { contracts, file, args } = parse(process.argv.slice(2));
  const node = await makeReady({ contracts });
  // The tools that the program starts by name (npm's, Hardhat's) shall find the same Node.
  const path = `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path, HARDHAT_DISABLE_TELEMETRY: "true" };
  await runInOurPlace(node, ["--disable-warning=ExperimentalWarning", join(machine.root, file), ...args], env);
} catch (error) {
  const failure = explainError("set-up", error);
  note(failure.message);
  process.exitCode = failure.exitCode;
}
