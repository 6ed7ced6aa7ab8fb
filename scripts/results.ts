/**
 * Runs the benchmarks and writes what they measured to docs/results.md:
 *
 *     node scripts/bootstrap.mjs scripts/results.ts [--json] [name...]
 *
 * The contract with a benchmark: bench/<name>.bench.ts, started with `--results`, prints on stdout one JSON array of `Figure`, and
 * nothing else there; without it, whatever a person likes to read. The contracts' figures come beside them: gas and coverage, which are
 * measured, and mutation, as test/contracts/mutation.json has it from the last run of `npm run mutate`. Names select, and then nothing is
 * written: docs/results.md comes from a full run alone.
 */
import { spawnSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { basename } from "node:path";
import { filesBelow, writeWhole } from "./bootstrap/files.mjs";
import { CONTRACT_FIGURES } from "./lib/contract-figures.ts";
import { isFigures, type Machine, type Measured, render } from "./lib/figures.ts";

const TARGET = "docs/results.md";

function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

function measure(file: string): Measured {
  const name = basename(file, ".bench.ts");
  console.error(`${name} ...`);
  const args = ["--disable-warning=ExperimentalWarning", file, "--results"];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${file} failed with code ${status}`);
  const figures: unknown = JSON.parse(stdout);
  if (!isFigures(figures)) throw new Error(`${file} --results doesn't print what scripts/lib/figures.ts describes`);
  return { name, figures };
}

function main(args: readonly string[]): void {
  const json = args.includes("--json");
  const names = args.filter((arg) => arg !== "--json");
  const benches = filesBelow("bench", ".bench.ts").map((file) => `bench/${file}`);
  const sources = new Map([
    ...benches.map((file) => [basename(file, ".bench.ts"), () => measure(file)] as const),
    ...Object.entries(CONTRACT_FIGURES),
  ]);
  const unknown = names.find((name) => !sources.has(name));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; there are: ${[...sources.keys()].join(", ")}`);
  const machine = describeMachine();
  const wanted = [...sources].filter(([name]) => names.length === 0 || names.includes(name));
  const measured = wanted.map(([, source]) => source());
  if (json) console.log(JSON.stringify({ machine, measured }));
  else console.log(render(machine, measured));
  if (names.length === 0) writeWhole(TARGET, render(machine, measured));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
