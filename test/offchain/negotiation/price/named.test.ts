import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_AMOUNT } from "../../../../offchain/kernel/money.ts";
import { atLeastAsGood } from "../../../../offchain/negotiation/price/move.ts";
import { checkNamed, decideByName } from "../../../../offchain/negotiation/price/named.ts";
import { STRATEGIES } from "../../../../offchain/negotiation/strategies/registry.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";
import { type PriceSide, play } from "./play.ts";

/** Those that can bargain about a price with somebody whose wishes they don't know. */
const NAMES = Object.entries(STRATEGIES).flatMap(([name, { open }]) => (open || name === "fixed-rule" ? [] : [name]));

function side(role: Role, name: string, from: bigint, limit: bigint): PriceSide {
  return { role, strategy: { kind: "named", name, from, limit } };
}

const UNIT = 1_000_000n;

describe("a strategy of the engine, about a price", () => {
  for (const name of NAMES) {
    it(`${name} comes to a deal within both limits, where they leave room for much`, () => {
      const buyer = side("buyer", name, 60n * UNIT, 150n * UNIT);
      const boulware = side("seller", "boulware", 200n * UNIT, 90n * UNIT);
      for (const rounds of [8, 20, 60]) {
        for (const game of [play(buyer, boulware, rounds), play(boulware, buyer, rounds)]) {
          // Holding out is the hardliner's way, and an averaged reply may come too late: then there is no deal, and no harm.
          if (game.say === "end") continue;
          assert.ok(game.price !== null && game.price >= 90n * UNIT && game.price <= 150n * UNIT, `${game.price}`);
        }
      }
    });
  }

  it("agrees for most of them, and better for who learned than for who gives in", () => {
    const rounds = 20;
    const seller = side("seller", "linear", 200n * UNIT, 90n * UNIT);
    const paid = (name: string) => play(side("buyer", name, 60n * UNIT, 150n * UNIT), seller, rounds);
    const agreeing = NAMES.filter((name) => paid(name).say === "accept");
    assert.ok(agreeing.length >= NAMES.length - 3, `only ${agreeing}`);
    assert.ok((paid("learned").price ?? 0n) < (paid("conceder").price ?? 0n));
  });

  it("never offers or takes what is past its limit, whatever is offered, to the last unit of 2^128", () => {
    const amount = fc.oneof(fc.bigInt({ min: 0n, max: MAX_AMOUNT }), fc.bigInt({ min: 0n, max: 1_000n }));
    const drawn = fc.record({
      name: fc.constantFrom(...NAMES),
      role: fc.constantFrom<Role>("buyer", "seller"),
      ends: fc.tuple(amount, amount),
      offers: fc.array(amount, { maxLength: 12 }),
      left: fc.nat({ max: 30 }),
      seed: fc.nat(),
    });
    const property = fc.property(drawn, ({ name, role, ends: [a, b], offers, left, seed }) => {
      const [low, high] = a <= b ? [a, b] : [b, a];
      const [from, limit] = role === "buyer" ? [low, high] : [high, low];
      const rounds = Math.floor(offers.length / 2) + 1 + left;
      const turn = { role, rounds, offers, seed };
      const move = decideByName({ kind: "named", name, from, limit }, turn);
      assert.doesNotMatch(move.reason, /failed|past its limit/);
      if (move.say === "accept") assert.ok(atLeastAsGood(role, offers.at(-1) ?? 0n, limit));
      if (move.say !== "offer") return;
      assert.ok(atLeastAsGood(role, move.price, limit) && atLeastAsGood(role, from, move.price));
      assert.deepEqual(decideByName({ kind: "named", name, from, limit }, turn), move);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("keeps to the only price there is where the best is the limit", () => {
    const buyer = { kind: "named", name: "learned", from: 100n, limit: 100n } as const;
    const turn = { role: "buyer", rounds: 5, seed: 3 } as const;
    assert.equal(decideByName(buyer, { ...turn, offers: [] }).say, "offer");
    assert.equal(decideByName(buyer, { ...turn, offers: [100n, 100n] }).say, "accept");
    const more = decideByName(buyer, { ...turn, offers: [100n, 101n] });
    assert.deepEqual([more.say, more.say === "offer" && more.price], ["offer", 100n]);
  });

  it("is refused by name where it can't play: unknown, of a wrong setting, for who knows all, or past its own limit", () => {
    const checked =
      (name: string, from = 1n, limit = 2n) =>
      () =>
        checkNamed({ kind: "named", name, from, limit }, "buyer");
    assert.throws(checked("hopeful"), { code: "BadStrategy", facts: { field: "strategy" } });
    assert.throws(checked("boulware:pace=-1"), { code: "BadStrategy", facts: { field: "pace" } });
    assert.throws(checked("rubinstein"), { code: "BadStrategy" });
    assert.throws(checked("zeuthen"), { code: "BadStrategy" });
    assert.throws(checked("fixed-rule"), { code: "BadStrategy", facts: { field: "name" } });
    assert.throws(checked("learned", 3n, 2n), { code: "BadStrategy", facts: { field: "from" } });
  });
});
