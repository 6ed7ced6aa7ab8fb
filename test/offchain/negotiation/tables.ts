// Small scenarios for tests, and any that come up.
import fc from "fast-check";
import type { Moment, Move } from "../../../offchain/negotiation/move.ts";
import type { Protocol, Talk } from "../../../offchain/negotiation/protocols/protocol.ts";
import type { Party, Scenario } from "../../../offchain/negotiation/scenario.ts";
import type { Seat, Strategy } from "../../../offchain/negotiation/strategy.ts";
import { Utility } from "../../../offchain/negotiation/utility.ts";
import { IssueSpace, type Outcome } from "../../../offchain/terms/issue-space.ts";

/** A party by what each outcome of a single issue is worth to it. */
export function party(name: string, worths: readonly number[], reservation = 0, discount = 1): Party {
  const utility = new Utility([1], [{ kind: "table", first: 0, table: Float64Array.from(worths) }]);
  return { name, utility, reservation, discount };
}

/** A scenario with one issue, by what its values are worth to each: one list a party. */
export function oneIssue(...parties: readonly Party[]): Scenario {
  const { utility } = parties[0] as Party;
  const [worth] = utility.worths;
  const count = worth?.kind === "table" ? worth.table.length : 0;
  const space = new IssueSpace([
    { kind: "discrete", name: "which", values: Array.from({ length: count }, (_, i) => `v${i}`) },
  ]);
  return { name: "", space, parties };
}

/** A strategy that says these moves, and then walks away. */
export function saying(...moves: readonly (Move | ((moment: Moment, seat: Seat) => Move))[]): Strategy {
  return {
    name: "script",
    sit(seat) {
      let place = 0;
      return {
        hear() {},
        speak(moment) {
          const move = moves[place++] ?? { say: "end" };
          return typeof move === "function" ? move(moment, seat) : move;
        },
        why: () => "",
      };
    },
  };
}

export function offer(...outcome: number[]): Move {
  return { say: "offer", outcome };
}

export const accept: Move = { say: "accept" };
export const end: Move = { say: "end" };

/** A talk at a table of such parties. */
export function begin(protocol: Protocol, { parties }: Scenario, rounds: number, coin = () => true): Talk {
  return protocol.begin({ parties, rounds, coin });
}

/** From 0 to 1: any that a scenario may hold. */
const anything = fc.double({ min: 0, max: 1, noNaN: true });

/** The same in steps, so that two that differ do so by more than rounding does. */
export const thousandths = fc.integer({ min: 0, max: 1_000 }).map((count) => count / 1_000);

const worth = (figure: fc.Arbitrary<number>) =>
  fc.oneof(
    { weight: 3, arbitrary: figure },
    // Few figures, so that equal ones come often.
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4) },
  );

/** Any scenario with so many parties and 3 issues of 2 to 6 values, of such figures. */
export function scenario(parties = 2, figure = anything): fc.Arbitrary<Scenario> {
  return fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 3, maxLength: 3 }).chain((counts) =>
    fc
      .array(
        fc.record({
          weights: fc.array(
            figure.map((part) => 0.01 + 0.99 * part),
            { minLength: 3, maxLength: 3 },
          ),
          worths: fc.tuple(...counts.map((count) => fc.array(worth(figure), { minLength: count, maxLength: count }))),
          reservation: fc.oneof(
            fc.constant(0),
            figure.map((part) => 0.9 * part),
          ),
          discount: fc.oneof(
            fc.constant(1),
            figure.map((part) => 0.05 + 0.95 * part),
          ),
        }),
        { minLength: parties, maxLength: parties },
      )
      .map((drawn) => ({
        name: "",
        space: new IssueSpace(
          counts.map((count, issue) => ({
            kind: "discrete",
            name: `issue ${issue}`,
            values: Array.from({ length: count }, (_, value) => `v${value}`),
          })),
        ),
        parties: drawn.map(({ weights, worths, reservation, discount }, place) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          const utility = new Utility(
            weights.map((weight) => weight / sum),
            worths.map((table) => ({ kind: "table", first: 0, table: Float64Array.from(table) })),
          );
          return { name: `party ${place}`, utility, reservation, discount };
        }),
      })),
  );
}

/** All outcomes of a small space. */
export function outcomesOf({ space }: Scenario): Outcome[] {
  return Array.from({ length: space.size }, (_, id) => space.at(id));
}
