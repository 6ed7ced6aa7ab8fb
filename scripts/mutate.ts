/** See HELP. What is mutated stands in lib/mutation/mutants.ts, and how in lib/mutation/operators.ts. */
import { readIfThere, writeWhole } from "./bootstrap/files.mjs";
import { positive, runCommand, UsageError } from "./lib/command.ts";
import { type Build, enumMembers, parseAll, readBuilds, sourceName } from "./lib/contracts/project.ts";
import type { Input, Node } from "./lib/contracts/solc.ts";
import { commitNow } from "./lib/git.ts";
import { inBatches } from "./lib/mutation/batches.ts";
import { Compiler } from "./lib/mutation/compiler.ts";
import { Court } from "./lib/mutation/court.ts";
import type { Verdict } from "./lib/mutation/judge.ts";
import { allMutants, type Mutant, sample } from "./lib/mutation/mutants.ts";
import { OPERATORS } from "./lib/mutation/operators.ts";
import { Progress } from "./lib/mutation/progress.ts";
import { report, showReport } from "./lib/mutation/report.ts";

const STORED = "test/contracts/mutation.json";
const REASONS = "test/contracts/mutants.json";

const HELP = `
Spoils the contracts in small ways, one at a time, and looks whether the contract tests notice:

    npm run mutate -- [options]

    --sample N       judge only N mutants, drawn with --seed K (default 1)
    --files A,B      only in files whose path contains one of these
    --operator A,B   only by these operators: ${Object.keys(OPERATORS).join(", ")}
    --only ID        only this mutant
    --list           list the mutants and judge none
    --kept           judge none, only report what earlier runs on the same contracts and tests found
    --fresh          judge again; otherwise verdicts of earlier runs on the same contracts and tests are kept
    --workers N      how many at once (default 2)
    --store          write the result to ${STORED}, which docs/results.md shows; a full run always does
    --json           the result as one JSON object on stdout

Survivors that change nothing that matters are explained in ${REASONS}, by id.
Ends with code 1 if there is a survivor without an explanation, or an explanation of what doesn't survive.
`;

interface Selection {
  sample?: string;
  seed?: string;
  files?: string;
  operator?: string;
  only?: string;
}

/** The mutants that are meant. */
function select(all: readonly Mutant[], { sample: size, seed = "1", files, operator, only }: Selection): Mutant[] {
  const operators = operator?.split(",");
  const unknown = operators?.find((name) => !(name in OPERATORS));
  if (unknown !== undefined) throw new UsageError(`there is no operator ${unknown}`);
  const chosen = all.filter(
    (mutant) =>
      (operators === undefined || operators.includes(mutant.operator)) &&
      (files === undefined || files.split(",").some((part) => mutant.file.includes(part))) &&
      (only === undefined || mutant.id === only),
  );
  if (chosen.length === 0) throw new UsageError("no mutant is meant by that; --list shows all");
  return size === undefined ? chosen : sample(chosen, positive("--sample", size), seed);
}

interface Project {
  readonly builds: readonly Build[];
  readonly trees: ReadonlyMap<string, Node>;
}

/** Judges those without a verdict; whatever interrupts it, verdicts are kept. */
async function judge(
  mutants: readonly Mutant[],
  { builds, trees }: Project,
  { fresh, workers }: { fresh: boolean; workers: number },
): Promise<Map<string, Verdict>> {
  const say = (text: string) => console.error(text);
  const progress = new Progress();
  const verdicts = progress.verdicts();
  const waiting = mutants.filter(({ id }) => fresh || !verdicts.has(id));
  if (waiting.length === 0) return verdicts;

  const reached = await progress.reached(say);
  const compiler = new Compiler(builds, trees);
  const batches = inBatches(waiting, (mutant) => compiler.isWeavable(mutant));
  const court = await Court.open({ builds, trees, reached }, Math.min(workers, batches.length));
  let done = 0;
  try {
    await court.judge(batches, (verdict) => {
      progress.add(verdict);
      verdicts.set(verdict.id, verdict);
      done += 1;
      const { id, result, by, seconds } = verdict;
      say(`${done}/${waiting.length} ${result} ${id} ${seconds.toFixed(1)} s ${by}`.trimEnd());
    });
  } finally {
    await court.close();
  }
  return verdicts;
}

function list(mutants: readonly Mutant[], json: boolean): void {
  if (json) console.log(JSON.stringify(mutants));
  for (const { id, file, line, code, before, edit } of json ? [] : mutants) {
    console.log(`${id} ${file}:${line} ${code}: ${JSON.stringify(before)} -> ${JSON.stringify(edit.text)}`);
  }
}

await runCommand(
  HELP,
  {
    sample: { type: "string" },
    seed: { type: "string" },
    files: { type: "string" },
    operator: { type: "string" },
    only: { type: "string" },
    workers: { type: "string", default: "2" },
    list: { type: "boolean", default: false },
    kept: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    store: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async ({ list: onlyList, kept, fresh, store, json, workers, ...selection }) => {
    const builds = readBuilds();
    const trees = parseAll(builds);
    const sources: Input["sources"] = Object.assign({}, ...builds.map(({ input }) => input.sources));
    const all = allMutants(sources, trees, enumMembers(trees.values()));
    const mutants = select(all, selection);
    if (onlyList) return list(mutants, json);

    const verdicts = kept
      ? new Progress().verdicts()
      : await judge(mutants, { builds, trees }, { fresh, workers: positive("--workers", workers) });
    const judged = mutants.flatMap((mutant) => {
      const verdict = verdicts.get(mutant.id);
      return verdict === undefined ? [] : [{ ...mutant, result: verdict.result, by: verdict.by }];
    });
    const result = report(all, judged, {
      date: new Date().toISOString().slice(0, 10),
      commit: commitNow(),
      reasons: JSON.parse(readIfThere(REASONS) ?? "{}"),
      source: (file) => sources[sourceName(file)]?.content ?? "",
    });
    if (store || judged.length === all.length) writeWhole(STORED, `${JSON.stringify(result, null, 2)}\n`);
    console.log(json ? JSON.stringify(result) : showReport(result));
    if (result.stale.length > 0 || result.survivors.some(({ why }) => why === null)) process.exitCode = 1;
  },
);
