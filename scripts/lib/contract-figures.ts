/** The contracts' figures for docs/results.md, from what the commands that measure them print with `--json`. */
import { spawnSync } from "node:child_process";
import { readIfThere } from "../bootstrap/files.mjs";
import { type ChaosSummary, readChaos } from "./chaos.ts";
import type { Share } from "./contracts/summary.ts";
import { type DeepRun, readDeep } from "./deep.ts";
import type { Figure, Measured } from "./figures.ts";
import type { Gas } from "./gas.ts";
import { YARDSTICKS } from "./gas-goals.ts";
import type { Report } from "./mutation/report.ts";
import { readSettlementChaos, type SettlementChaos } from "./settlement-chaos.ts";

const STORED = "test/contracts/mutation.json";

/** By name, what measures it. */
export const CONTRACT_FIGURES: Readonly<Record<string, () => Measured>> = {
  gas: () => ({ name: "gas", figures: gasFigures(ask("scripts/gas.ts")) }),
  coverage: () => ({ name: "coverage", figures: coverageFigures(ask("scripts/coverage.ts")) }),
  // It takes too long to be measured along with the others.
  mutation: () => {
    const stored = readIfThere(STORED);
    return { name: "mutation", figures: stored === undefined ? [] : mutationFigures(JSON.parse(stored)) };
  },
  // Likewise.
  deep: () => {
    return { name: "deep", figures: deepFigures(readDeep()) };
  },
  chaos: () => ({
    name: "chaos",
    figures: [...chaosFigures(readChaos()), ...settlementFigures(readSettlementChaos())],
  }),
};

/** Runs a command. One that fails because a goal is missed still says what it measured. */
function ask<Answer>(file: string): Answer {
  const args = ["--disable-warning=ExperimentalWarning", file, "--json"];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (stdout === "") throw new Error(`${file} failed with code ${status}`);
  return JSON.parse(stdout);
}

export function gasFigures(gas: Gas): Figure[] {
  return Object.entries(gas).map(([name, value]) => {
    const { goal, peers = [] } = YARDSTICKS[name] ?? {};
    return {
      figure: `gas, ${name}`,
      value,
      unit: "gas",
      goal: goal === undefined ? "" : `<= ${goal.toLocaleString("en")}`,
      peer: peers.map((peer) => `${peer.what}: ${peer.gas.toLocaleString("en")}`).join("; "),
      command: "npm run gas",
    };
  });
}

export function coverageFigures({ lines, branches }: { lines: Share; branches: Share }): Figure[] {
  return Object.entries({ lines, branches }).map(([what, { reached, total }]) => ({
    figure: `contract ${what} that the tests reach, of ${total}`,
    value: (100 * reached) / total,
    unit: "%",
    goal: "100",
    peer: "",
    command: "npm run coverage",
  }));
}

export function mutationFigures({ date, commit, mutants, judged, score, survivors }: Report): Figure[] {
  const command = "npm run mutate";
  const unexplained = survivors.filter(({ why }) => why === null).length;
  const of = `${judged} of ${mutants} mutants, ${date}, commit ${commit}`;
  const share = { figure: `spoiled contracts that the tests notice (${of})`, value: 100 * (score ?? 0), unit: "%" };
  const open = { figure: "unnoticed ones without an explanation", value: unexplained, unit: "" };
  return [
    { ...share, goal: "", peer: "", command },
    { ...open, goal: "0", peer: "", command },
  ];
}

function settlementFigures(summary: SettlementChaos | null): Figure[] {
  if (summary === null) return [];
  const { runs, seed, date, commit, outcomes, stuck, deaths, reorgs, failures } = summary;
  const ended = Object.entries(outcomes).map(([kind, count]) => `${count} ${kind}`);
  const what = `${ended.join(", ")}; ${deaths} deaths, ${reorgs} reorganisations; from seed ${seed}, ${date}, commit ${commit}`;
  const command = "npm run chaos:settlement -- --store";
  const common = { unit: "", peer: "", command };
  return [
    { figure: `deals settled in chaos (${what})`, value: runs, goal: ">= 300", ...common },
    {
      figure: "of them with more than one outcome, or sums that don't hold",
      value: failures.length,
      goal: "0",
      ...common,
    },
    { figure: "chains on which money was stuck in the end", value: stuck.length, goal: "0", ...common },
  ];
}

function chaosFigures(summary: ChaosSummary | null): Figure[] {
  if (summary === null) return [];
  const { runs, seed, date, commit, deals, withoutDeal, kills, cuts, disksFull, clocksApart, revocations, failures } =
    summary;
  const suffered = `${kills} kills, ${cuts} broken networks, ${disksFull} full disks, ${clocksApart} clocks apart, ${revocations} revocations`;
  const common = { unit: "", peer: "", command: "npm run chaos" };
  return [
    {
      ...common,
      figure: `negotiations in which everything went wrong (${suffered}; ${date}, commit ${commit}, seed ${seed})`,
      value: runs,
      goal: ">= 500",
    },
    {
      ...common,
      figure: `of them, with one deal for both sides; the other ${withoutDeal} with none`,
      value: deals,
      goal: "",
    },
    {
      ...common,
      figure: "of them, in which the sides differed, an envelope was forgotten or a fault was proven",
      value: failures.length,
      goal: "0",
    },
  ];
}

function deepFigures(slices: readonly DeepRun[]): Figure[] {
  const total = (of: readonly DeepRun[], count: "runs" | "failed" | "seconds") =>
    of.reduce((sum, slice) => sum + slice[count], 0);
  return [...Map.groupBy(slices, ({ file }) => file)].map(([file, of]) => {
    const tests = Math.max(...of.map(({ passed, failed }) => passed + failed));
    const [dates, commits, seeds] = (["date", "commit", "seed"] as const).map((what) =>
      ends(of.map((one) => one[what])),
    );
    return {
      figure: `draws of each of ${tests} tests in ${file} (${dates}, commit ${commits}, seed ${seeds}, ${total(of, "seconds")} s)`,
      value: total(of, "failed") === 0 ? total(of, "runs") : 0,
      unit: "draws without a counterexample",
      goal: "5,000",
      peer: "",
      command: "npm run test:deep",
    };
  });
}

/** The first and last of what slices say, or the one they all do. */
function ends(values: readonly (string | number)[]): string {
  return values[0] === values.at(-1) ? `${values[0]}` : `${values[0]} to ${values.at(-1)}`;
}
