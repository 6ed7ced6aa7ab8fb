/** See HELP. */
import { readIfThere } from "./bootstrap/files.mjs";
import { runCommand } from "./lib/command.ts";
import { reach } from "./lib/contracts/coverage.ts";
import { closedGaps, type FileSummary, type Known, type Share, summarize, sumUp } from "./lib/contracts/summary.ts";

const KNOWN = "test/contracts/uncovered.json";

const HELP = `
Runs the contract tests and tells which lines and branches of the contracts they don't reach:

    npm run coverage [-- --json]

A branch is one outcome of one condition; a && b has four. Mocks don't count, and gas.test.ts isn't run.
Gaps that may stay are explained in ${KNOWN}: a list of {file, kind, text, why}, as --json names them.
Ends with code 1 if there is a gap without an explanation, or an explanation of what is reached.
`;

function show(files: readonly FileSummary[]): void {
  const width = Math.max(...files.map(({ file }) => file.length));
  const cell = ({ reached, total }: Share) =>
    `${total === 0 ? "-" : `${((100 * reached) / total).toFixed(1)}%`} (${reached}/${total})`.padStart(18);
  console.log(`${"file".padEnd(width)} ${"lines".padStart(18)} ${"branches".padStart(18)}`);
  for (const { file, lines, branches } of files) console.log(`${file.padEnd(width)} ${cell(lines)} ${cell(branches)}`);
  const all = [sumUp(files.map(({ lines }) => lines)), sumUp(files.map(({ branches }) => branches))];
  console.log(`${"all".padEnd(width)} ${all.map(cell).join(" ")}`);
  for (const { file, line, kind, text, why } of files.flatMap(({ gaps }) => gaps)) {
    const what = kind === "line" ? "never runs" : `never is ${kind}`;
    console.log(`${file}:${line} ${what}: ${text}${why === null ? "" : ` (${why})`}`);
  }
}

await runCommand(HELP, { json: { type: "boolean", default: false } }, async ({ json }) => {
  const known: Known[] = JSON.parse(readIfThere(KNOWN) ?? "[]");
  const files = summarize(await reach((text) => console.error(text)), known);
  const closed = closedGaps(files, known);
  const lines = sumUp(files.map((file) => file.lines));
  const branches = sumUp(files.map((file) => file.branches));
  if (json) console.log(JSON.stringify({ lines, branches, files, closed }));
  else show(files);
  for (const { file, text } of closed) console.error(`${KNOWN} explains ${text} in ${file}, which is reached`);
  if (closed.length > 0 || files.some(({ gaps }) => gaps.some(({ why }) => why === null))) process.exitCode = 1;
});
