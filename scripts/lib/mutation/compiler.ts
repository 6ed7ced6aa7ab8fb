import { type Build, codeOf, compileSome, type Deployable, dependents, sourceName } from "../contracts/project.ts";
import type { Compiled, Node, Output } from "../contracts/solc.ts";
import { type Mutant, spoil } from "./mutants.ts";
import { CHOICE_CONTRACT, CHOICE_SOURCE, choose, chosenAt, isWeavable, weave } from "./weave.ts";

/** Contracts and what they become. */
export type Codes = ReadonlyMap<Deployable, Compiled>;

/** Mutants in one piece of code. Those that don't compile are left out, with what the compiler says. */
export interface Woven {
  /** The code in which a mutant runs, by its place in the batch from 1; 0 is none. */
  readonly codes: (number: number) => Codes;
  readonly stillborn: ReadonlyMap<number, string>;
}

/** Compiles contracts as Hardhat does, unspoiled and spoiled. */
export class Compiler {
  readonly #builds: readonly Build[];
  readonly #trees: ReadonlyMap<string, Node>;
  readonly #unspoiled = new Map<Build, Map<Deployable, Compiled>>();

  constructor(builds: readonly Build[], trees: ReadonlyMap<string, Node>) {
    this.#builds = builds.map(comparable);
    this.#trees = trees;
  }

  /** What a mutant alone makes of the contracts that it changes: none if it changes none. */
  alone(mutant: Mutant): Codes | { readonly stillborn: string } {
    const changed = new Map<Deployable, Compiled>();
    const source = sourceName(mutant.file);
    for (const build of this.#builds) {
      const contracts = dependents(build, source, this.#trees);
      const content = build.input.sources[source]?.content;
      if (contracts.length === 0 || content === undefined) continue;
      const output = compileSome(build, contracts, { [source]: spoil(content, mutant) });
      if (output.errors[0] !== undefined) return { stillborn: firstLine(output) };
      const unspoiled = this.#unspoiledCodes(build, contracts);
      for (const contract of contracts) {
        const [code, before] = [codeOf(output, contract), unspoiled.get(contract)];
        if (before === undefined || !same(code, before)) changed.set(contract, code);
      }
    }
    return changed;
  }

  /** Many mutants at once, all of them weavable; undefined if the compiler can't take them together. */
  together(mutants: readonly Mutant[]): Woven | undefined {
    const numbered = new Map(mutants.map((mutant, index) => [index + 1, mutant]));
    const stillborn = new Map<number, string>();
    for (;;) {
      const sources = this.#woven(numbered);
      const faulty = this.#fault(sources);
      if (faulty === undefined) return this.#compile(sources, mutants, stillborn);
      if (faulty.numbers.length === 0) return undefined;
      for (const number of faulty.numbers) {
        numbered.delete(number);
        stillborn.set(number, faulty.said);
      }
    }
  }

  isWeavable(mutant: Mutant): boolean {
    const tree = this.#trees.get(sourceName(mutant.file));
    return tree !== undefined && isWeavable(tree, mutant);
  }

  #woven(mutants: ReadonlyMap<number, Mutant>): Readonly<Record<string, string>> {
    const byFile = Map.groupBy(mutants, ([, { file }]) => sourceName(file));
    const woven = [...byFile].map(([source, ofFile]) => {
      const content = this.#builds
        .map(({ input }) => input.sources[source]?.content)
        .find((text) => text !== undefined);
      const tree = this.#trees.get(source);
      if (content === undefined || tree === undefined) throw new Error(`${source} is not among the sources`);
      return [source, weave(content, tree, new Map(ofFile))] as const;
    });
    return { [CHOICE_SOURCE]: CHOICE_CONTRACT, ...Object.fromEntries(woven) };
  }

  /** The mutants to which the compiler objects, without making code. */
  #fault(sources: Readonly<Record<string, string>>): { numbers: readonly number[]; said: string } | undefined {
    for (const build of this.#builds) {
      const output = compileSome(build, [], used(build, sources));
      if (output.errors.length === 0) continue;
      const numbers = output.errors.flatMap(({ source, start }) => chosenAt(sources[source] ?? "", start) ?? []);
      return { numbers: [...new Set(numbers)].filter((number) => number > 0), said: firstLine(output) };
    }
    return undefined;
  }

  #compile(
    sources: Readonly<Record<string, string>>,
    mutants: readonly Mutant[],
    stillborn: ReadonlyMap<number, string>,
  ): Woven | undefined {
    const codes = new Map<Deployable, Compiled>();
    for (const build of this.#builds) {
      const contracts = new Set(mutants.flatMap(({ file }) => dependents(build, sourceName(file), this.#trees)));
      const output = compileSome(build, [...contracts], used(build, sources));
      if (output.errors.length > 0) return undefined;
      for (const contract of contracts) codes.set(contract, codeOf(output, contract));
    }
    const linked = (number: number) =>
      new Map([...codes].map(([contract, code]) => [contract, choose(code, number)] as const));
    return { codes: linked, stillborn };
  }

  /** The code of contracts as they are, each compiled once. */
  #unspoiledCodes(build: Build, contracts: readonly Deployable[]): Codes {
    const known = this.#unspoiled.get(build) ?? new Map<Deployable, Compiled>();
    this.#unspoiled.set(build, known);
    const missing = contracts.filter((contract) => !known.has(contract));
    if (missing.length > 0) {
      const output = compileSome(build, missing);
      if (output.errors.length > 0) throw new Error(firstLine(output));
      for (const contract of missing) known.set(contract, codeOf(output, contract));
    }
    return known;
  }
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

/** Those that a build knows. */
function used({ input }: Build, sources: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.entries(sources).filter(([name]) => name === CHOICE_SOURCE || name in input.sources);
  return Object.fromEntries(known);
}

function firstLine({ errors }: Output): string {
  return errors[0]?.message.split("\n", 1)[0] ?? "";
}
