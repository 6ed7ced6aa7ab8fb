import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import type { Outcome, Suite } from "./suites.ts";

/**
 * For the process of each file. A test that takes longer hangs. The processes end by themselves: forced to, one that has
 * much to report now and then lost the end of it, and seemed to have run no test.
 */
const FLAGS = ["--test-timeout=180000"];

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Files at a time: more than there are cores, since those that wait for other processes, for brokers or for time leave theirs idle. */
const AT_ONCE = 3;

/** Runs the suites' files, each in a process of its own, and shows how it goes on `out`. */
export async function runNodeTests(suites: readonly Suite[], out: NodeJS.WritableStream): Promise<Outcome[]> {
  const files = suites.flatMap((suite) => suite.files.map((file) => resolve(file)));
  if (files.length === 0) return suites.map((suite) => outcomeOf(suite, new Map(), new Set()));
  const tallies = new Map<string, Tally>();
  const broken = new Set<string>();
  const stream = run({ files, concurrency: AT_ONCE, execArgv: FLAGS });
  // With a process for each file, there is a summary for each file too (and one without a name over all).
  stream.on("test:summary", ({ file, counts }) => {
    if (file === undefined) return;
    const { tests, passed, skipped, todo } = counts;
    tallies.set(file, { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo });
  });
  // A process that breaks off is reported as a failed test that is called like the file.
  stream.on("test:fail", ({ name }) => {
    if (files.includes(name)) broken.add(name);
  });
  await pipeline(stream.compose(new spec()), out, { end: false });
  return suites.map((suite) => outcomeOf(suite, tallies, broken));
}

function outcomeOf(suite: Suite, tallies: ReadonlyMap<string, Tally>, broken: ReadonlySet<string>): Outcome {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const problems = suite.files.length === 0 ? [`${suite.name} has no tests`] : [];
  for (const file of suite.files) {
    const path = resolve(file);
    const tally = tallies.get(path) ?? { passed: 0, failed: 0, skipped: 0 };
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.skipped += tally.skipped;
    if (broken.has(path) && tally.failed === 0) problems.push(`${file} broke off`);
    else if (tally.passed + tally.failed + tally.skipped === 0) problems.push(`${file} ran no test`);
  }
  return { suite: suite.name, ...sum, problems };
}
