import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Move } from "../../../../offchain/negotiation/move.ts";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import { oneShot } from "../../../../offchain/negotiation/protocols/one-shot.ts";
import type { Protocol } from "../../../../offchain/negotiation/protocols/protocol.ts";
import { stackedOffers, timeOf } from "../../../../offchain/negotiation/protocols/stacked-offers.ts";
import { accept, begin, end, offer, oneIssue, party } from "../tables.ts";

/** A table for so many, where the party of a place likes its own value best. */
function table(count: number) {
  const places = Array.from({ length: count }, (_, place) => place);
  return oneIssue(
    ...places.map((me) =>
      party(
        `p${me}`,
        places.map((place) => (place === me ? 1 : 0.5)),
      ),
    ),
  );
}

function say(protocol: Protocol, count: number, rounds: number, ...moves: readonly Move[]) {
  const talk = begin(protocol, table(count), rounds);
  let violation: ReturnType<typeof talk.say> = null;
  for (const [place, move] of moves.entries()) {
    assert.equal(talk.ending, null, "it ended too early");
    assert.equal(talk.speaker, place % count);
    assert.equal(talk.round, Math.floor(place / count));
    violation = talk.say(move);
  }
  return { violation, ending: talk.ending, moment: talk.moment() };
}

for (const count of [2, 3, 4]) {
  const others = Array.from({ length: count - 1 }, () => accept);

  describe(`stacked offers among ${count}`, () => {
    it("are agreed when all others accept in a row, and not before", () => {
      assert.equal(say(stackedOffers, count, 3, offer(1), ...others.slice(1)).ending, null);
      assert.deepEqual(say(stackedOffers, count, 3, offer(1), ...others).ending, { agreed: true, outcome: [1] });
    });

    it("begin anew with every offer", () => {
      // All but the last accept; the last offers instead, and needs all the others then.
      const until = [offer(0), ...others.slice(1), offer(1)];
      const { ending, moment } = say(stackedOffers, count, 3, ...until, ...others.slice(1));
      assert.deepEqual([ending, moment.offered], [null, [1]]);
      const agreed = say(stackedOffers, count, 3, ...until, ...others);
      assert.deepEqual(agreed.ending, { agreed: true, outcome: [1] });
    });

    it("have their last one from the first to speak, so that all can answer it", () => {
      const rounds = 3;
      const before = Array.from({ length: count * (rounds - 1) }, () => offer(0));
      assert.equal(say(stackedOffers, count, rounds, ...before).moment.mayOffer, true);
      const last = say(stackedOffers, count, rounds, ...before, offer(1));
      assert.deepEqual([last.moment.mayOffer, last.moment.time, last.moment.offered], [false, 1, [1]]);
      const answered = say(stackedOffers, count, rounds, ...before, offer(1), ...others);
      assert.deepEqual(answered.ending, { agreed: true, outcome: [1] });
      const late = say(stackedOffers, count, rounds, ...before, offer(1), offer(0));
      assert.deepEqual(late.violation, { by: 1, rule: "an offer that nobody could answer any more" });
      assert.deepEqual(late.ending, { agreed: false, reason: "violation", by: 1 });
    });

    it("can be left at any time; when there is nothing more to offer, that is the deadline", () => {
      const left = say(stackedOffers, count, 2, offer(0), end);
      assert.deepEqual(left.ending, { agreed: false, reason: "walked-away", by: 1 });
      const before = Array.from({ length: count }, () => offer(0));
      const over = say(stackedOffers, count, 2, ...before, offer(0), end);
      assert.deepEqual(over.ending, { agreed: false, reason: "deadline", by: null });
    });

    it("have no acceptance before there is one", () => {
      const { violation } = say(stackedOffers, count, 2, accept);
      assert.deepEqual(violation, { by: 0, rule: "an acceptance, and there is no offer" });
    });

    it("end within their rounds whatever is said, and agree only on what was offered and all others accepted", () => {
      const move = fc.oneof(
        fc.nat({ max: count - 1 }).map((value) => offer(value)),
        fc.constant(accept),
        { weight: 1, arbitrary: fc.constant(end) },
      );
      const moves = fc.infiniteStream(move);
      const property = fc.property(moves, fc.integer({ min: 1, max: 6 }), (drawn, rounds) => {
        const talk = begin(stackedOffers, table(count), rounds);
        const said: Move[] = [];
        while (talk.ending === null) {
          const { mayOffer, offered } = talk.moment();
          const wanted = drawn.next().value ?? end;
          // Only what is allowed.
          const isAllowed = wanted.say === "offer" ? mayOffer : wanted.say === "end" || offered !== null;
          const next = isAllowed ? wanted : mayOffer ? offer(0) : accept;
          assert.equal(talk.say(next), null);
          said.push(next);
          assert.ok(said.length <= rounds * count);
        }
        if (!talk.ending.agreed) return;
        const from = said.length - count;
        assert.deepEqual(said[from], { say: "offer", outcome: talk.ending.outcome });
        assert.ok(said.slice(from + 1).every((one) => one.say === "accept"));
      });
      fc.assert(property, { numRuns: 200 });
    });
  });
}

describe("alternating offers", () => {
  it("are stacked offers between two", () => {
    assert.deepEqual(alternatingOffers.parties, [2, 2]);
    assert.deepEqual(say(alternatingOffers, 2, 5, offer(0), offer(1), accept).ending, { agreed: true, outcome: [1] });
  });
});

describe("one shot", () => {
  it("is one offer, taken by all or not at all", () => {
    assert.deepEqual(say(oneShot, 2, 50, offer(1), accept).ending, { agreed: true, outcome: [1] });
    assert.deepEqual(say(oneShot, 3, 50, offer(1), accept, accept).ending, { agreed: true, outcome: [1] });
    assert.deepEqual(say(oneShot, 3, 50, offer(1), accept, end).ending, {
      agreed: false,
      reason: "walked-away",
      by: 2,
    });
    assert.equal(say(oneShot, 2, 50, offer(1), offer(0)).violation?.by, 1);
    assert.deepEqual(say(oneShot, 2, 50, offer(1)).moment, {
      round: 0,
      rounds: 1,
      time: 1,
      offered: [1],
      mayOffer: false,
    });
  });
});

describe("time in rounds", () => {
  it("runs from 0 in the first to 1 in the last, and not at all without a deadline", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((round) => timeOf(round, 5)),
      [0, 0.25, 0.5, 0.75, 1],
    );
    assert.equal(timeOf(0, 1), 1);
    assert.equal(timeOf(7, Number.POSITIVE_INFINITY), 0);
  });
});
