import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explainError, SetupError } from "./errors.mjs";
import { hashOf, readIfThere, writeWhole } from "./files.mjs";
import { npmCi } from "./npm.mjs";
import { edrFoldersFor } from "./platform.mjs";
import { step } from "./report.mjs";

/** @typedef {import("./toolchain.mjs").Machine} Machine */
/** @typedef {{ path: string, version: string }} Node */
/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Locked */

/**
 * Whether node_modules was made from this package-lock.json, for this Node and platform.
 * @param {Machine} machine
 * @param {Node} node
 */
export function arePackagesReady(machine, node) {
  return hasEdr(machine) && readIfThere(stampOf(machine)) === stampFor(machine, node);
}

/**
 * Makes node_modules right: by looking whether it is (an install by hand is fine), or else by `npm ci`.
 * @param {Machine} machine
 * @param {Node} node
 */
export async function installPackages(machine, node) {
  if (!(hasEdr(machine) && agreesWithLock(machine))) {
    await step("installing packages", async () => {
      try {
        await npmCi({ node: node.path, cwd: machine.root, doing: "installing packages" });
      } catch (error) {
        // npm may have written down an install that isn't whole.
        rmSync(join(machine.root, "node_modules", ".package-lock.json"), { force: true });
        throw explainError("installing packages", error);
      }
    });
    if (!hasEdr(machine)) {
      throw new SetupError(
        "UNSUPPORTED_PLATFORM",
        `Hardhat has no native part for ${machine.platform}-${machine.arch}; use Linux, macOS or Windows on x64 or arm64`,
      );
    }
  }
  writeWhole(stampOf(machine), stampFor(machine, node));
}

/**
 * npm run by an older Node leaves out Hardhat's native part without a word, as its `engines` don't fit. So it is looked for each time.
 * @param {Machine} machine
 */
function hasEdr({ root, platform, arch }) {
  return edrFoldersFor(platform, arch).some((folder) =>
    existsSync(join(root, "node_modules", "@nomicfoundation", folder)),
  );
}

/**
 * Compares what npm wrote down of its last install with package-lock.json.
 * @param {Machine} machine
 */
function agreesWithLock(machine) {
  const wanted = packagesIn(join(machine.root, "package-lock.json"));
  const installed = packagesIn(join(machine.root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === "") return true;
    const there = installed[path];
    if (there === undefined) return mayBeMissing(locked, machine);
    return there.version === locked.version && there.integrity === locked.integrity;
  });
}

/**
 * @param {string} path of a lock file
 * @returns {Record<string, Locked> | undefined}
 */
function packagesIn(path) {
  const text = readIfThere(path);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

/**
 * @param {Locked} locked
 * @param {Machine} machine
 */
function mayBeMissing({ optional, devOptional, os, cpu, libc }, { platform, arch }) {
  if (optional !== true && devOptional !== true) return false;
  // Left open are what such a package itself needs, and which of the builds for two C libraries fits: neither is worth finding out.
  const isForThis = (os !== undefined || cpu !== undefined) && fits(os, platform) && fits(cpu, arch);
  return libc !== undefined || !isForThis;
}

/**
 * npm's rule for `os` and `cpu`: a list of what fits, or of what doesn't, each with "!".
 * @param {string[] | undefined} list
 * @param {string} value
 */
function fits(list, value) {
  if (list === undefined || list.includes("any")) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((entry) => entry.startsWith("!"));
}

/** @param {Machine} machine */
function stampOf({ root }) {
  return join(root, "node_modules", ".parley-install");
}

/**
 * @param {Machine} machine
 * @param {Node} node
 */
function stampFor({ root, platform, arch }, node) {
  const lock = readIfThere(join(root, "package-lock.json")) ?? "";
  return hashOf([lock, node.version, platform, arch]);
}
