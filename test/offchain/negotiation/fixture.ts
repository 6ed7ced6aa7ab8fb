// What tests of the negotiation engine need again and again.
import type { Bids } from "../../../offchain/negotiation/bids/bids.ts";
import type { Moment, Move } from "../../../offchain/negotiation/move.ts";
import { alternatingOffers } from "../../../offchain/negotiation/protocols/alternating-offers.ts";
import { stackedOffers } from "../../../offchain/negotiation/protocols/stacked-offers.ts";
import type { Party, Scenario } from "../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../offchain/negotiation/session.ts";
import type { Result, Step } from "../../../offchain/negotiation/setting.ts";
import type { Seat, Strategy } from "../../../offchain/negotiation/strategy.ts";
import { Utility } from "../../../offchain/negotiation/utility.ts";
import { IssueSpace, type Outcome } from "../../../offchain/terms/issue-space.ts";

/** A strategy that does what it is told, turn by turn, and leaves when nothing is left. */
export function scripted(...moves: readonly Move[]): Strategy {
  return told("scripted", () => {
    const left = [...moves];
    return () => left.shift() ?? { say: "end" };
  });
}

/** A strategy by what it says at its turn. */
export function told(name: string, begin: (seat: Seat) => (moment: Moment) => Move): Strategy {
  return { name, sit: (seat) => ({ hear() {}, why: () => "as told", speak: begin(seat) }) };
}

/** Offers any outcome at all, and accepts or leaves as chance has it. */
export function chancy(accepts: number, leaves: number): Strategy {
  return told("chancy", ({ space, random }) => ({ offered, mayOffer }) => {
    if (random.fraction() < leaves) return { say: "end" };
    if (offered !== null && random.fraction() < accepts) return { say: "accept" };
    if (!mayOffer) return { say: "end" };
    return {
      say: "offer",
      outcome: space.issues.map((issue, index) => {
        if (issue.kind === "continuous") return issue.from + random.fraction() * (issue.to - issue.from);
        return space.firstOf(index) + Math.floor(random.fraction() * space.countOf(index));
      }),
    };
  });
}

/** One issue with a value for each figure, worth that to the first party and its rest to 1 to the second. */
export function pie(...worths: readonly number[]): Scenario {
  const space = new IssueSpace([{ kind: "discrete", name: "share", values: worths.map((_, index) => `${index}`) }]);
  const party = (name: string, table: readonly number[]): Party => ({
    name,
    utility: new Utility([1], [{ kind: "table", first: 0, table: Float64Array.from(table) }]),
    reservation: 0,
    discount: 1,
  });
  return {
    name: "pie",
    space,
    parties: [
      party("A", worths),
      party(
        "B",
        worths.map((worth) => 1 - worth),
      ),
    ],
  };
}

export interface Played extends Result {
  readonly steps: readonly Step[];
  /** The offers of one party, in their order. */
  readonly offersOf: (party: number) => readonly Outcome[];
}

/** Lets strategies negotiate and keeps what was said. */
export function play(
  scenario: Scenario,
  strategies: readonly Strategy[],
  rounds: number,
  seed = 1,
  orders?: readonly Bids[],
): Played {
  const steps: Step[] = [];
  const protocol = scenario.parties.length === 2 ? alternatingOffers : stackedOffers;
  const watch = (step: Step): unknown => steps.push(step);
  const setting = { scenario, protocol, strategies, rounds, seed, watch };
  const result = negotiate(orders === undefined ? setting : { ...setting, orders });
  const offersOf = (party: number): readonly Outcome[] =>
    steps.flatMap(({ by, move }) => (by === party && move.say === "offer" ? [move.outcome] : []));
  return { ...result, steps, offersOf };
}

/** The scenario with other reservations. */
export function withReservations(scenario: Scenario, ...reservations: readonly number[]): Scenario {
  const parties = scenario.parties.map((party, index) => ({ ...party, reservation: reservations[index] ?? 0 }));
  return { ...scenario, parties };
}
