import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { sumOfConcessions } from "../../../../offchain/negotiation/strategies/steps.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";
import { type Played, pie, play, withReservations } from "../fixture.ts";

/** A buyer and a seller over a price from 50 to 100, in thousandths where it is whole. */
function priced(kind: "continuous" | "integer"): Scenario {
  const party = (name: string, worths: readonly [number, number]) => ({
    name,
    utility: new Utility(
      [1],
      [
        {
          kind: "lines" as const,
          points: [
            [50, worths[0]],
            [100, worths[1]],
          ] as const,
        },
      ],
    ),
    reservation: 0,
    discount: 1,
  });
  const space = new IssueSpace([{ kind, name: "price", from: 50, to: 100 }]);
  return { name: "priced", space, parties: [party("buyer", [1, 0]), party("seller", [0, 1])] };
}

/** Who said what in which round, as people would write it down. */
function transcript({ steps, reason }: Played): string[] {
  const said = steps.map(({ by, round, move, why }) => {
    const price = move.say === "offer" ? ` ${move.outcome[0]}` : "";
    return `${round + 1} ${by === 0 ? "buyer" : "seller"} ${move.say}${price}: ${why}`;
  });
  return [...said, reason];
}

describe("the fixed rule", () => {
  it("speaks in rounds and prices", () => {
    const played = play(priced("continuous"), ["fixed-rule", "fixed-rule"].map(strategyNamed), 10);
    assert.deepEqual(transcript(played), [
      "1 buyer offer 85: opens: price 85",
      "1 seller offer 100: opens: price 100",
      "2 buyer offer 90: counter-offer 1 of 3: price 90",
      "2 seller offer 95: counter-offer 1 of 3: price 95",
      "3 buyer offer 94.75: counter-offer 2 of 3: price 94.75",
      "3 seller accept: price 94.75 is as good as its own price 90.25",
      "agreed",
    ]);
  });

  it("makes three counter-offers, each giving 5% less than the one before, and leaves", () => {
    const played = play(priced("continuous"), ["fixed-rule", "hardliner"].map(strategyNamed), 10);
    const prices = played.offersOf(0).map(([price]) => price);
    assert.deepEqual(prices, [85, 90, 94.75, 99.2625]);
    assert.equal(played.reason, "walked-away: buyer");
    assert.equal(played.steps.at(-1)?.why, "3 counter-offers are made, and there is no other");
  });

  it("goes by whole prices where prices are whole, and by the list price that it is told", () => {
    const sides = ["fixed-rule:list=80:counters=2:discount=0.1:step=0.04:shrink=0.5", "hardliner"].map(strategyNamed);
    // 72, then 4% of 80 more, then half of that.
    assert.deepEqual(play(priced("integer"), sides, 10).offersOf(0), [[72], [75], [77]]);
  });

  it("doesn't pay more than its reservation allows", () => {
    const scenario = withReservations(priced("continuous"), 0.1, 0);
    const prices = play(scenario, ["fixed-rule", "hardliner"].map(strategyNamed), 10).offersOf(0);
    assert.deepEqual(prices.slice(0, 3), [[85], [90], [94.75]]);
    // The rule would say 99.2625.
    assert.ok(Math.abs((prices[3]?.[0] ?? 0) - 95) < 1e-9);
  });

  it("doesn't deal with those of low reputation", () => {
    const deal = (text: string): Played =>
      play(priced("continuous"), [strategyNamed(text), strategyNamed("linear")], 10);
    const refused = deal("fixed-rule:reputation=0.59");
    assert.deepEqual([refused.offers, refused.reason], [0, "walked-away: buyer"]);
    assert.equal(refused.steps[0]?.why, "a reputation of 0.59 is below 0.6");
    assert.ok(deal("fixed-rule:reputation=0.6").agreement);
    assert.ok(deal("fixed-rule:reputation=0.59:trust=0.5").agreement);
  });

  it("goes by utility in the same shares where there is no price", () => {
    const tenths = pie(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1);
    const { offersOf } = play(tenths, ["fixed-rule", "hardliner"].map(strategyNamed), 10);
    // 1/3, 0.65 and 0.95 of the way from 1 to 0, upwards to the next tenth.
    assert.deepEqual(offersOf(0), [[10], [7], [4], [1]]);
    assert.deepEqual(
      [0, 1, 2, 3].map((step) => Number(sumOfConcessions(step, 0.05).toFixed(9))),
      [0, 1, 1.95, 2.8525],
    );
  });
});
