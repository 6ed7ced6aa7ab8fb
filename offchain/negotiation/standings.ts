import type { MatchRecord } from "./tournament.ts";

/** A mean over scenarios, and how far the true one may be from it in 19 cases of 20. */
export interface Mean {
  readonly mean: number;
  /** Infinite where there is one scenario: it says nothing of others. */
  readonly within: number;
}

/** How a strategy did over all its matches. */
export interface Standing {
  readonly strategy: string;
  readonly matches: number;
  readonly utility: Mean;
  readonly agreement: Mean;
  readonly welfare: Mean;
  readonly nashDistance: Mean;
  readonly rounds: Mean;
  readonly faults: number;
}

/** How it did in one scenario: means alone. */
export interface ScenarioStanding {
  readonly strategy: string;
  readonly matches: number;
  readonly utility: number;
  readonly agreement: number;
  readonly welfare: number | null;
  readonly nashDistance: number | null;
  readonly rounds: number;
  readonly faults: number;
}

/**
 * The table of a tournament, the best mean utility first. Each scenario counts as one observation: matches over the same one, again
 * and again and against whom, tell little more of how a strategy would do over others.
 */
export function standings(strategies: readonly string[], records: readonly MatchRecord[]): Standing[] {
  const scenarios = [...tallies(strategies, records).values()];
  return strategies
    .map((strategy, place): Standing => {
      const own = scenarios.flatMap((tally) => tally[place] ?? []);
      const over = (figure: (tally: Tally) => number | null) => meanOf(own.flatMap((tally) => figure(tally) ?? []));
      return {
        strategy,
        matches: own.reduce((sum, { matches }) => sum + matches, 0),
        utility: over(({ utility }) => utility.mean),
        agreement: over(({ agreement }) => agreement.mean),
        welfare: over(({ welfare }) => welfare.mean),
        nashDistance: over(({ nashDistance }) => nashDistance.mean),
        rounds: over(({ rounds }) => rounds.mean),
        faults: own.reduce((sum, { faults }) => sum + faults, 0),
      };
    })
    .sort((a, b) => b.utility.mean - a.utility.mean);
}

/** The same for each scenario by its number. */
export function standingsByScenario(
  strategies: readonly string[],
  records: readonly MatchRecord[],
): Map<number, ScenarioStanding[]> {
  const tables = [...tallies(strategies, records)].map(([scenario, all]) => {
    const table = strategies.flatMap((strategy, place): ScenarioStanding[] => {
      const tally = all[place];
      if (tally === undefined || tally.matches === 0) return [];
      const { matches, utility, agreement, welfare, nashDistance, rounds, faults } = tally;
      return [
        {
          ...{ strategy, matches, utility: utility.mean ?? 0, agreement: agreement.mean ?? 0 },
          ...{ welfare: welfare.mean, nashDistance: nashDistance.mean, rounds: rounds.mean ?? 0, faults },
        },
      ];
    });
    return [scenario, table.sort((a, b) => b.utility - a.utility)] as const;
  });
  return new Map(tables.sort(([one], [other]) => one - other));
}

class Sum {
  #sum = 0;
  #count = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.#sum += value;
    this.#count += 1;
  }

  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }
}

/** What is counted of a strategy's matches over one scenario. */
class Tally {
  matches = 0;
  faults = 0;
  readonly utility = new Sum();
  readonly agreement = new Sum();
  readonly welfare = new Sum();
  readonly nashDistance = new Sum();
  readonly rounds = new Sum();

  add(record: MatchRecord, seat: 0 | 1): void {
    this.matches += 1;
    this.faults += record.fault === seat ? 1 : 0;
    this.utility.add(record.utilities[seat]);
    this.agreement.add(record.agreement ? 1 : 0);
    this.welfare.add(record.welfare);
    this.nashDistance.add(record.nashDistance);
    this.rounds.add(record.rounds);
  }
}

/** By scenario, for each strategy. */
function tallies(strategies: readonly string[], records: readonly MatchRecord[]): Map<number, Tally[]> {
  const all = new Map<number, Tally[]>();
  for (const record of records) {
    const tally = all.get(record.scenario) ?? strategies.map(() => new Tally());
    all.set(record.scenario, tally);
    for (const seat of [0, 1] as const) tally[record.seats[seat]]?.add(record, seat);
  }
  return all;
}

/** The mean with its interval of 95%, by Student's distribution: scenarios are few. */
function meanOf(values: readonly number[]): Mean {
  if (values.length === 0) return { mean: Number.NaN, within: Number.NaN };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, within: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, within: student(values.length - 1) * Math.sqrt(variance / values.length) };
}

/** Of the first few degrees of freedom, where the series below is not good enough. */
const FEW_DEGREES = [12.7062, 4.3027, 3.1824, 2.7764];

/** The 97.5% point of Student's distribution, by its expansion around the normal one (Cornish and Fisher). */
function student(degrees: number): number {
  const z = 1.959964;
  const few = FEW_DEGREES[degrees - 1];
  if (few !== undefined) return few;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}
