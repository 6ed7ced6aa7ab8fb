import { hash32 } from "../kernel/random.ts";
import type { Outcome } from "../terms/issue-space.ts";
import type { Bids } from "./bids/bids.ts";
import { orderBids } from "./bids/order.ts";
import type { Protocol } from "./protocols/protocol.ts";
import { type Scenario, utilitiesOf } from "./scenario.ts";
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
  /** What each has in the end: less what time has cost. */
  readonly utilities: readonly [number, number];
  readonly agreement: boolean;
  /** The sum of what the outcome is worth to both, as a share of the largest there is; null where that is not known. */
  readonly welfare: number | null;
  /** How far the outcome is from the nearest Nash point, by what it is worth to both; null where there is none. */
  readonly nashDistance: number | null;
  readonly rounds: number;
  /** The seat whose strategy broke down; null if none did. */
  readonly fault: number | null;
}

/**
 * What a scenario has at its best, to measure outcomes by; null where there is none, or too many outcomes to know it. It is undiscounted,
 * as is what is measured by it: which outcome was found, and not when.
 */
export interface Reference {
  readonly welfare: number | null;
  /** Several where they tie. */
  readonly nash: readonly (readonly number[])[] | null;
}

/** How many matches a round robin has. */
export function matchesIn(
  scenarios: number,
  strategies: number,
  { repeats = 1, self = false }: { readonly repeats?: number; readonly self?: boolean } = {},
): number {
  return scenarios * strategies * (strategies - (self ? 0 : 1)) * repeats;
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
    return {
      ...match,
      utilities: [first, second],
      agreement: result.agreement,
      ...this.#measured(result.outcome),
      rounds: result.rounds,
      fault: result.fault,
    };
  }

  /** No deal is measured as what both have without one. */
  #measured(outcome: Outcome | null): Pick<MatchRecord, "welfare" | "nashDistance"> {
    const { parties } = this.#scenario;
    const worths =
      outcome === null ? parties.map(({ reservation }) => reservation) : utilitiesOf(this.#scenario, outcome);
    const { welfare, nash } = this.#reference;
    const sum = worths.reduce((total, one) => total + one, 0);
    const distances = nash?.map((point) => Math.hypot(...point.map((one, party) => one - (worths[party] ?? 0))));
    return {
      welfare: welfare === null || welfare <= 0 ? null : sum / welfare,
      nashDistance: distances?.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY) ?? null,
    };
  }
}
