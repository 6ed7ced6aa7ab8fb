import {
  type Build,
  codeOf,
  compileSome,
  type Deployable,
  dependents,
  inHaste,
  sourceName,
} from "../contracts/project.ts";
import type { Compiled, Node } from "../contracts/solc.ts";
import type { TestRun, Workspace } from "../contracts/workspace.ts";
import { type Mutant, spoil } from "./mutants.ts";

/**
 * What became of a mutant: a test failed, or ran for far too long; none did; it doesn't compile; it compiles to the very same code.
 * The last two don't count.
 */
export type Result = "killed" | "timeout" | "survived" | "stillborn" | "equivalent";

export interface Verdict {
  readonly id: string;
  readonly result: Result;
  /** The test that killed it, or what the compiler said. */
  readonly by: string;
  readonly seconds: number;
}

type Finding = Pick<Verdict, "result" | "by">;

/** Test files to run one after the other, in groups: the second is only loaded when the first has let the mutant pass. */
export type Stages = readonly { readonly files: readonly string[]; readonly seconds: number }[];

/** Each run draws the same cases, so that a verdict doesn't depend on luck. */
const STEADY = { PARLEY_FUZZ_SEED: "1" };

/**
 * Judges mutants in one workspace, one after the other. In haste it compiles several times faster, without the way through Yul. What
 * survives is then compiled as Hardhat does it, too: that optimizer sees through more of what makes no difference.
 */
export class Judge {
  readonly #workspace: Workspace;
  readonly #trees: ReadonlyMap<string, Node>;
  readonly #builds: readonly { readonly hasty: Build | undefined; readonly exact: Build }[];
  /** The unspoiled code, made when it is first needed. */
  readonly #unspoiled = new Map<Build, Map<Deployable, Compiled>>();

  constructor(workspace: Workspace, builds: readonly Build[], trees: ReadonlyMap<string, Node>, haste: boolean) {
    this.#workspace = workspace;
    this.#trees = trees;
    this.#builds = builds.map(comparable).map((exact) => ({ exact, hasty: haste ? inHaste(exact) : undefined }));
  }

  async judge(mutant: Mutant, stages: Stages): Promise<Verdict> {
    const start = performance.now();
    const verdict = await this.#judge(mutant, stages).catch((cause: unknown) => {
      throw new Error(`${mutant.id} can't be judged: ${cause instanceof Error ? cause.message : cause}`);
    });
    return { id: mutant.id, ...verdict, seconds: (performance.now() - start) / 1000 };
  }

  /** Takes the unspoiled contracts, compiled as the mutants will be. */
  installUnspoiled(): void {
    for (const { exact, hasty } of this.#builds) {
      const build = hasty ?? exact;
      for (const [contract, code] of this.#unspoiledCodes(build, build.contracts)) {
        this.#workspace.install(contract, code);
      }
    }
  }

  /** Runs tests on the unspoiled contracts. */
  async testUnspoiled(files: readonly string[]): Promise<TestRun> {
    return await this.#workspace.test(files, { env: STEADY });
  }

  async #judge(mutant: Mutant, stages: Stages): Promise<Finding> {
    const spoiled = this.#compile(mutant, ({ hasty, exact }) => hasty ?? exact);
    if ("result" in spoiled) return spoiled;
    const undo = spoiled.changed.map(([contract, code]) => this.#workspace.install(contract, code));
    try {
      const finding = await this.#test(stages);
      if (finding.result !== "survived" || this.#builds[0]?.hasty === undefined) return finding;
      const exact = this.#compile(mutant, (build) => build.exact);
      return "result" in exact ? exact : finding;
    } finally {
      for (const one of undo) one();
    }
  }

  /** The contracts that become others, or why there is nothing to test. */
  #compile(
    mutant: Mutant,
    pick: (builds: { hasty: Build | undefined; exact: Build }) => Build,
  ): Finding | { changed: [Deployable, Compiled][] } {
    const changed: [Deployable, Compiled][] = [];
    const source = sourceName(mutant.file);
    for (const build of this.#builds.map(pick)) {
      const contracts = dependents(build, source, this.#trees);
      const content = build.input.sources[source]?.content;
      if (contracts.length === 0 || content === undefined) continue;
      const output = compileSome(build, contracts, { [source]: spoil(content, mutant) });
      const [error] = output.errors;
      if (error !== undefined) return { result: "stillborn", by: error.split("\n", 1)[0] ?? "" };
      const unspoiled = this.#unspoiledCodes(build, contracts);
      for (const contract of contracts) {
        const [code, before] = [codeOf(output, contract), unspoiled.get(contract)];
        if (before === undefined || !same(code, before)) changed.push([contract, code]);
      }
    }
    return changed.length === 0 ? { result: "equivalent", by: "" } : { changed };
  }

  async #test(stages: Stages): Promise<Finding> {
    for (const { files, seconds } of stages) {
      const run = await this.#workspace.test(files, { bail: true, seconds: 30 + 5 * seconds, env: STEADY });
      const result = classify(run);
      if (result !== "survived") return { result, by: run.failure ?? "" };
    }
    return { result: "survived", by: stages.length === 0 ? "no test reaches it" : "" };
  }

  /** The code of contracts as they are, each compiled once. */
  #unspoiledCodes(build: Build, contracts: readonly Deployable[]): ReadonlyMap<Deployable, Compiled> {
    const known = this.#unspoiled.get(build) ?? new Map<Deployable, Compiled>();
    this.#unspoiled.set(build, known);
    const missing = contracts.filter((contract) => !known.has(contract));
    if (missing.length > 0) {
      const output = compileSome(build, missing);
      if (output.errors[0] !== undefined) throw new Error(output.errors[0]);
      for (const contract of missing) known.set(contract, codeOf(output, contract));
    }
    return known;
  }
}

/** What a run of the tests says of the mutant. Mocha that breaks off without a failed test says nothing, and must not count. */
export function classify({ result, output }: TestRun): "killed" | "timeout" | "survived" {
  if (result === "broken") throw new Error(`the tests broke off:\n${output}`);
  if (result === "failed") return "killed";
  return result === "timeout" ? "timeout" : "survived";
}

/** Whether both are the same code. */
export function same(a: Compiled, b: Compiled): boolean {
  return (
    a.evm.bytecode.object === b.evm.bytecode.object && a.evm.deployedBytecode.object === b.evm.deployedBytecode.object
  );
}

/** Without the hash of the sources at the end, by which all would differ. */
function comparable(build: Build): Build {
  const settings = { ...build.input.settings, metadata: { appendCBOR: false } };
  return { ...build, input: { ...build.input, settings } };
}

/** Whether all contracts compile in haste: without the way through Yul the compiler may run out of stack. */
export function canHurry(builds: readonly Build[]): boolean {
  return builds.every((build) => compileSome(inHaste(build), build.contracts).errors.length === 0);
}
