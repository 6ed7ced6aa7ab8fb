/** Runs the contract tests over contracts with probes in them, and tells which probes each test has reached. */
import { filesBelow } from "../../bootstrap/files.mjs";
import { addProbes, PROBE_CONTRACT, PROBE_SOURCE, type Probe } from "./probes.ts";
import { type Build, codeOf, compileSome, fileName, inHaste, parseAll, readBuilds } from "./project.ts";
import type { Node, Output } from "./solc.ts";
import { TestBench, type TestCase } from "./test-bench.ts";
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
  readonly tests: readonly ReachingTest[];
}

/** A test, how long it takes, and the numbers of the probes that it reaches. */
export interface ReachingTest extends TestCase {
  readonly seconds: number;
  readonly hits: ReadonlySet<number>;
}

/** The contract tests, those that measure left out. */
function behaviourTests(): string[] {
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
  say(`compiling with ${probes.length} probes`);
  const codes = builds.flatMap((build) => {
    const output = compileProbed(build, sources);
    return build.contracts.map((contract) => [contract, codeOf(output, contract)] as const);
  });
  const files = behaviourTests();
  const lanes = [0, 1].map((lane) => files.filter((_, index) => index % 2 === lane));
  const tests = await Promise.all(
    lanes.map(async (ofLane) => {
      const workspace = Workspace.create();
      try {
        for (const [contract, code] of codes) workspace.install(contract, code);
        return await reachedBy(workspace, ofLane, say);
      } finally {
        workspace.remove();
      }
    }),
  );
  return { probes, tests: tests.flat() };
}

/** What the tests in some files reach, each for itself. */
async function reachedBy(
  workspace: Workspace,
  files: readonly string[],
  say: (text: string) => void,
): Promise<ReachingTest[]> {
  const bench = await TestBench.open(workspace, files);
  try {
    const all = bench.tests.map((_, number) => number);
    const outcomes = await bench.run(all, { seconds: 1800 });
    if (outcomes === undefined) throw new Error("the tests take longer than half an hour");
    return outcomes.flatMap(({ test, result, seconds, reached }) => {
      const named = bench.tests[test];
      if (named === undefined) return [];
      // Probes cost gas, so a test that bounds it may fail; it has reached what it reaches all the same.
      if (result === "failed") say(`${named.file} fails with probes: ${named.title}`);
      return [{ ...named, seconds, hits: new Set(reached.map((tag) => Number.parseInt(tag, 16))) }];
    });
  } finally {
    await bench.end();
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
  if (output.errors.length > 0)
    throw new Error(`the contracts with probes don't compile:\n${output.errors[0]?.message}`);
  return output;
}
