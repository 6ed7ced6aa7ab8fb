import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { conceded } from "../../../../offchain/negotiation/strategies/time-dependent.ts";
import { pie, play, scripted, withReservations } from "../fixture.ts";

const TENTHS = pie(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1);

describe("conceding by the clock", () => {
  const at = (time: number, pace: number, rest = {}) => Number(conceded(time, { pace, ...rest }).toFixed(9));

  it("is the time to the power of 1 / pace", () => {
    assert.deepEqual(
      [0, 0.25, 0.5, 1].map((time) => at(time, 1)),
      [0, 0.25, 0.5, 1],
    );
    assert.deepEqual(
      [0, 0.25, 0.5, 1].map((time) => at(time, 0.5)),
      [0, 0.0625, 0.25, 1],
    );
    assert.deepEqual(
      [0, 0.25, 0.5, 1].map((time) => at(time, 2)),
      [0, 0.5, Number(Math.SQRT1_2.toFixed(9)), 1],
    );
  });

  it("begins after the patience, and is over before the deadline by the urgency", () => {
    assert.deepEqual(
      [0.2, 0.5, 0.8, 0.9].map((time) => at(time, 1, { patience: 0.2, urgency: 0.2 })),
      [0, 0.5, 1, 1],
    );
    // No time between: all at once.
    assert.deepEqual(
      [0.6, 0.61].map((time) => at(time, 1, { patience: 0.6, urgency: 0.7 })),
      [0, 1],
    );
  });

  it("goes from the opening to the limit, and never back", () => {
    // Eighths, and five rounds: all figures are exact.
    const scenario = withReservations(pie(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1), 0.5, 0);
    const offers = (text: string) => play(scenario, [text, "hardliner"].map(strategyNamed), 5).offersOf(0);
    assert.deepEqual(offers("linear"), [[8], [7], [6], [5], [4]]);
    assert.deepEqual(offers("linear:anchor=0.5"), [[6], [6], [5], [5], [4]]);
    assert.deepEqual(offers("linear:reservation=0.75"), [[8], [8], [7], [7], [6]]);
  });

  it("takes at the last chance what is no worse than no deal, and nothing that it was told not to take", () => {
    const last = (text: string, place: number) =>
      play(TENTHS, [scripted({ say: "offer", outcome: [place] }), strategyNamed(text)], 1).agreement;
    assert.ok(last("boulware", 8));
    assert.ok(last("boulware:reservation=0.15", 8));
    assert.ok(!last("boulware:reservation=0.25", 8));
  });
});
