import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { explainError, SetupError } from "./errors.mjs";
import { npmCi } from "./npm.mjs";
import { isNodeRight, nodePackageFor } from "./platform.mjs";
import { step } from "./report.mjs";
import { runQuietly } from "./run.mjs";

/**
 * @typedef {object} Machine what bootstrap needs to know of where it runs
 * @property {string} root the folder of the project
 * @property {string} platform
 * @property {string} arch
 * @property {string} nodeVersion of the running Node
 * @property {string} nodePath of the running Node
 */

/**
 * The Node to use: the running one, or a fetched one. Undefined if it must be fetched first.
 * @param {Machine} machine
 * @returns {{ path: string, version: string } | undefined}
 */
export function findNode(machine) {
  if (isNodeRight(machine.nodeVersion)) return { path: machine.nodePath, version: machine.nodeVersion };
  const wanted = nodePackageFor(machine.platform, machine.arch);
  const path = join(homeOf(machine, wanted), "node_modules", wanted.name, wanted.binary);
  return existsSync(path) ? { path, version: wanted.version } : undefined;
}

/**
 * Fetches Node through npm. The folder gets its name only when it is complete.
 * @param {Machine} machine
 */
export async function fetchNode(machine) {
  const wanted = nodePackageFor(machine.platform, machine.arch);
  const doing = `fetching Node ${wanted.version}`;
  const home = homeOf(machine, wanted);
  const unfinished = `${home}.unfinished`;
  await step(`${doing} (Node ${machine.nodeVersion} is too old)`, async () => {
    try {
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      writeFileSync(join(unfinished, "package.json"), JSON.stringify(manifestFor(wanted)));
      writeFileSync(join(unfinished, "package-lock.json"), JSON.stringify(lockFor(wanted)));
      await npmCi({ node: machine.nodePath, cwd: unfinished, doing });
      await tryOut(join(unfinished, "node_modules", wanted.name, wanted.binary), wanted.version);
      renameSync(unfinished, home);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw explainError(doing, error);
    }
  });
}

/**
 * Whether the binary runs here: the C library may be another one, say.
 * @param {string} path
 * @param {string} version
 */
async function tryOut(path, version) {
  const { ok, output } = await runQuietly(path, ["--version"], { cwd: dirname(path) });
  if (ok && output.trim() === `v${version}`) return;
  throw new SetupError(
    "UNSUPPORTED_PLATFORM",
    `the fetched Node ${version} doesn't run here; install Node 22.18 or newer yourself`,
  );
}

/**
 * @param {Machine} machine
 * @param {import("./platform.mjs").NodePackage} wanted
 */
function homeOf(machine, wanted) {
  return join(machine.root, ".toolchain", `${wanted.name}-${wanted.version}`);
}

/** @param {import("./platform.mjs").NodePackage} wanted */
function manifestFor({ name, version }) {
  return { name: "toolchain", version: "0.0.0", private: true, dependencies: { [name]: version } };
}

/**
 * A lock file of one package: it makes npm compare what it downloads with our hash.
 * @param {import("./platform.mjs").NodePackage} wanted
 */
function lockFor(wanted) {
  const { name, version, integrity } = wanted;
  const packages = { "": manifestFor(wanted), [`node_modules/${name}`]: { version, integrity } };
  return { name: "toolchain", version: "0.0.0", lockfileVersion: 3, requires: true, packages };
}
