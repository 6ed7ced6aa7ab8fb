/** What a policy is trained on: scenarios drawn at random, opponents of all kinds, and short and long deadlines. */
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import { generateScenario } from "../../../offchain/negotiation/generate.ts";
import { alternatingOffers } from "../../../offchain/negotiation/protocols/alternating-offers.ts";
import type { Scenario } from "../../../offchain/negotiation/scenario.ts";
import { byPolicy } from "../../../offchain/negotiation/strategies/learned.ts";
import type { Policy } from "../../../offchain/negotiation/strategies/policy.ts";
import { strategyNamed } from "../../../offchain/negotiation/strategies/registry.ts";
import type { Strategy } from "../../../offchain/negotiation/strategy.ts";
import { Arena } from "../../../offchain/negotiation/tournament.ts";

/** Who is there to be met. bench/strategies.bench.ts has the same at its table. */
export const POOL = [
  "boulware",
  "linear",
  "conceder",
  "tft-relative",
  "tft-absolute",
  "tft-averaged",
  "micro",
  "hardliner",
  "nash-frequency",
];

const OPPONENTS = POOL.map(strategyNamed);

const ROUNDS = [20, 50, 200] as const;

/** What an agreement fewer than Boulware's costs, in utility. */
const SHORTFALL = 2;

/** How a policy did: its mean utility, how often it agreed, and both as the one figure that is to rise. */
export interface Mark {
  readonly utility: number;
  readonly agreement: number;
  readonly fitness: number;
}

/**
 * So many scenarios of all shapes and degrees of opposition. Half of them are hard: the sides want opposite things and have much
 * without a deal, so that few outcomes are good enough for both.
 */
export function drawScenarios(count: number, seed: number): Scenario[] {
  const random = new SeededEntropy(seed);
  return Array.from({ length: count }, (_, index) => {
    const isHard = index % 2 === 1;
    return generateScenario(random.uint32(), {
      issues: 2 + (random.uint32() % 5),
      values: 2 + (random.uint32() % 7),
      opposition: isHard ? 0.6 + 0.4 * random.fraction() : 0.9 * random.fraction(),
      reservation: isHard ? [0.35, 0.6] : [0, 0.3 + 0.3 * random.fraction()],
    });
  });
}

/** Some scenarios, and how Boulware does there, which is the measure. */
export class Course {
  readonly #arenas: readonly Arena[];
  readonly boulware: Mark;

  constructor(scenarios: readonly Scenario[]) {
    // Marks are of utilities and agreements: nothing is measured by what would be best.
    this.#arenas = scenarios.map((scenario) => new Arena(scenario, { welfare: null, nash: null }));
    this.boulware = this.#run(strategyNamed("boulware"), 0);
  }

  mark(policy: Policy): Mark {
    return this.#run(byPolicy("trainee", policy), this.boulware.agreement);
  }

  /** Everybody in both seats, at each deadline. */
  #run(trainee: Strategy, agreementToReach: number): Mark {
    let [utility, agreement, matches] = [0, 0, 0];
    for (const arena of this.#arenas) {
      for (const opponent of OPPONENTS) {
        for (const seat of [0, 1] as const) {
          for (const rounds of ROUNDS) {
            const strategies = seat === 0 ? [trainee, opponent] : [opponent, trainee];
            const match = { scenario: 0, seats: [0, 1] as const, repeat: 0 };
            const record = arena.play(match, { strategies, protocol: alternatingOffers, rounds, seed: 1 });
            utility += record.utilities[seat];
            agreement += record.agreement ? 1 : 0;
            matches += 1;
          }
        }
      }
    }
    const mean = { utility: utility / matches, agreement: agreement / matches };
    return { ...mean, fitness: mean.utility - SHORTFALL * Math.max(0, agreementToReach - mean.agreement) };
  }
}
