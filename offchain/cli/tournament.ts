import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { type Mean, type Standing, standings, standingsByScenario } from "../negotiation/standings.ts";
import { keyOf, type Match, type MatchRecord, matchesIn, roundRobin } from "../negotiation/tournament.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { type FoundScenario, scenariosIn } from "./scenario-folder.ts";
import { bold, faint, print } from "./screen.ts";
import { protocolFor, strategyFor } from "./table.ts";
import { readText } from "./text-file.ts";
import { Batches, nextSize } from "./tournament-batches.ts";
import { Diary } from "./tournament-diary.ts";
import type { TournamentSaid, TournamentSetup } from "./tournament-worker.ts";
import { warn } from "./warn.ts";

/** More are kept in no memory. */
const MOST_MATCHES = 1_000_000;

const HELP = `parley tournament: let strategies meet each other over many scenarios

usage: parley tournament --scenarios DIR --strategies A,B,C [FLAGS]

  --scenarios DIR    a folder of scenarios as JSON, or with a folder for each domain of Genius or GeniusWeb; those of more
                     than two parties, and those that can't be read, are left out
  --strategies A,B   two strategies or more, as in: parley negotiate --help
  --protocol NAME    how they take turns (default alternating-offers)
  --rounds N         the deadline (default 100)
  --repeat R         how often each pair meets in each scenario and seat, with another seed (default 1)
  --seed N           chance (default 1)
  --self             let each meet itself, too
  --resume FILE      keep the matches in FILE as they are played, and go on from there after an interruption
  --workers N        how many threads play (default: one for each processor)
  --json             the table as one JSON object, and one for each scenario

Each strategy meets each other in both seats. Utility is what a side has in the end: of the agreement, or its reservation, less what time
has cost where the scenario discounts. Welfare and the distance from the Nash point are about which outcome it was, and so undiscounted:
what it is worth to both together, as a share of the most there is, and how far that is from the greatest product of gains.

Means are over scenarios, and after each stands how far the true one may be from it in 19 cases of 20, the scenarios being drawn from
many such. More repeats don't make that smaller, more scenarios do. All meet over the same scenarios, so that of two strategies the difference is
surer than either mean.

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
    checkSize(matchesIn(scenarios.length, strategies.length, { repeats, self: flags.self }));
    for (const { path, why } of leftOut) warn(`left out ${path}: ${why}`);
    const setup = { scenarios, digest: digestOf(scenarios), strategies, protocol: protocol.name, rounds, seed };
    const all = roundRobin(scenarios.length, strategies.length, { repeats, self: flags.self });
    const diary = new Diary(flags.resume, setup);
    const left = all.filter((match) => !diary.records.has(keyOf(match)));
    const progress = new Progress(all.length, all.length - left.length);
    await playAll(left, setup, workers, (played) => {
      diary.add(played);
      progress.add(played.length);
    });
    progress.end();
    const records = all.flatMap((match) => diary.records.get(keyOf(match)) ?? []);
    const table = standings(strategies, records);
    if (flags.json) {
      const tables = [...standingsByScenario(strategies, records)];
      const byScenario = tables.map(([place, own]) => ({ scenario: scenarios[place]?.name, table: own }));
      const counts = { scenarios: scenarios.length, rounds, matches: records.length };
      print(JSON.stringify({ ...counts, table, byScenario, leftOut }));
    } else show(table, records.length, scenarios.length);
    return EXIT.ok;
  },
};

function checkSize(matches: number): void {
  if (matches <= MOST_MATCHES) return;
  const [many, most] = [matches, MOST_MATCHES].map((count) => count.toLocaleString("en"));
  throw new ParleyError("Usage", `these would be ${many} matches, more than ${most}`, {
    hint: "Let fewer strategies meet, over fewer scenarios, or with a smaller --repeat.",
    facts: { matches, most: MOST_MATCHES },
  });
}

/** A line that counts the matches, where somebody sees it. */
class Progress {
  readonly #all: number;
  #played: number;

  constructor(all: number, played: number) {
    this.#all = all;
    this.#played = played;
  }

  add(count: number): void {
    this.#played += count;
    if (process.stderr.isTTY) process.stderr.write(`\r${this.#played} of ${this.#all} matches `);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

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
function digestOf(scenarios: readonly FoundScenario[]): string {
  const paths = scenarios.flatMap(({ scenario, profiles }) => [scenario ?? [], profiles].flat());
  return sha256(utf8.encode(JSON.stringify(paths.map(readText))));
}

/** Built, it is JavaScript as this file is. */
const WORKER = new URL(`./tournament-worker${extname(import.meta.url)}`, import.meta.url);

/** Plays the matches in threads, and tells of them batch by batch. */
async function playAll(
  matches: readonly Match[],
  setup: TournamentSetup,
  workers: number,
  played: (records: readonly MatchRecord[]) => void,
): Promise<void> {
  const batches = new Batches(matches);
  const lane = async () => {
    const worker = new Worker(WORKER, { workerData: setup });
    let [atHand, size]: [number | null, number] = [null, 1];
    try {
      for (let batch = batches.take(atHand, size); batch[0] !== undefined; batch = batches.take(atHand, size)) {
        const before = performance.now();
        played(await ask(worker, batch));
        atHand = batch[0].scenario;
        size = nextSize(batch.length, performance.now() - before);
      }
    } catch (thrown) {
      // The others need not go on with what comes to nothing.
      batches.stop();
      throw thrown;
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, matches.length) }, lane));
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
  const cell = ({ mean, within }: Mean, digits = 3) => {
    if (Number.isNaN(mean)) return "unknown".padEnd(13);
    const interval = Number.isFinite(within) ? `±${within.toFixed(digits)}` : "";
    return `${mean.toFixed(digits)} ${faint(interval.padEnd(7))}`;
  };
  print(bold(`${"strategy".padEnd(width)}  utility        agreement      welfare        Nash distance  rounds`));
  for (const { strategy, utility, agreement, welfare, nashDistance, rounds, faults } of table) {
    const cells = [cell(utility), cell(agreement), cell(welfare), cell(nashDistance), cell(rounds, 1)];
    print(`${strategy.padEnd(width)}  ${cells.join("  ")}${faults > 0 ? `  ${faults} faults` : ""}`);
  }
  print(
    faint(
      `${matches} matches over ${scenarios === 1 ? "one scenario, which says nothing of others" : `${scenarios} scenarios`}`,
    ),
  );
}
