/**
 * How fast the negotiation engine runs on one core: 200 seeded cases of 3 issues with 10 values, two Boulware strategies, 100 rounds;
 * once with the orders of outcomes made before, once with them made in each negotiation.
 */
import { orderBids } from "../offchain/negotiation/bids/order.ts";
import { generateScenarios } from "../offchain/negotiation/generate.ts";
import { alternatingOffers } from "../offchain/negotiation/protocols/alternating-offers.ts";
import { negotiate } from "../offchain/negotiation/session.ts";
import { strategyNamed } from "../offchain/negotiation/strategies/registry.ts";
import { median } from "./measure.ts";

const CASES = 200;
const ROUNDS = 100;
const SEED = 1;
const REPEATS = 7;

/** Passes over all cases in one measurement, so that it lasts some tenths of a second. */
const PASSES = { cached: 20, cold: 6 };

interface Speed {
  readonly roundsPerSecond: number;
  readonly negotiationsPerSecond: number;
}

const boulware = strategyNamed("boulware");
const cases = generateScenarios(CASES, SEED).map((scenario) => ({
  scenario,
  orders: scenario.parties.map(({ utility }) => orderBids(scenario.space, utility)),
}));

function measure(mode: keyof typeof PASSES): Speed {
  const before = performance.now();
  let rounds = 0;
  for (let pass = 0; pass < PASSES[mode]; pass++) {
    for (const [seed, { scenario, orders }] of cases.entries()) {
      const strategies = [boulware, boulware];
      const setting = { scenario, protocol: alternatingOffers, strategies, rounds: ROUNDS, seed };
      rounds += negotiate(mode === "cached" ? { ...setting, orders } : setting).rounds;
    }
  }
  const seconds = (performance.now() - before) / 1000;
  return { roundsPerSecond: rounds / seconds, negotiationsPerSecond: (PASSES[mode] * CASES) / seconds };
}

/** The middle one of several, after some that let the engine be compiled. */
function speedOf(mode: keyof typeof PASSES): Speed {
  for (let warmUp = 0; warmUp < 2; warmUp++) measure(mode);
  const speeds = Array.from({ length: REPEATS }, () => measure(mode));
  return {
    roundsPerSecond: Math.round(median(speeds.map(({ roundsPerSecond }) => roundsPerSecond))),
    negotiationsPerSecond: Math.round(median(speeds.map(({ negotiationsPerSecond }) => negotiationsPerSecond))),
  };
}

const figures = { cached: speedOf("cached"), cold: speedOf("cold") };
if (process.argv.includes("--results")) {
  const command = "npm run -s parley -- bench engine";
  const row = (figure: string, value: number, goal: string) => ({
    figure,
    value,
    unit: "1/s",
    goal,
    peer: "",
    command,
  });
  process.stdout.write(
    JSON.stringify([
      row("rounds of the engine, orders cached", figures.cached.roundsPerSecond, ">= 1,000,000"),
      row("negotiations of the engine, orders cached", figures.cached.negotiationsPerSecond, ">= 3,000"),
      row("rounds of the engine, orders built each time", figures.cold.roundsPerSecond, ""),
      row("negotiations of the engine, orders built each time", figures.cold.negotiationsPerSecond, ">= 3,000"),
    ]),
  );
} else if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(figures)}\n`);
else console.table(figures);
