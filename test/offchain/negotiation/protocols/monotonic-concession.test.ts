import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Move } from "../../../../offchain/negotiation/move.ts";
import {
  monotonicConcession,
  monotonicConcessionPrivate,
} from "../../../../offchain/negotiation/protocols/monotonic-concession.ts";
import { utilitiesOf } from "../../../../offchain/negotiation/scenario.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { accept, begin, end, offer, oneIssue, party, saying, scenario } from "../tables.ts";

/** From the first's best to the second's; the fourth is bad for both. */
const row = oneIssue(party("a", [1, 0.7, 0.4, 0.1, 0]), party("b", [0, 0.4, 0.7, 0.2, 1]));

/** What is said at such a table, by turns; the last thing's violation, and the ending. */
function say(protocol: typeof monotonicConcession, moves: readonly Move[], { rounds = 10, coin = true } = {}) {
  const talk = begin(protocol, row, rounds, () => coin);
  let violation: ReturnType<typeof talk.say> = null;
  for (const [place, move] of moves.entries()) {
    assert.equal(talk.ending, null, "it ended too early");
    assert.equal(talk.speaker, place % 2);
    assert.equal(talk.round, Math.floor(place / 2));
    violation = talk.say(move);
  }
  return { violation, ending: talk.ending, talk };
}

for (const protocol of [monotonicConcession, monotonicConcessionPrivate]) {
  describe(protocol.name, () => {
    it("shows in a round only what was said in the one before", () => {
      const { talk } = say(protocol, [offer(0)]);
      assert.deepEqual([talk.speaker, talk.moment().offered], [1, null]);
      talk.say(offer(4));
      assert.deepEqual([talk.speaker, talk.moment().offered], [0, [4]]);
      talk.say(offer(1));
      assert.deepEqual([talk.speaker, talk.moment().offered], [1, [0]]);
    });

    it("tells strategies of an offer when both have spoken", () => {
      const heard: string[] = [];
      const listening = (name: string, ...offers: number[]) => {
        const { sit } = saying(...offers.map((value) => offer(value)));
        return {
          name,
          sit: (seat: Parameters<typeof sit>[0]) => {
            const bargainer = sit(seat);
            return {
              hear: (outcome: readonly number[]) => heard.push(`${name} hears ${outcome}`),
              speak: (moment: Parameters<typeof bargainer.speak>[0]) => {
                heard.push(`${name} sees ${moment.offered}`);
                return bargainer.speak(moment);
              },
              why: () => "",
            };
          },
        };
      };
      const strategies = [listening("a", 0, 1), listening("b", 4, 4)];
      negotiate({ scenario: row, protocol, strategies, rounds: 2, seed: 1 });
      assert.deepEqual(heard, ["a sees null", "b sees null", "b hears 0", "a hears 4", "a sees 4", "b sees 0"]);
    });

    it("agrees when one offers the other no less than that asks for itself", () => {
      assert.deepEqual(say(protocol, [offer(0), offer(4), offer(1), offer(2), offer(2), offer(2)]).ending, {
        agreed: true,
        outcome: [2],
      });
      // Both let go too much at once: the coin says whose offer it is.
      const crossing = [offer(0), offer(4), offer(2), offer(1)];
      assert.deepEqual(say(protocol, crossing, { coin: true }).ending, { agreed: true, outcome: [2] });
      assert.deepEqual(say(protocol, crossing, { coin: false }).ending, { agreed: true, outcome: [1] });
    });

    it("takes an acceptance for the offer that the other made in the round before", () => {
      assert.deepEqual(say(protocol, [offer(0), offer(2), accept, offer(2)]).ending, { agreed: true, outcome: [2] });
      assert.deepEqual(say(protocol, [offer(0), offer(2), offer(0), accept]).ending, { agreed: true, outcome: [0] });
      const both = [offer(0), offer(4), accept, accept];
      assert.deepEqual(say(protocol, both, { coin: true }).ending, { agreed: true, outcome: [4] });
      assert.deepEqual(say(protocol, both, { coin: false }).ending, { agreed: true, outcome: [0] });
    });

    it("ends in a standstill when neither gives way, and only then", () => {
      const waits = say(protocol, [offer(0), offer(4), offer(0), offer(2), offer(1), offer(2)]);
      assert.equal(waits.ending, null);
      const stands = say(protocol, [offer(0), offer(4), offer(0), offer(4)]);
      assert.deepEqual(stands.ending, { agreed: false, reason: "standstill", by: null });
    });

    it("ends at the deadline, and when somebody walks away", () => {
      const late = say(protocol, [offer(0), offer(4), offer(1), offer(4)], { rounds: 2 });
      assert.deepEqual(late.ending, { agreed: false, reason: "deadline", by: null });
      assert.deepEqual(say(protocol, [offer(0), end]).ending, { agreed: false, reason: "walked-away", by: 1 });
      // Nothing of a round counts that somebody left in.
      const left = say(protocol, [offer(0), offer(4), accept, end]);
      assert.deepEqual(left.ending, { agreed: false, reason: "walked-away", by: 1 });
    });

    it("has no acceptance before there is an offer", () => {
      for (const moves of [[accept], [offer(0), accept]]) {
        const { violation, ending } = say(protocol, moves);
        assert.deepEqual(violation, { by: moves.length - 1, rule: "an acceptance, and there is no offer" });
        assert.deepEqual(ending, { agreed: false, reason: "violation", by: moves.length - 1 });
      }
    });

    it("has no going back", () => {
      const { violation, ending } = say(protocol, [offer(1), offer(4), offer(0)]);
      assert.deepEqual(violation, { by: 0, rule: "an offer that takes back what the last one gave" });
      assert.deepEqual(ending, { agreed: false, reason: "violation", by: 0 });
      assert.equal(say(protocol, [offer(0), offer(2), offer(0), offer(4)]).violation?.by, 1);
    });

    it("keeps strategies from going back that would", () => {
      const { reason, fault, offers } = negotiate({
        scenario: row,
        protocol,
        strategies: [saying(offer(1), offer(0), offer(0)), saying(offer(4), offer(4), offer(4))],
        rounds: 5,
        seed: 1,
      });
      assert.deepEqual([reason, fault, offers], ["standstill", null, 4]);
    });

    it("always ends, whatever is said, if somebody has to give way in each round", () => {
      const property = fc.property(scenario(), fc.array(fc.nat(), { minLength: 2 }), (drawn, numbers) => {
        const talk = begin(protocol, drawn, Number.POSITIVE_INFINITY);
        // Nobody can give way more often than there are outcomes.
        for (let turn = 0; turn < 4 * drawn.space.size + 4; turn++) {
          if (talk.ending !== null) return;
          const said = talk.moment().offered === null ? undefined : numbers[turn % numbers.length];
          talk.say(offer(...drawn.space.at((said ?? talk.speaker) % drawn.space.size)));
        }
        assert.notEqual(talk.ending, null);
      });
      fc.assert(property, { numRuns: 200 });
    });
  });
}

describe("the two kinds of monotonic concession", () => {
  it("differ in whose utility a step back is measured by", () => {
    // From [2] to [3] the second gives up .5, and the first gets less too.
    const moves = [offer(0), offer(2), offer(0), offer(3)];
    assert.equal(say(monotonicConcession, moves).violation?.by, 1);
    const { violation, ending } = say(monotonicConcessionPrivate, moves);
    assert.deepEqual([violation, ending], [null, null]);
  });

  it("differ in what counts as giving way", () => {
    // The second's two offers are worth the same to itself, and the later one more to the first.
    const kind = oneIssue(party("a", [1, 0.2, 0.4]), party("b", [0, 1, 1]));
    for (const [protocol, expected] of [
      [monotonicConcession, null],
      [monotonicConcessionPrivate, "standstill"],
    ] as const) {
      const talk = begin(protocol, kind, 10);
      for (const value of [0, 1, 0, 2]) talk.say(offer(value));
      assert.equal(talk.ending === null || talk.ending.agreed ? null : talk.ending.reason, expected);
    }
  });

  it("show only the one what all want", () => {
    const knows: boolean[] = [];
    for (const protocol of [monotonicConcession, monotonicConcessionPrivate]) {
      const curious = saying((_, seat) => {
        knows.push(seat.all !== null);
        return end;
      });
      negotiate({ scenario: row, protocol, strategies: [curious, curious], rounds: 3, seed: 1 });
    }
    assert.deepEqual(knows, [true, false]);
  });

  it("never agree on what is worth less to somebody than what it accepted", () => {
    const numbers = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
    const property = fc.property(scenario(), numbers, numbers, fc.boolean(), (drawn, ones, others, open) => {
      const strategies = [ones, others].map((said) =>
        saying(...said.map((number) => offer(...drawn.space.at(number % drawn.space.size)))),
      );
      const last: number[][] = [];
      const { agreement, outcome, fault } = negotiate({
        scenario: drawn,
        protocol: open ? monotonicConcession : monotonicConcessionPrivate,
        strategies,
        rounds: 30,
        seed: 1,
        watch: ({ by, move }) => {
          if (move.say === "offer") last[by] = utilitiesOf(drawn, move.outcome);
        },
      });
      assert.equal(fault, null);
      if (!agreement || outcome === null) return;
      const agreed = utilitiesOf(drawn, outcome);
      // Each has its own offer, or the other's that was no worse for it.
      for (const me of [0, 1]) {
        const least = Math.min(last[me]?.[me] ?? 0, last[1 - me]?.[me] ?? 0);
        assert.ok((agreed[me] ?? 0) >= least);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});
