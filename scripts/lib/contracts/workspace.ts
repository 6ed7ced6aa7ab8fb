/**
 * A copy of the project in a temporary folder, in which the contracts' code can be exchanged and their tests run. The packages are
 * linked, not copied; nothing in the working tree is touched, and whoever edits there meanwhile disturbs nothing here.
 */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Deployable } from "./project.ts";
import type { Compiled } from "./solc.ts";

/** What the compiler is made to add to contracts may make them larger than can be deployed. */
const CONFIG = `
import own from "./hardhat.own.config.ts";
import { listener } from "./scripts/lib/contracts/listener.ts";

const large = { type: "edr-simulated", allowUnlimitedContractSize: true };
const networks = { ...own.networks, default: { ...own.networks?.default, ...large } };
export default { ...own, networks, plugins: [...(own.plugins ?? []), listener] };
`;

const LEFT_OUT = [".git", ".toolchain", "artifacts", "cache", "coverage", "dist", "docs", "node_modules"];

/** Those that are to be removed when the process ends. */
const live = new Set<Workspace>();

let watching = false;

/** Leaves nothing behind, also when somebody interrupts us. */
function removeAtTheEnd(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const workspace of live) workspace.remove();
  });
  process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
}

export class Workspace {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static create(root = "."): Workspace {
    const folder = mkdtempSync(join(tmpdir(), "parley-tests-"));
    const workspace = new Workspace(folder);
    removeAtTheEnd();
    live.add(workspace);
    for (const name of readdirSync(root)) {
      if (!LEFT_OUT.includes(name)) cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    // Without what the compiler was given and answered: Hardhat would read those megabytes for its stack traces at each start.
    cpSync(join(root, "artifacts", "contracts"), join(folder, "artifacts", "contracts"), { recursive: true });
    symlinkSync(resolve(root, "node_modules"), join(folder, "node_modules"), "junction");
    renameSync(join(folder, "hardhat.config.ts"), join(folder, "hardhat.own.config.ts"));
    writeFileSync(join(folder, "hardhat.config.ts"), CONFIG);
    return workspace;
  }

  /** One that was made before, by another thread. */
  static at(folder: string): Workspace {
    return new Workspace(folder);
  }

  remove(): void {
    live.delete(this);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Exchanges a contract's code, and returns what undoes it. */
  install({ artifact }: Deployable, { evm }: Compiled): () => void {
    const path = join(this.folder, "artifacts", "contracts", artifact);
    const before = readFileSync(path, "utf8");
    const changes = {
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
      linkReferences: evm.bytecode.linkReferences,
      deployedLinkReferences: evm.deployedBytecode.linkReferences,
      immutableReferences: evm.deployedBytecode.immutableReferences,
    };
    writeFileSync(path, JSON.stringify({ ...JSON.parse(before), ...changes }));
    return () => writeFileSync(path, before);
  }
}
