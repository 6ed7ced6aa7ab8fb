import { existsSync } from "node:fs";
import { join } from "node:path";
import { explain, SetupError } from "./errors.mjs";
import { filesBelow, hashOf, readIfThere, writeWhole } from "./files.mjs";
import { step } from "./report.mjs";
import { runQuietly } from "./run.mjs";

/** @typedef {import("./toolchain.mjs").Machine} Machine */

/**
 * Whether the artifacts were made from the contracts as they are now.
 * @param {Machine} machine
 */
export function areContractsReady(machine) {
  const sources = sourcesOf(machine);
  if (sources.length === 0) return true;
  return (
    existsSync(join(machine.root, "artifacts", "contracts")) &&
    readIfThere(stampOf(machine)) === stampFor(machine, sources)
  );
}

/**
 * Compiles with Hardhat, which also writes the TypeChain types. What the compiler says of an error is shown as it is.
 * @param {Machine} machine
 * @param {{ path: string }} node
 */
export async function compileContracts(machine, node) {
  // Of what is compiled, not of what is there later: a file that is saved meanwhile makes the next run compile again.
  const stamp = stampFor(machine, sourcesOf(machine));
  await step("compiling the contracts", async () => {
    const { ok, output } = await runQuietly(
      node.path,
      [join("node_modules", "hardhat", "dist", "src", "cli.js"), "build", "--quiet", "--no-tests"],
      {
        cwd: machine.root,
        // Where CI is set, Hardhat shows a stack trace of its own below what the compiler says.
        env: { ...process.env, CI: undefined, HARDHAT_DISABLE_TELEMETRY: "true" },
      },
    );
    if (!ok) throw explainCompile(output);
  });
  writeWhole(stampOf(machine), stamp);
}

/** @param {string} output */
function explainCompile(output) {
  const understood = explain("compiling the contracts", output);
  if (understood.kind === "DISK_FULL") return understood;
  process.stderr.write(`\n${output.trim()}\n`);
  return new SetupError("CONTRACTS_BROKEN", "the contracts don't compile; mend what is shown above and run it again");
}

/** @param {Machine} machine */
function sourcesOf({ root }) {
  return filesBelow(join(root, "contracts"), ".sol").map((path) => join("contracts", path));
}

/** @param {Machine} machine */
function stampOf({ root }) {
  return join(root, "cache", "parley-contracts");
}

/**
 * @param {Machine} machine
 * @param {readonly string[]} sources
 */
function stampFor({ root }, sources) {
  const inputs = [...sources, "hardhat.config.ts", "package-lock.json"];
  return hashOf(inputs.flatMap((path) => [path, readIfThere(join(root, path)) ?? ""]));
}
