/** One of the threads that judge mutants: the compiler keeps its thread busy, so each needs its own. */
import { parentPort, workerData } from "node:worker_threads";
import type { Reached } from "../contracts/coverage.ts";
import type { Build } from "../contracts/project.ts";
import type { Node } from "../contracts/solc.ts";
import { TestBench, type TestCase } from "../contracts/test-bench.ts";
import { Workspace } from "../contracts/workspace.ts";
import { Compiler } from "./compiler.ts";
import { Judge, type Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** What a worker is started with. */
export interface Setup {
  readonly folder: string;
  readonly builds: readonly Build[];
  readonly trees: ReadonlyMap<string, Node>;
  readonly reached: Reached;
}

/** What it says: that it is ready, each verdict, and that a batch is done; or why it can't go on. */
export type Said =
  | { readonly ready: true }
  | { readonly verdict: Verdict }
  | { readonly done: true }
  | { readonly error: string };

/** A mutant that random cases notice, few of them notice; what survives has to sit through all. */
const FEW_DRAWS = { PARLEY_FUZZ_RUNS: "8" };

const { folder, builds, trees, reached }: Setup = workerData;
const tell = (said: Said) => parentPort?.postMessage(said);

try {
  const workspace = Workspace.at(folder);
  const files = [...new Set(reached.tests.map(({ file }) => file))];
  const bench = await TestBench.open(workspace, files, FEW_DRAWS);
  const judge = new Judge(new Compiler(builds, trees), workspace, bench, numberedAs(bench.tests, reached));
  parentPort?.on("message", (batch: readonly Mutant[]) => {
    judge
      .judge(batch, (verdict) => tell({ verdict }))
      .then(
        () => tell({ done: true }),
        (error: unknown) => tell({ error: explain(error) }),
      );
  });
  tell({ ready: true });
} catch (error) {
  tell({ error: explain(error) });
}

/** What the tests reach, by the numbers that they have here: it was measured by others. */
function numberedAs(cases: readonly TestCase[], { probes, tests }: Reached): Reached {
  const nameOf = ({ file, title }: TestCase) => `${file}: ${title}`;
  const known = new Map(tests.map((test) => [nameOf(test), test]));
  return { probes, tests: cases.map((one) => known.get(nameOf(one)) ?? { ...one, seconds: 0, hits: new Set() }) };
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
