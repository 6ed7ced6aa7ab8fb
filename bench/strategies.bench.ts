/**
 * How the strategies do against each other: a round robin, in both seats, over scenarios on which none of them was trained; and the
 * monotonic concession protocol beside alternating offers over the same cases.
 */

import { SeededEntropy } from "../offchain/kernel/random.ts";
import { referenceOf } from "../offchain/negotiation/analysis/reference.ts";
import { generateScenario, generateScenarios } from "../offchain/negotiation/generate.ts";
import { protocolNamed } from "../offchain/negotiation/protocols/registry.ts";
import { type Standing, standings } from "../offchain/negotiation/standings.ts";
import { strategyNamed } from "../offchain/negotiation/strategies/registry.ts";
import { Arena, roundRobin } from "../offchain/negotiation/tournament.ts";
import { POOL } from "../scripts/lib/training/course.ts";

const NAMES = [...POOL, "nash-bayesian", "learned"];
const SHOWN = ["boulware", "nash-frequency", "nash-bayesian", "learned"];
const ROUNDS = [20, 50, 200];
const SCENARIOS = 60;

/** Drawn apart from those of scripts/lib/training. */
const SEED = 20_261_121;

function table(rounds: number): Standing[] {
  const random = new SeededEntropy(SEED);
  const strategies = NAMES.map(strategyNamed);
  const protocol = protocolNamed("alternating-offers");
  const records = Array.from({ length: SCENARIOS }, () =>
    generateScenario(random.uint32(), {
      issues: 2 + (random.uint32() % 5),
      values: 2 + (random.uint32() % 7),
      opposition: random.fraction(),
      reservation: [0, 0.6],
    }),
  ).flatMap((scenario, place) => {
    const arena = new Arena(scenario, referenceOf(scenario));
    return roundRobin(1, NAMES.length).map((match) => ({
      ...arena.play(match, { strategies, protocol, rounds, seed: 1 }),
      scenario: place,
    }));
  });
  return standings(NAMES, records);
}

interface Side {
  readonly name: string;
  readonly protocol: string;
  readonly strategy: string;
}

const SIDES: readonly Side[] = [
  { name: "monotonic concession, zeuthen", protocol: "monotonic-concession", strategy: "zeuthen" },
  {
    name: "the private heuristic, zeuthen-estimate",
    protocol: "monotonic-concession-private",
    strategy: "zeuthen-estimate",
  },
  { name: "alternating offers, boulware", protocol: "alternating-offers", strategy: "boulware" },
];

/** Both in one run, so that their times compare. */
function sideBySide({ name, protocol, strategy }: Side) {
  const cases = generateScenarios(200, 1).map((scenario) => new Arena(scenario, referenceOf(scenario)));
  const conditions = {
    strategies: [strategyNamed(strategy), strategyNamed(strategy)],
    protocol: protocolNamed(protocol),
    rounds: 100,
    seed: 1,
  };
  const match = { scenario: 0, seats: [0, 1] as const, repeat: 0 };
  const before = performance.now();
  const records = cases.map((arena) => arena.play(match, conditions));
  const milliseconds = (performance.now() - before) / records.length;
  const mean = (of: (record: (typeof records)[number]) => number) =>
    records.reduce((sum, record) => sum + of(record), 0) / records.length;
  return {
    name,
    milliseconds,
    agreement: mean(({ agreement }) => (agreement ? 1 : 0)),
    welfare: mean(({ welfare }) => welfare ?? 0),
    rounds: mean(({ rounds }) => rounds),
  };
}

const tables = ROUNDS.map((rounds) => ({ rounds, table: table(rounds) }));
const sides = SIDES.map(sideBySide);

if (process.argv.includes("--results")) {
  const command = "npm run -s parley -- bench strategies";
  const row = (figure: string, value: number, unit: string, goal: string, peer: string) => ({
    ...{ figure, value: Math.round(value * 1000) / 1000, unit, goal, peer, command },
  });
  const rows = tables.flatMap(({ rounds, table: standing }) => {
    const boulware = standing.find(({ strategy }) => strategy === "boulware");
    return standing
      .filter(({ strategy }) => SHOWN.includes(strategy))
      .flatMap(({ strategy, utility, agreement }) => {
        const isMeasure = strategy === "boulware";
        const least = isMeasure ? "" : `>= ${((boulware?.utility.mean ?? 0) * 1.05).toFixed(3)}`;
        const often = isMeasure ? "" : `>= ${(boulware?.agreement.mean ?? 0).toFixed(3)}`;
        const where = `${strategy}, round robin of ${NAMES.length}, ${rounds} rounds`;
        return [
          row(`mean utility of ${where}`, utility.mean, "", least, isMeasure ? "" : "boulware, 5% more"),
          row(`agreement of ${where}`, agreement.mean, "", often, isMeasure ? "" : "boulware"),
        ];
      });
  });
  const protocols = sides.flatMap(({ name, milliseconds, agreement, welfare, rounds }) => [
    row(`${name}: welfare of the best`, welfare, "", "", "boulware .934, linear .948"),
    row(`${name}: agreement`, agreement, "", "", ""),
    row(`${name}: rounds`, rounds, "", "", ""),
    row(`${name}: time`, milliseconds, "ms", "", ""),
  ]);
  process.stdout.write(JSON.stringify([...rows, ...protocols]));
} else if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ tables, sides })}\n`);
} else {
  for (const { rounds, table: standing } of tables) {
    console.log(`${rounds} rounds`);
    console.table(
      standing.map(({ strategy, utility, agreement, welfare, nashDistance }) => ({
        strategy,
        utility: utility.mean.toFixed(3),
        within: utility.within.toFixed(3),
        agreement: agreement.mean.toFixed(3),
        welfare: welfare.mean.toFixed(3),
        nashDistance: nashDistance.mean.toFixed(3),
      })),
    );
  }
  console.table(sides);
}
