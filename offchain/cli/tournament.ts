import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import {
  keyOf,
  type Match,
  type MatchRecord,
  type Mean,
  roundRobin,
  type Standing,
  standings,
} from "../negotiation/tournament.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import type { ScenarioFiles } from "./scenario-file.ts";
import { scenariosIn } from "./scenario-folder.ts";
import { bold, faint, isTerminal, print } from "./screen.ts";
import { protocolFor, strategyFor } from "./table.ts";
import { readText } from "./text-file.ts";
import { Diary } from "./tournament-diary.ts";
import type { TournamentSaid, TournamentSetup } from "./tournament-worker.ts";
import { warn } from "./warn.ts";

const HELP = `parley tournament: let strategies meet each other over many scenarios

usage: parley tournament --scenarios DIR --strategies A,B,C [FLAGS]

  --scenarios DIR    a folder of scenarios as JSON, or with a folder for each domain of Genius or GeniusWeb; those of more
                     than two parties are left out
  --strategies A,B   two strategies or more, as in: parley negotiate --help
  --protocol NAME    how they take turns (default alternating-offers)
  --rounds N         the deadline (default 100)
  --repeat R         how often each pair meets in each scenario and seat, with another seed (default 1)
  --seed N           chance (default 1)
  --self             let each meet itself, too
  --resume FILE      keep each match in FILE as it is played, and go on from there after an interruption
  --workers N        how many threads play (default: one for each processor)
  --json             the table as one JSON object

Each strategy meets each other in both seats. Utilities are what each side has in the end: of the agreement, or its
reservation. Welfare is the sum of both, as a share of the largest there is. After each mean stands how far the true one may be from it in 19 cases of 20.

example: parley tournament --scenarios examples/scenarios --strategies boulware,conceder,micro --rounds 50 --json
`;

export const tournamentCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("tournament", args, {
      scenarios: { type: "string" },
      strategies: { type: "string" },
      protocol: { type: "string", default: "alternating-offers" },
      rounds: { type: "string", default: "100" },
      repeat: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      self: { type: "boolean", default: false },
      resume: { type: "string" },
      workers: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
    });
    if (flags.scenarios === undefined) throw usageError("--scenarios is missing", "tournament");
    const protocol = protocolFor(flags.protocol, 2);
    const strategies = strategiesOf(flags.strategies ?? "");
    for (const name of strategies) strategyFor("strategies", name, protocol);
    const rounds = wholeNumber("tournament", "rounds", flags.rounds, 1, 1_000_000);
    const seed = wholeNumber("tournament", "seed", flags.seed, 0, 0xffff_ffff);
    const repeats = wholeNumber("tournament", "repeat", flags.repeat, 1, 1_000_000);
    const workers = wholeNumber("tournament", "workers", flags.workers, 1, 64);
    const { scenarios, leftOut } = scenariosIn(flags.scenarios);
    for (const one of leftOut) warn(`left out ${one}`);
    const setup = { scenarios, digest: digestOf(scenarios), strategies, protocol: protocol.name, rounds, seed };
    const all = roundRobin(scenarios.length, strategies.length, { repeats, self: flags.self });
    const diary = new Diary(flags.resume, setup);
    const recorded = () => all.flatMap((match) => diary.records.get(keyOf(match)) ?? []);
    await playAll(
      all.filter((match) => !diary.records.has(keyOf(match))),
      setup,
      workers,
      (played) => {
        diary.add(played);
        if (isTerminal) process.stderr.write(`\r${recorded().length} of ${all.length} matches `);
      },
    );
    if (isTerminal) process.stderr.write("\r\x1b[K");
    const records = recorded();
    const table = standings(strategies, records);
    if (flags.json) print(JSON.stringify({ scenarios: scenarios.length, rounds, matches: records.length, table }));
    else show(table, records.length, scenarios.length);
    return EXIT.ok;
  },
};

function strategiesOf(text: string): string[] {
  const strategies = text.split(",").filter((name) => name !== "");
  if (strategies.length < 2) throw usageError("--strategies takes two or more, with commas between", "tournament");
  const twice = strategies.find((name, place) => strategies.indexOf(name) !== place);
  if (twice === undefined) return strategies;
  throw new ParleyError("Usage", `--strategies names ${twice} twice`, {
    hint: "Name each once; --self lets each meet itself, too.",
  });
}

/** What tells whether scenarios were changed since a tournament was broken off. */
function digestOf(scenarios: readonly ScenarioFiles[]): string {
  const paths = scenarios.flatMap(({ scenario, profiles }) => [scenario ?? [], profiles].flat());
  return sha256(utf8.encode(JSON.stringify(paths.map(readText))));
}

/** Built, it is JavaScript as this file is. */
const WORKER = new URL(`./tournament-worker${extname(import.meta.url)}`, import.meta.url);

/** Plays the matches in threads, all of one scenario in the same one. */
async function playAll(
  matches: readonly Match[],
  setup: TournamentSetup,
  workers: number,
  played: (records: readonly MatchRecord[]) => void,
): Promise<void> {
  const waiting = [...Map.groupBy(matches, ({ scenario }) => scenario).values()];
  const lane = async () => {
    const worker = new Worker(WORKER, { workerData: setup });
    try {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        played(await ask(worker, batch));
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, waiting.length) }, lane));
}

function ask(worker: Worker, batch: readonly Match[]): Promise<readonly MatchRecord[]> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (said: TournamentSaid) => {
      worker.off("error", reject);
      if ("records" in said) resolve(said.records);
      else reject(new ParleyError("MatchFailed", said.error));
    });
    worker.postMessage(batch);
  });
}

function show(table: readonly Standing[], matches: number, scenarios: number): void {
  const width = Math.max(10, ...table.map(({ strategy }) => strategy.length));
  const cell = ({ mean, within }: Mean, digits = 3) =>
    Number.isNaN(mean) ? "unknown".padEnd(12) : `${mean.toFixed(digits)} ${faint(`±${within.toFixed(digits)}`)}`;
  print(bold(`${"strategy".padEnd(width)}  utility        agreement      welfare        Nash distance  rounds`));
  for (const { strategy, utility, agreement, welfare, nashDistance, rounds, faults } of table) {
    const cells = [cell(utility), cell(agreement), cell(welfare), cell(nashDistance), cell(rounds, 1)];
    print(`${strategy.padEnd(width)}  ${cells.join("  ")}${faults > 0 ? `  ${faults} faults` : ""}`);
  }
  print(faint(`${matches} matches over ${scenarios} ${scenarios === 1 ? "scenario" : "scenarios"}`));
}
