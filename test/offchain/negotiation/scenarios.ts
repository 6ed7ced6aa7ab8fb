// Scenarios as anybody might have them, ties and all.
import fc from "fast-check";
import { scenarioFromJson } from "../../../offchain/negotiation/formats/scenario-json.ts";
import { type Scenario, utilitiesOf } from "../../../offchain/negotiation/scenario.ts";
import type { Outcome } from "../../../offchain/terms/issue-space.ts";

/** Worths between which ties are frequent, and such between which they are rare; never nearer than rounding. */
const coarse = fc.integer({ min: 0, max: 5 }).map((fifths) => fifths / 5);
const fine = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);

/** A scenario of a few discrete and integer issues, with rules or without. */
export function scenarios(parties: number, most = 5): fc.Arbitrary<Scenario> {
  const sizes = fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(sizes, fc.constantFrom(coarse, fine))
    .chain(([counts, worth]) =>
      fc.tuple(fc.constant(counts), fc.array(party(counts, worth), { minLength: parties, maxLength: parties })),
    )
    .map(([counts, all]) =>
      scenarioFromJson({
        issues: counts.map((count, index) =>
          index === 1
            ? { name: `issue ${index}`, kind: "integer", from: -1, to: count - 2 }
            : { name: `issue ${index}`, values: labels(count) },
        ),
        parties: all.map((one, index) => ({ name: `party ${index}`, ...one })),
      }),
    );
}

function labels(count: number): string[] {
  return Array.from({ length: count }, (_, value) => `value ${value}`);
}

function party(counts: readonly number[], worth: fc.Arbitrary<number>): fc.Arbitrary<object> {
  const exactly = (count: number) => ({ minLength: count, maxLength: count });
  const rule = fc.record({
    when: fc.record({ "issue 0": fc.subarray(labels(counts[0] ?? 1), { minLength: 1 }) }, { noNullPrototype: true }),
    adds: fc.constantFrom(-0.2, 0.2),
  });
  return fc
    .record({
      shares: fc.array(fc.integer({ min: 1, max: 4 }), exactly(counts.length)),
      values: fc.tuple(...counts.map((count) => fc.array(worth, exactly(count)))),
      rules: fc.array(rule, { maxLength: 2 }),
      reservation: fc.constantFrom(0, 0.2, 0.4, 0.9),
    })
    .map(({ shares, ...rest }) => {
      const sum = shares.reduce((total, share) => total + share, 0);
      return { weights: shares.map((share) => share / sum), ...rest };
    });
}

/** Every outcome with what it is worth to each. */
export function everything(scenario: Scenario): { outcome: Outcome; utilities: number[] }[] {
  return Array.from({ length: scenario.space.size }, (_, id) => {
    const outcome = scenario.space.at(id);
    return { outcome, utilities: utilitiesOf(scenario, outcome) };
  });
}
