/** The contracts' figures for docs/results.md, from what the commands that measure them print with `--json`. */
import { spawnSync } from "node:child_process";
import { readIfThere } from "../bootstrap/files.mjs";
import type { Share } from "./contracts/summary.ts";
import { type DeepRun, readDeep } from "./deep.ts";
import type { Figure, Measured } from "./figures.ts";
import type { Gas } from "./gas.ts";
import { YARDSTICKS } from "./gas-goals.ts";
import type { Report } from "./mutation/report.ts";

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

function deepFigures(files: readonly DeepRun[]): Figure[] {
  return files.map(({ file, runs, passed, failed, seconds, date, commit, seed }) => ({
    figure: `draws of each of ${passed + failed} tests in ${file} (${date}, commit ${commit}, seed ${seed}, ${seconds} s)`,
    value: failed === 0 ? runs : 0,
    unit: "draws without a counterexample",
    goal: "5,000",
    peer: "",
    command: "npm run test:deep",
  }));
}
