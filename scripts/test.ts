/**
 * Runs the tests:
 *
 *     node scripts/bootstrap.mjs scripts/test.ts [--json] [suite or path...]
 *
 * Suites are the folders of test/. It ends with one plain line, `N passed, N failed`, and fails if a test failed, if a suite broke
 * off, or if one ran no test at all. With `--json` that object alone is on stdout, and the rest on stderr.
 */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { runHardhatTests } from "./lib/hardhat-tests.ts";
import { runNodeTests } from "./lib/node-tests.ts";
import { type Outcome, selectSuites } from "./lib/suites.ts";

/**
 * Runs both kinds at once: Hardhat's tests keep one core busy. What those print is held back until the others are through,
 * so that the two don't mix.
 */
async function runAll(wanted: readonly string[], out: NodeJS.WritableStream): Promise<Outcome[]> {
  const suites = selectSuites(wanted);
  const forNode = suites.filter(({ runner }) => runner === "node");
  const [forHardhat] = suites.filter(({ runner }) => runner === "hardhat");
  if (forHardhat === undefined) return runNodeTests(forNode, out);
  if (forNode.length === 0) return [await runHardhatTests(forHardhat, out)];

  const held = new PassThrough();
  const heldText = text(held);
  const contracts = runHardhatTests(forHardhat, held).finally(() => held.end());
  const others = await runNodeTests(forNode, out);
  out.write(`\n${await heldText}`);
  return [...others, await contracts];
}

/** The counts over all suites; a problem counts as a failed test. */
function total(outcomes: readonly Outcome[]): { passed: number; failed: number; skipped: number } {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((before, outcome) => before + count(outcome), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed, problems }) => failed + problems.length),
    skipped: sum(({ skipped }) => skipped),
  };
}

function showTable(outcomes: readonly Outcome[], out: NodeJS.WritableStream): void {
  out.write("\n");
  for (const { suite, passed, failed, skipped, problems } of outcomes) {
    const mark = failed + problems.length === 0 ? "✓" : "✗";
    out.write(`${mark} ${suite.padEnd(13)} ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    for (const problem of problems) out.write(`  ${problem}\n`);
  }
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const out = json ? process.stderr : process.stdout;
  const outcomes = await runAll(
    args.filter((arg) => arg !== "--json"),
    out,
  );
  const counts = total(outcomes);
  showTable(outcomes, out);
  if (json) console.log(JSON.stringify({ ...counts, suites: outcomes }));
  else {
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  }
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
