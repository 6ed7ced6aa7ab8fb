/** See HELP. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeWhole } from "./bootstrap/files.mjs";
import { runCommand } from "./lib/command.ts";
import {
  figuresOf,
  negotiationOf,
  picturesOf,
  ROUNDS,
  settingsOf,
  tournamentOf,
  withSettings,
  withTable,
} from "./lib/strategies-page.ts";

const PAGE = "docs/strategies.md";

const HELP = `
Draws the pictures of ${PAGE} and writes its tables anew, by the commands that stand there:

    npm run page

To be run when a strategy, a protocol or a scenario of examples/ has changed. What the text says of the figures is not written by it.
`;

function parley(args: readonly string[]): string {
  console.error(`parley ${args.join(" ")}`);
  const command = ["--disable-warning=ExperimentalWarning", "offchain/cli/main.ts", ...args];
  return execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

await runCommand(HELP, {}, () => {
  const page = readFileSync(PAGE, "utf8");
  for (const { args, path } of picturesOf(page)) parley([...args, "--svg", path]);
  const settings = settingsOf(page).map(
    ({ strategy }) => [strategy, figuresOf(parley(negotiationOf(strategy)))] as const,
  );
  const tables = ROUNDS.map(
    (rounds) => [rounds, JSON.parse(parley([...tournamentOf(page, rounds), "--json"])).table] as const,
  );
  writeWhole(PAGE, withTable(withSettings(page, new Map(settings)), new Map(tables)));
});
