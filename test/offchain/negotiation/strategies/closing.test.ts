import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import { oneShot } from "../../../../offchain/negotiation/protocols/one-shot.ts";
import type { Protocol } from "../../../../offchain/negotiation/protocols/protocol.ts";
import type { Scenario } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { Utility } from "../../../../offchain/negotiation/utility.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";

/** A price between 100 and 200; reservations leave room for a deal. */
function haggle(discount = 1): Scenario {
  const party = (name: string, at100: number, at200: number, reservation: number) => {
    const points = [
      [100, at100],
      [200, at200],
    ] as const;
    return { name, utility: new Utility([1], [{ kind: "lines", points }]), reservation, discount };
  };
  const space = new IssueSpace([{ kind: "integer", name: "price", from: 100, to: 200 }]);
  return { name: "", space, parties: [party("buyer", 1, 0, 0.25), party("seller", 0, 1, 0.3)] };
}

function play(
  one: string,
  two: string,
  rounds: number,
  { discount = 1, protocol = alternatingOffers as Protocol } = {},
) {
  const strategies = [strategyNamed(one), strategyNamed(two)];
  return negotiate({ scenario: haggle(discount), protocol, strategies, rounds, seed: 1 });
}

describe("the offer that those end with who learn", () => {
  for (const name of ["learned", "nash-frequency", "nash-bayesian"]) {
    it(`is one that can be taken where the other has shown nothing but its best price: ${name}`, () => {
      for (const rounds of [5, 10, 20]) {
        const { agreement, utilities } = play(name, name, rounds);
        assert.equal(agreement, true, `no deal in ${rounds} rounds`);
        assert.ok((utilities[0] ?? 0) >= 0.25 && (utilities[1] ?? 0) >= 0.3);
      }
    });

    it(`is one that leaves the other something, where it is the only one: ${name}`, () => {
      const { agreement, utilities } = play(name, "linear", 1, { protocol: oneShot });
      assert.equal(agreement, true);
      assert.ok((utilities[0] ?? 0) > 0.3);
    });
  }
});

describe("learned", () => {
  it("comes to a deal earlier where time costs", () => {
    const [patient, hurried] = [play("learned", "linear", 50), play("learned", "linear", 50, { discount: 0.3 })];
    assert.ok(hurried.rounds < patient.rounds, `${hurried.rounds} rounds, not fewer than ${patient.rounds}`);
  });
});

describe("a single offer", () => {
  it("is what a strategy opens with, so that its anchor is the price it names", () => {
    const { agreement, utilities } = play("boulware:anchor=0.5", "linear", 7, { protocol: oneShot });
    assert.equal(agreement, true);
    assert.ok((utilities[0] ?? 0) > 0.6);
  });
});
