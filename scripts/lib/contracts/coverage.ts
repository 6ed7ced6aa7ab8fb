/** Runs the contract tests over contracts with probes in them, each test file by itself, and tells which probes each has reached. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, readIfThere } from "../../bootstrap/files.mjs";
import { atOnce } from "../lanes.ts";
import { addProbes, PROBE_CONTRACT, PROBE_SOURCE, type Probe } from "./probes.ts";
import { type Build, codeOf, compileSome, fileName, inHaste, parseAll, readBuilds } from "./project.ts";
import type { Node, Output } from "./solc.ts";
import { Workspace } from "./workspace.ts";

const TESTS = "test/contracts";

/**
 * What is measured on purpose changes with the slightest change of a contract, and would say nothing about what it does; and what
 * the compiler is asked again is no behaviour.
 */
const NOT_OF_BEHAVIOUR = ["test/contracts/gas.test.ts", "test/contracts/extension/layout.test.ts"];

/** What the tests reach. */
export interface Reached {
  readonly probes: readonly Probe[];
  readonly tests: readonly TestFile[];
}

/** A test file, how long it takes, and the numbers of the probes that it reaches. */
export interface TestFile {
  readonly file: string;
  readonly seconds: number;
  readonly hits: ReadonlySet<number>;
}

/** The contract tests, those that measure left out. */
export function behaviourTests(): string[] {
  return filesBelow(TESTS, ".test.ts")
    .map((file) => `${TESTS}/${file}`)
    .filter((file) => !NOT_OF_BEHAVIOUR.includes(file));
}

/** Whether a file's coverage counts. */
function isProduct(file: string): boolean {
  return !file.startsWith("contracts/mocks/");
}

export async function reach(say: (text: string) => void): Promise<Reached> {
  const builds = readBuilds();
  const trees = parseAll(builds);
  const { sources, probes } = probeAll(builds, trees);
  const workspace = Workspace.create();
  try {
    say(`compiling with ${probes.length} probes`);
    for (const build of builds) {
      const output = compileProbed(build, sources);
      for (const contract of build.contracts) workspace.install(contract, codeOf(output, contract));
    }
    listen(workspace);
    const files = behaviourTests();
    const tests = await atOnce(2, files, async (file, index) => {
      const report = join(workspace.folder, `hits-${index}.json`);
      const run = await workspace.test([file], { env: { PARLEY_HITS: report } });
      if (run.result === "broken" || run.result === "timeout") throw new Error(`${file} is broken:\n${run.output}`);
      // Probes cost gas, so a test that bounds it may fail; it has reached what it reaches all the same.
      const note = run.result === "failed" ? `, fails with probes: ${run.failure}` : "";
      say(`${file} ${run.seconds.toFixed(1)} s${note}`);
      const hits: string[] = JSON.parse(readFileSync(report, "utf8"));
      return { file, seconds: run.seconds, hits: new Set(hits.map((tag) => Number.parseInt(tag, 16))) };
    });
    return { probes, tests };
  } finally {
    workspace.remove();
  }
}

/** All sources of the product with probes, by the compiler's names; a probe's number is its place in the list. */
function probeAll(builds: readonly Build[], trees: ReadonlyMap<string, Node>) {
  const sources: Record<string, string> = { [PROBE_SOURCE]: PROBE_CONTRACT };
  const probes: Probe[] = [];
  for (const { input } of builds) {
    for (const [name, { content }] of Object.entries(input.sources)) {
      const [file, tree] = [fileName(name), trees.get(name)];
      if (file === undefined || !isProduct(file) || tree === undefined || name in sources) continue;
      const probed = addProbes(file, content, tree, probes.length);
      if (probed.probes.length > 0) sources[name] = probed.source;
      probes.push(...probed.probes);
    }
  }
  return { sources, probes };
}

/** In haste if the compiler can: it may run out of stack without the way through Yul. */
function compileProbed(build: Build, sources: Readonly<Record<string, string>>): Output {
  const used = Object.entries(sources).filter(([name]) => name === PROBE_SOURCE || name in build.input.sources);
  const hasty = compileSome(inHaste(build), build.contracts, Object.fromEntries(used));
  const output = hasty.errors.length === 0 ? hasty : compileSome(build, build.contracts, Object.fromEntries(used));
  if (output.errors.length > 0) throw new Error(`the contracts with probes don't compile:\n${output.errors[0]}`);
  return output;
}

/** Lets Hardhat write which probes were reached. Contracts with probes may be larger than can be deployed. */
function listen({ folder }: Workspace): void {
  const config = join(folder, "hardhat.config.ts");
  if (readIfThere(config) === undefined) throw new Error("hardhat.config.ts is missing");
  renameSync(config, join(folder, "hardhat.own.config.ts"));
  writeFileSync(config, LISTENING_CONFIG);
}

const LISTENING_CONFIG = `
import { writeFileSync } from "node:fs";
import own from "./hardhat.own.config.ts";

const reached = new Set();
const listener = async () => ({
  onCoverageData: async (_context, tags) => {
    for (const tag of tags) reached.add(tag);
  },
});
process.once("exit", () => writeFileSync(process.env.PARLEY_HITS, JSON.stringify([...reached])));

const large = { type: "edr-simulated", allowUnlimitedContractSize: true };
const networks = { ...own.networks, default: { ...own.networks?.default, ...large } };
const plugin = { id: "parley-coverage", hookHandlers: { network: async () => ({ default: listener }) } };
export default { ...own, networks, plugins: [...(own.plugins ?? []), plugin] };
`;
