/**
 * The contracts as Hardhat has compiled them. It keeps what it gave to the compiler (artifacts/build-info), so that the same can be
 * given again with one source changed: settings, packages and names are Hardhat's own, whatever hardhat.config.ts says.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, readIfThere } from "../../bootstrap/files.mjs";
import { programOf } from "../tool.ts";
import { children, walk, word } from "./ast.ts";
import { type Compiled, compile, type Input, type Node, type Output, parse, type Wanted } from "./solc.ts";

/** One run of the compiler. */
export interface Build {
  readonly id: string;
  readonly input: Input;
  /** The contracts with code that came of it. */
  readonly contracts: readonly Deployable[];
}

/** A contract that has code. */
export interface Deployable {
  readonly name: string;
  /** What the compiler calls its file, e.g. `project/contracts/Settlement.sol`. */
  readonly source: string;
  /** Its artifact's path below artifacts/contracts. */
  readonly artifact: string;
}

const PREFIX = "project/";

/** The compiler's name of a file of this project. */
export function sourceName(file: string): string {
  return PREFIX + file;
}

/** The file of this project that the compiler calls so; undefined for those of packages. */
export function fileName(source: string): string | undefined {
  return source.startsWith(PREFIX) ? source.slice(PREFIX.length) : undefined;
}

/**
 * Reads what Hardhat left in `artifacts`. When a contract changes it compiles only what depends on that, and leaves the earlier builds,
 * which then name sources that are no more: in that case all are compiled again at once.
 */
export function readBuilds(): Build[] {
  const builds = storedBuilds();
  if (builds.length > 0 && builds.every(isOfNow)) return builds;
  execFileSync(process.execPath, [programOf("hardhat", "hardhat"), "build", "--force", "--quiet", "--no-typechain"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return storedBuilds();
}

function storedBuilds(): Build[] {
  const folder = join("artifacts", "contracts");
  const byBuild = new Map<string, Deployable[]>();
  for (const artifact of filesBelow(folder, ".json")) {
    const read: { contractName: string; inputSourceName: string; buildInfoId: string; bytecode: string } = JSON.parse(
      readFileSync(join(folder, artifact), "utf8"),
    );
    if (read.bytecode === "0x") continue;
    const contract = { name: read.contractName, source: read.inputSourceName, artifact };
    byBuild.set(read.buildInfoId, [...(byBuild.get(read.buildInfoId) ?? []), contract]);
  }
  return [...byBuild].map(([id, contracts]) => {
    const info: { input: Input } = JSON.parse(readFileSync(join("artifacts", "build-info", `${id}.json`), "utf8"));
    return { id, input: info.input, contracts };
  });
}

function isOfNow({ input }: Build): boolean {
  return Object.entries(input.sources).every(([name, { content }]) => {
    const file = fileName(name);
    return file === undefined || readIfThere(file) === content;
  });
}

/** The syntax trees of all sources of all builds, by the compiler's name. */
export function parseAll(builds: readonly Build[]): Map<string, Node> {
  const trees = builds.flatMap(({ input }) => Object.entries(parse(input).sources));
  return new Map(trees.map(([source, { ast }]) => [source, ast]));
}

/** The contracts of a build whose code may depend on a source. */
export function dependents({ contracts }: Build, source: string, trees: ReadonlyMap<string, Node>): Deployable[] {
  return contracts.filter((contract) => importsOf(contract.source, trees).has(source));
}

/** A source and all that it imports, directly or not. */
function importsOf(source: string, trees: ReadonlyMap<string, Node>, found = new Set<string>()): Set<string> {
  const tree = trees.get(source);
  if (found.has(source) || tree === undefined) return found;
  found.add(source);
  for (const node of children(tree, "nodes")) {
    if (node.nodeType === "ImportDirective") importsOf(word(node, "absolutePath"), trees, found);
  }
  return found;
}

/** Compiles some contracts of a build, with some of its sources changed. */
export function compileSome(
  { input }: Build,
  contracts: readonly Deployable[],
  sources: Readonly<Record<string, string>> = {},
): Output {
  const wanted: Record<string, string[]> = {};
  for (const { source, name } of contracts) wanted[source] = [...(wanted[source] ?? []), name];
  const changed = Object.entries(sources).map(([name, content]) => [name, { content }]);
  return compile({ ...input, sources: { ...input.sources, ...Object.fromEntries(changed) } }, wanted satisfies Wanted);
}

/** What came of a contract. */
export function codeOf(output: Output, { source, name }: Deployable): Compiled {
  const compiled = output.contracts[source]?.[name];
  if (compiled === undefined) throw new Error(`the compiler made nothing of ${name} in ${source}`);
  return compiled;
}

/** The same build for the shorter wait: code that does the same, made without the slow way through Yul. */
export function inHaste(build: Build): Build {
  const settings = { ...build.input.settings, viaIR: false, optimizer: { enabled: true, runs: 1 } };
  return { ...build, input: { ...build.input, settings } };
}

/** All members of each enumeration, by the id of each member. */
export function enumMembers(trees: Iterable<Node>): Map<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const tree of trees) {
    walk(tree, (node) => {
      if (node.nodeType !== "EnumDefinition") return;
      const members = children(node, "members");
      const names = members.map((member) => word(member, "name"));
      for (const { id } of members) if (id !== undefined) found.set(id, names);
    });
  }
  return found;
}
