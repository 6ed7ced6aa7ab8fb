import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../offchain/dealing/session.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { kindOf, type Side, World } from "./fixture.ts";

const LEARNED: Record<Side, PriceStrategy> = {
  buyer: { kind: "named", name: "learned", from: 100n, limit: 1_000n },
  seller: { kind: "named", name: "micro-budget", from: 1_500n, limit: 700n },
};

/** The prices that were offered, in order. */
function pricesOf(world: World): bigint[] {
  return world.sent
    .filter(({ frame }) => kindOf(frame) === "OFFER")
    .flatMap(({ frame }) => {
      const { body } = decodeMessage(frame);
      return body.kind === "OFFER" ? [body.deal.price] : [];
    });
}

/** How it stands, which both sides have to agree on. */
function standing({ state }: Session) {
  return { phase: state.phase, price: state.phase === "agreed" ? state.agreement.deal.price : null };
}

describe("strategies of the engine in a dealing", () => {
  it("bargain and agree, and say the same after a crash at any turn as without one", async () => {
    const world = await World.create({ rounds: 12, strategies: LEARNED });
    await world.open();
    await world.quiet();
    const expected = pricesOf(world);
    assert.ok(expected.length > 4);
    const { price } = standing(world.session("buyer"));
    assert.ok(price !== null && price >= 700n && price <= 1_000n);

    for (const side of ["buyer", "seller"] as const) {
      for (let turn = 1; turn < expected.length; turn++) {
        let crashed = false;
        const again: World = await World.create({
          rounds: 12,
          strategies: LEARNED,
          tamper: async (frame, from) => {
            if (crashed || from === side || pricesOf(again).length < turn) return [frame];
            crashed = true;
            await again.restart(side);
            return [];
          },
        });
        await again.open();
        await again.quiet();
        const said = pricesOf(again).filter((one, place, all) => all.indexOf(one) === place);
        assert.deepEqual(said, [...new Set(expected)], `${side} restarted at ${turn}`);
        assert.deepEqual(standing(again.session("seller")), standing(again.session("buyer")));
      }
    }
  });

  it("don't tell the peer a limit when they leave", async () => {
    const strategies: Record<Side, PriceStrategy> = {
      buyer: { kind: "time-dependent", from: 100n, limit: 613n, pace: 1 },
      seller: { kind: "named", name: "linear", from: 1_500n, limit: 727n },
    };
    const world = await World.create({ rounds: 4, strategies });
    await world.open();
    await world.quiet();
    const last = decodeMessage(world.sent.at(-1)?.frame ?? new Uint8Array());
    assert.equal(last.body.kind, "END");
    assert.doesNotMatch(last.body.kind === "END" ? last.body.note : "", /\d/);
  });
});

describe("a strategy that leaves its moves to somebody else", () => {
  const strategies: Partial<Record<Side, PriceStrategy>> = { buyer: { kind: "external", limit: 1_000n } };

  it("waits for them, through a crash too, and says what was decided", async () => {
    const world = await World.create({ rounds: 5, strategies });
    const session = await world.open();
    await world.quiet();
    assert.deepEqual(pricesOf(world), []);
    await session.move({ say: "offer", price: 640n });
    await world.quiet();
    const [mine, theirs] = pricesOf(world);
    assert.equal(mine, 640n);
    assert.ok(theirs !== undefined && theirs > 640n);
    await world.restart("buyer");
    await world.quiet();
    await world.session("buyer").move({ say: "offer", price: 900n });
    await world.quiet();
    assert.equal(standing(world.session("buyer")).phase, "bargaining");
    await world.session("buyer").move({ say: "offer", price: 999n });
    await world.quiet();
    await world.session("buyer").move({ say: "offer", price: 1_000n });
    await world.quiet();
    assert.deepEqual(standing(world.session("buyer")), standing(world.session("seller")));
    assert.deepEqual(
      [standing(world.session("buyer")).phase, standing(world.session("buyer")).price],
      ["agreed", 1_000n],
    );
    await assert.rejects(world.session("buyer").move({ say: "accept" }), { code: "OutOfTurn" });
  });

  it("is held to the limit that was set beforehand, and to its turn", async () => {
    const world = await World.create({ rounds: 3, strategies });
    const session = await world.open();
    await assert.rejects(session.move({ say: "offer", price: 640n }), { code: "OutOfTurn" });
    await world.quiet();
    await assert.rejects(session.move({ say: "accept" }), { code: "OutOfTurn", message: /no offer to accept/ });
    await assert.rejects(session.move({ say: "offer", price: 1_001n }), { message: /past the limit of 1000/ });
    await assert.rejects(session.move({ say: "offer", price: -1n }), { message: /no price/ });
    await session.move({ say: "offer", price: 200n });
    await world.quiet();
    await assert.rejects(session.move({ say: "accept" }), { message: /past the limit/ });
    // The seller's strategy makes its own moves.
    await assert.rejects(world.session("seller").move({ say: "accept" }), { code: "OutOfTurn" });
    assert.deepEqual(world.troubles, []);
  });
});
