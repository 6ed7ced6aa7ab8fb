/**
 * What honest negotiations suffer beside a hostile peer: for each kind of attack, their 99th percentile as a multiple of that
 * without it, blocks with and without alternating in one run; and how much memory the attacked side takes.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Figure } from "../scripts/lib/figures.ts";
import { ATTACK_NAMES, type Attack, type Orders } from "./dealing/attacker.ts";
import { Pair } from "./dealing/pair.ts";
import { median, percentile } from "./measure.ts";

interface Suffered {
  readonly attack: Attack;
  /** Of the median, and of the 99th percentile. */
  readonly medianTimes: number;
  readonly p99Times: number;
  /** By which the seller's resident memory grew, after a collection of garbage. */
  readonly growthBytes: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    results: { type: "boolean", default: false },
    attack: { type: "string" },
    blocks: { type: "string", default: "3" },
    negotiations: { type: "string", default: "100" },
  },
});

if (values.attack !== undefined && !ATTACK_NAMES.some((name) => name === values.attack)) {
  process.stderr.write(`there is no attack '${values.attack}', only ${ATTACK_NAMES.join(", ")}\n`);
  process.exit(2);
}

const ATTACKER = fileURLToPath(new URL("dealing/attacker.ts", import.meta.url));

const folder = mkdtempSync(fileURLToPath(new URL("../.bench-", import.meta.url)));
const suffered: Suffered[] = [];
try {
  for (const attack of ATTACK_NAMES.filter((name) => values.attack === undefined || name === values.attack)) {
    suffered.push(await measure(attack, Number(values.blocks), Number(values.negotiations)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.results) process.stdout.write(JSON.stringify(suffered.flatMap(figures)));
else if (values.json)
  process.stdout.write(
    `${JSON.stringify(Object.fromEntries(suffered.map(({ attack, ...rest }) => [attack, rest])))}\n`,
  );
else console.table(suffered);
process.exit(0);

async function measure(attack: Attack, blocks: number, negotiations: number): Promise<Suffered> {
  const pair = await Pair.start({ transport: "websocket", folder, what: attack });
  const [alone, beside]: [number[], number[]] = [[], []];
  await block(pair, negotiations, []);
  const before = await pair.usage();
  for (let count = 0; count < blocks; count++) {
    await block(pair, negotiations, alone);
    const attacker = await startAttacker({ attack, address: pair.address, wallets: pair.wallets });
    await block(pair, negotiations, beside);
    await end(attacker);
  }
  const after = await pair.usage();
  await pair.stop();
  return {
    attack,
    medianTimes: round(median(beside) / median(alone)),
    p99Times: round(percentile(beside, 0.99) / percentile(alone, 0.99)),
    growthBytes: after.seller.residentBytes - before.seller.residentBytes,
  };
}

async function block(pair: Pair, negotiations: number, took: number[]): Promise<void> {
  for (let count = 0; count < negotiations; count++) {
    const begin = performance.now();
    await pair.negotiate();
    took.push(performance.now() - begin);
  }
}

/** Resolves once it is at it. */
async function startAttacker(orders: Orders): Promise<ChildProcess> {
  const attacker = fork(ATTACKER, ["--attack"]);
  attacker.send(orders);
  await once(attacker, "message");
  return attacker;
}

async function end(attacker: ChildProcess): Promise<void> {
  const ended = once(attacker, "exit");
  attacker.kill("SIGKILL");
  await ended;
}

function figures({ attack, p99Times, medianTimes, growthBytes }: Suffered): Figure[] {
  const common = { peer: "", command: "npm run -s parley -- bench hostile" };
  return [
    {
      ...common,
      figure: `honest negotiations beside ${attack}, p99`,
      value: p99Times,
      unit: "times that without",
      goal: "<= 3",
    },
    {
      ...common,
      figure: `honest negotiations beside ${attack}, median`,
      value: medianTimes,
      unit: "times that without",
      goal: "",
    },
    {
      ...common,
      figure: `memory that ${attack} take`,
      value: Math.round(growthBytes / 2 ** 20),
      unit: "MiB",
      goal: "",
    },
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
