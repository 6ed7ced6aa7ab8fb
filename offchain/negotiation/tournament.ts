import { hash32 } from "../kernel/random.ts";
import type { Bids } from "./bids/bids.ts";
import { orderBids } from "./bids/order.ts";
import type { Protocol } from "./protocols/protocol.ts";
import type { Scenario } from "./scenario.ts";
import { negotiate } from "./session.ts";
import type { Strategy } from "./strategy.ts";

/** One negotiation of a tournament: who sits in which seat of which scenario. */
export interface Match {
  readonly scenario: number;
  /** The strategies' places in the list, in the order of the seats. */
  readonly seats: readonly [number, number];
  readonly repeat: number;
}

/** What came of it. */
export interface MatchRecord extends Match {
  readonly utilities: readonly [number, number];
  readonly agreement: boolean;
  /** Sum of both utilities, as a share of the largest there is; null where that is not known. */
  readonly welfare: number | null;
  /** How far the result is from the Nash point, by both utilities; null where there is none. */
  readonly nashDistance: number | null;
  readonly rounds: number;
  /** The seat whose strategy broke down; null if none did. */
  readonly fault: number | null;
}

/** What a scenario has at its best, to measure results by; null where there is none, or too many outcomes to know it. */
export interface Reference {
  readonly welfare: number | null;
  readonly nash: readonly number[] | null;
}

/** Everybody against everybody else, in both seats of each scenario; against itself, too, if `self`. */
export function roundRobin(
  scenarios: number,
  strategies: number,
  { repeats = 1, self = false }: { readonly repeats?: number; readonly self?: boolean } = {},
): Match[] {
  const all: Match[] = [];
  for (let scenario = 0; scenario < scenarios; scenario++) {
    for (let first = 0; first < strategies; first++) {
      for (let second = 0; second < strategies; second++) {
        if (first === second && !self) continue;
        for (let repeat = 0; repeat < repeats; repeat++) all.push({ scenario, seats: [first, second], repeat });
      }
    }
  }
  return all;
}

/** What identifies a match, also in a file from which a tournament goes on. */
export function keyOf({ scenario, seats, repeat }: Match): string {
  return `${scenario}:${seats[0]}:${seats[1]}:${repeat}`;
}

/** Plays the matches over a scenario, whose outcomes are sorted once for all of them. */
export class Arena {
  readonly #scenario: Scenario;
  readonly #reference: Reference;
  readonly #orders: readonly Bids[];

  constructor(scenario: Scenario, reference: Reference) {
    this.#scenario = scenario;
    this.#reference = reference;
    this.#orders = scenario.parties.map(({ utility }) => orderBids(scenario.space, utility));
  }

  play(
    match: Match,
    {
      strategies,
      protocol,
      rounds,
      seed,
    }: {
      readonly strategies: readonly Strategy[];
      readonly protocol: Protocol;
      readonly rounds: number;
      readonly seed: number;
    },
  ): MatchRecord {
    const seated = match.seats.flatMap((place) => strategies[place] ?? []);
    const result = negotiate({
      scenario: this.#scenario,
      protocol,
      strategies: seated,
      rounds,
      seed: hash32(seed, match.scenario, ...match.seats, match.repeat),
      orders: this.#orders,
    });
    const [first = 0, second = 0] = result.utilities;
    const { welfare, nash } = this.#reference;
    return {
      ...match,
      utilities: [first, second],
      agreement: result.agreement,
      welfare: welfare === null || welfare <= 0 ? null : (first + second) / welfare,
      nashDistance: nash === null ? null : Math.hypot(first - (nash[0] ?? 0), second - (nash[1] ?? 0)),
      rounds: result.rounds,
      fault: result.fault,
    };
  }
}

/** A mean, and how far the true one may be from it in 19 cases of 20. */
export interface Mean {
  readonly mean: number;
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

/** The table of a tournament, the best mean utility first. */
export function standings(strategies: readonly string[], records: readonly MatchRecord[]): Standing[] {
  return strategies
    .map((strategy, place): Standing => {
      const own = records.flatMap((record) =>
        record.seats.flatMap((seated, seat) => (seated === place ? [{ record, seat }] : [])),
      );
      return {
        strategy,
        matches: own.length,
        utility: meanOf(own.map(({ record, seat }) => record.utilities[seat] ?? 0)),
        agreement: meanOf(own.map(({ record }) => (record.agreement ? 1 : 0))),
        welfare: meanOf(own.flatMap(({ record }) => record.welfare ?? [])),
        nashDistance: meanOf(own.flatMap(({ record }) => record.nashDistance ?? [])),
        rounds: meanOf(own.map(({ record }) => record.rounds)),
        faults: own.filter(({ record, seat }) => record.fault === seat).length,
      };
    })
    .sort((a, b) => b.utility.mean - a.utility.mean);
}

/** The mean with its interval of 95%, by the normal distribution. */
function meanOf(values: readonly number[]): Mean {
  if (values.length === 0) return { mean: Number.NaN, within: Number.NaN };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, within: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, within: 1.96 * Math.sqrt(variance / values.length) };
}
