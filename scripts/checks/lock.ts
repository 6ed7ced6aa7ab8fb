/**
 * Checks that package-lock.json knows the builds of native packages for every platform, and names no registry.
 *
 *     node scripts/bootstrap.mjs --no-contracts scripts/checks/lock.ts [--fix]
 *
 * npm leaves an optional package out of the lock when the registry in use doesn't have it (mirrors often hold only the platforms
 * that their users have), and then refuses `npm ci` with such a lock everywhere. `--fix` adds the missing entries. They carry no
 * integrity, as nobody has seen the package; `npm install` on a full registry puts it in.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isProgram } from "../lib/main.ts";

/** One entry of `packages` in a lock file, as far as it matters here. */
interface LockEntry {
  version?: string;
  resolved?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

interface LockFile {
  packages: Record<string, LockEntry>;
}

const OS = new Set([
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]);
const CPU = new Set(["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"]);
const LIBC = new Map([
  ["gnu", "glibc"],
  ["gnueabihf", "glibc"],
  ["musl", "musl"],
  ["musleabihf", "musl"],
]);

/** The entries that the lock lacks, by path. */
export function missingEntries(packages: Readonly<Record<string, LockEntry>>): Map<string, LockEntry> {
  const missing = new Map<string, LockEntry>();
  for (const owner of Object.values(packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (!Object.keys(packages).some((known) => known === path || known.endsWith(`/${path}`))) {
        missing.set(path, entryFor(name, version, owner.dev === true));
      }
    }
  }
  return missing;
}

function entryFor(name: string, version: string, dev: boolean): LockEntry {
  const words = name.replace("amd64", "x64").split(/[/-]/);
  const os = words.find((word) => OS.has(word));
  const cpu = words.find((word) => CPU.has(word));
  const libc = words.map((word) => LIBC.get(word)).find((found) => found !== undefined);
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(
      `package-lock.json lacks ${name}@${version}, and its name doesn't tell the platform: add it by hand`,
    );
  }
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(libc !== undefined && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

function main(fix: boolean): void {
  const lock: LockFile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const missing = missingEntries(lock.packages);
  const resolved = Object.keys(lock.packages).filter((path) => lock.packages[path]?.resolved?.startsWith("http"));
  if (missing.size === 0 && resolved.length === 0) {
    console.log("package-lock.json is complete");
  } else if (fix) {
    mend(lock, missing, resolved);
  } else {
    for (const path of missing.keys()) console.error(`package-lock.json lacks ${path}`);
    for (const path of resolved) console.error(`package-lock.json names a registry for ${path}`);
    console.error("mend it with: npm run lock -- --fix");
    process.exitCode = 1;
  }
}

function mend(lock: LockFile, missing: ReadonlyMap<string, LockEntry>, resolved: readonly string[]): void {
  for (const path of resolved) delete lock.packages[path]?.resolved;
  const entries = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) });
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync("package-lock.json", `${JSON.stringify(lock, undefined, 2)}\n`);
  console.log(`package-lock.json: ${missing.size} entries added, ${resolved.length} registry addresses removed`);
}

if (isProgram(import.meta.url)) main(process.argv.includes("--fix"));
