import type { Reached } from "../contracts/coverage.ts";
import type { TestBench } from "../contracts/test-bench.ts";
import type { Workspace } from "../contracts/workspace.ts";
import type { Codes, Compiler, Woven } from "./compiler.ts";
import type { Mutant } from "./mutants.ts";
import { groups, testsFor } from "./order.ts";

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

const SURVIVED: Finding = { result: "survived", by: "" };

/** How many tests that killed lately are remembered. */
const MEMORY = 30;

/** Mutants in one piece of code, and what is known of the tests on that code while no mutant is chosen. */
interface Batch extends Woven {
  readonly sound: Set<number>;
  readonly unfit: Set<number>;
}

/** Judges mutants in one workspace, one after the other. */
export class Judge {
  readonly #compiler: Compiler;
  readonly #workspace: Workspace;
  readonly #bench: TestBench;
  readonly #reached: Reached;
  /** The tests that are known to pass on the contracts as they are. */
  readonly #sound = new Set<number>();
  /** The tests that killed lately, the latest last: what noticed one mutant is likely to notice its neighbour. */
  #killers: readonly number[] = [];

  constructor(compiler: Compiler, workspace: Workspace, bench: TestBench, reached: Reached) {
    this.#compiler = compiler;
    this.#workspace = workspace;
    this.#bench = bench;
    this.#reached = reached;
  }

  /** Judges mutants that can stand in one source, or a single one, and tells of each verdict as it falls. */
  async judge(mutants: readonly Mutant[], fallen: (verdict: Verdict) => void): Promise<void> {
    const begun = performance.now();
    const woven = mutants.length > 1 ? this.#compiler.together(mutants) : undefined;
    const batch = woven && { ...woven, sound: new Set<number>(), unfit: new Set<number>() };
    const share = (performance.now() - begun) / mutants.length;
    for (const [index, mutant] of mutants.entries()) {
      const start = performance.now();
      const finding = batch ? await this.#judgeWoven(mutant, index + 1, batch) : await this.#judgeAlone(mutant, []);
      fallen({ id: mutant.id, ...finding, seconds: (performance.now() - start + share) / 1000 });
    }
  }

  /**
   * What the quick tests say of a mutant among others. What survives them is compiled alone: the compiler may find it to be no change
   * at all, and what remains is for the slow tests, and for those that are unfit here.
   */
  async #judgeWoven(mutant: Mutant, number: number, batch: Batch): Promise<Finding> {
    const stillborn = batch.stillborn.get(number);
    if (stillborn !== undefined) return { result: "stillborn", by: stillborn };
    const { quick, slow } = testsFor(mutant, this.#reached);
    const asked = quick.filter((test) => !batch.unfit.has(test));
    const killer = await this.#with(batch.codes(number), () => this.#firstToFail(groups(asked, this.#killers)));
    if (killer === "none")
      return await this.#judgeAlone(mutant, [...quick.filter((test) => !asked.includes(test)), ...slow]);
    if (killer === "late") return { result: "timeout", by: "" };
    if (await this.#isSound(killer, batch)) return this.#killedBy(killer);
    return await this.#judgeWoven(mutant, number, batch);
  }

  /** Many mutants make a contract larger and dearer: a test that bounds gas may fail though none of them is chosen. */
  async #isSound(test: number, { codes, sound, unfit }: Batch): Promise<boolean> {
    if (sound.has(test)) return true;
    const outcomes = await this.#with(codes(0), () => this.#bench.run([test]));
    const passes = outcomes?.every(({ result }) => result === "passed") === true;
    (passes ? sound : unfit).add(test);
    return passes;
  }

  /** What some tests say of a mutant on its own; of none, those that run what is spoiled. */
  async #judgeAlone(mutant: Mutant, tests: readonly number[]): Promise<Finding> {
    const codes = this.#compiler.alone(mutant);
    if ("stillborn" in codes) return { result: "stillborn", by: codes.stillborn };
    if (codes.size === 0) return { result: "equivalent", by: "" };
    const { quick, slow } = testsFor(mutant, this.#reached);
    if (quick.length + slow.length === 0) return { ...SURVIVED, by: "no test reaches it" };
    const asked = tests.length > 0 ? groups(tests, []) : [...groups(quick, this.#killers), ...groups(slow, [])];
    const killer = await this.#with(codes, () => this.#firstToFail(asked));
    if (killer === "none") return SURVIVED;
    if (killer === "late") return { result: "timeout", by: "" };
    await this.#requireSound(killer);
    return this.#killedBy(killer);
  }

  /** A test that fails on the contracts as they are says nothing about a mutant. */
  async #requireSound(test: number): Promise<void> {
    if (this.#sound.has(test)) return;
    const outcomes = await this.#bench.run([test]);
    if (outcomes?.every(({ result }) => result === "passed") !== true) {
      throw new Error(`it fails on the contracts as they are: ${this.#bench.tests[test]?.title}`);
    }
    this.#sound.add(test);
  }

  async #firstToFail(asked: readonly (readonly number[])[]): Promise<number | "none" | "late"> {
    for (const group of asked) {
      const usual = group.reduce((sum, test) => sum + (this.#reached.tests[test]?.seconds ?? 0), 0);
      const outcomes = await this.#bench.run(group, { bail: true, seconds: 60 + 5 * usual });
      if (outcomes === undefined) return "late";
      const failed = outcomes.find(({ result }) => result === "failed");
      if (failed !== undefined) return failed.test;
    }
    return "none";
  }

  #killedBy(test: number): Finding {
    this.#killers = [...this.#killers.filter((one) => one !== test), test].slice(-MEMORY);
    return { result: "killed", by: this.#bench.tests[test]?.title ?? "" };
  }

  /** Does something while contracts have other code. */
  async #with<T>(codes: Codes, work: () => Promise<T>): Promise<T> {
    const undo = [...codes].map(([contract, code]) => this.#workspace.install(contract, code));
    try {
      return await work();
    } finally {
      for (const one of undo) one();
    }
  }
}
