/** Every package that is installed carries a licence that lets anybody use this project, in production and to develop it. */
import { existsSync, readFileSync } from "node:fs";
import { isProgram } from "../lib/main.ts";
import { isAllowed } from "../lib/spdx.ts";

/** Permissive: they ask for a notice at most. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
]);

/** Packages that are used in spite of another licence, or of none that a machine can read; each with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    "@nomicfoundation/ignition-ui",
    "its manifest says nothing; it is a part of Hardhat's repository, whose licence is MIT",
  ],
]);

/** What is known of one installed package. */
export interface Package {
  readonly name: string;
  readonly licence: string;
}

/** The packages whose licence is neither allowed nor excepted. */
export function refused(packages: readonly Package[], exceptions = EXCEPTIONS): Package[] {
  return packages.filter(({ name, licence }) => !isAllowed(licence, ALLOWED) && !exceptions.has(name));
}

interface Manifest {
  name?: string;
  license?: string | { type?: string };
  licenses?: { type?: string }[];
}

function installedPackages(): Package[] {
  const lock: { packages: Record<string, unknown> } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  return Object.keys(lock.packages)
    .filter((path) => path !== "" && existsSync(`${path}/package.json`))
    .map((path) => describe(JSON.parse(readFileSync(`${path}/package.json`, "utf8")), path));
}

function describe(manifest: Manifest, path: string): Package {
  const { license, licenses } = manifest;
  const one = typeof license === "string" ? license : license?.type;
  const licence = one ?? licenses?.map(({ type }) => type).join(" OR ") ?? "none";
  return { name: manifest.name ?? path, licence };
}

function main(): void {
  const packages = installedPackages();
  const bad = refused(packages);
  for (const { name, licence } of bad) console.error(`${name}: licence ${licence} isn't allowed`);
  const useless = [...EXCEPTIONS.keys()].filter((name) => !packages.some((found) => found.name === name));
  for (const name of useless) console.error(`${name} isn't installed: remove the exception`);
  if (bad.length + useless.length > 0) process.exitCode = 1;
  console.log(`${packages.length} packages, ${bad.length} refused`);
}

if (isProgram(import.meta.url)) main();
