import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { rubinstein, sharesForever, sharesWithin } from "../../../../offchain/negotiation/protocols/rubinstein.ts";
import { accept, begin, end, offer, oneIssue, party } from "../tables.ts";

const factor = fc.double({ min: 0, max: 0.999, noNaN: true });

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

describe("the shares of Rubinstein's game", () => {
  it("are the known ones without a deadline", () => {
    near(sharesForever({ proposer: 0.9, responder: 0.9 }).proposer, 10 / 19);
    near(sharesForever({ proposer: 0.95, responder: 0.9 }).proposer, 20 / 29);
    near(sharesForever({ proposer: 0.95, responder: 0.9 }).responder, 9 / 29);
    assert.equal(sharesForever({ proposer: 0.9, responder: 0.9 }).proposer.toFixed(6), "0.526316");
    assert.equal(sharesForever({ proposer: 0.95, responder: 0.9 }).proposer.toFixed(6), "0.689655");
  });

  it("are the known ones with a deadline", () => {
    const within = (offers: number) => sharesWithin(offers, { proposer: 0.9, responder: 0.9 }).proposer;
    near(within(1), 1);
    near(within(2), 0.1);
    near(within(3), 0.91);
    near(within(5), 0.8371);
    // The sum of the series that s = 1 - .9 s' is.
    near(within(101), (1 + 0.9 ** 101) / 1.9);
    assert.equal(within(101).toFixed(6), "0.526328");
  });

  it("are the closed form: to be as well off by taking as by refusing", () => {
    const property = fc.property(factor, factor, (proposer, responder) => {
      const now = sharesForever({ proposer, responder });
      const turned = sharesForever({ proposer: responder, responder: proposer });
      near(now.proposer, (1 - responder) / (1 - proposer * responder));
      near(now.responder, responder * turned.proposer);
      near(now.proposer + now.responder, 1);
    });
    fc.assert(property);
  });

  it("come near those without a deadline as that moves away", () => {
    const property = fc.property(fc.double({ max: 0.9, min: 0, noNaN: true }), factor, (proposer, responder) => {
      near(sharesWithin(400, { proposer, responder }).proposer, sharesForever({ proposer, responder }).proposer);
      near(sharesWithin(401, { proposer, responder }).proposer, sharesForever({ proposer, responder }).proposer);
    });
    fc.assert(property);
  });

  it("with a deadline, give the one who answers what it would have a round later", () => {
    const property = fc.property(fc.integer({ min: 2, max: 60 }), factor, factor, (offers, proposer, responder) => {
      const later = sharesWithin(offers - 1, { proposer: responder, responder: proposer });
      near(sharesWithin(offers, { proposer, responder }).responder, responder * later.proposer);
    });
    fc.assert(property);
  });

  it("are refused for what is no discount, or no number of offers", () => {
    for (const wrong of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => sharesForever({ proposer: wrong, responder: 0.5 }), { code: "BadDiscount" });
      assert.throws(() => sharesWithin(3, { proposer: 0.5, responder: wrong }), { code: "BadDiscount" });
    }
    assert.throws(() => sharesForever({ proposer: 1, responder: 1 }), { code: "BadDiscount" });
    for (const offers of [0, -1, 1.5, Number.POSITIVE_INFINITY]) {
      assert.throws(() => sharesWithin(offers, { proposer: 0.5, responder: 0.5 }), { code: "BadRounds" });
    }
  });
});

describe("Rubinstein's game", () => {
  const pie = oneIssue(party("a", [1, 0.5, 0]), party("b", [0, 0.5, 1]));

  it("counts an offer and its answer as a round", () => {
    const talk = begin(rubinstein, pie, 3);
    const seen = [offer(0), offer(2), offer(1)].map((move) => {
      const { round, mayOffer, offered } = talk.moment();
      const before = [talk.speaker, round, mayOffer, offered?.[0]];
      assert.equal(talk.say(move), null);
      return before;
    });
    assert.deepEqual(seen, [
      [0, 0, true, undefined],
      [1, 1, true, 0],
      [0, 2, true, 2],
    ]);
    assert.deepEqual(
      [talk.speaker, talk.moment()],
      [1, { round: 2, rounds: 3, time: 1, offered: [1], mayOffer: false, isLast: true }],
    );
    assert.equal(talk.say(accept), null);
    assert.deepEqual([talk.ending, talk.round], [{ agreed: true, outcome: [1] }, 2]);
  });

  it("has a yes or no in the round of the offer", () => {
    for (const [move, reason] of [
      [accept, undefined],
      [end, "walked-away"],
    ] as const) {
      const talk = begin(rubinstein, pie, 5);
      talk.say(offer(0));
      talk.say(offer(2));
      talk.say(move);
      assert.equal(talk.round, 1);
      assert.equal(talk.ending?.agreed === false ? talk.ending.reason : undefined, reason);
    }
  });

  it("ends at the deadline when the last offer is refused, and by what is against the rules", () => {
    const late = begin(rubinstein, pie, 1);
    late.say(offer(0));
    assert.equal(late.say(end), null);
    assert.deepEqual(late.ending, { agreed: false, reason: "deadline", by: null });
    const over = begin(rubinstein, pie, 1);
    over.say(offer(0));
    assert.deepEqual(over.say(offer(1)), { by: 1, rule: "an offer that nobody could answer any more" });
    assert.deepEqual(over.ending, { agreed: false, reason: "violation", by: 1 });
    const early = begin(rubinstein, pie, 1);
    assert.deepEqual(early.say(accept), { by: 0, rule: "an acceptance, and there is no offer" });
  });
});
