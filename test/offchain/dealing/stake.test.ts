import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { type Side, World, type WorldOptions } from "./fixture.ts";

// The deal names a bond of 10 for the buyer, who opens, and of 20 for the seller.

async function play(options: WorldOptions): Promise<World> {
  const world = await World.create(options);
  await world.open();
  await world.quiet();
  return world;
}

function said(world: World, side: Side): string {
  const bodies = world.sent.filter(({ from }) => from === side).map(({ frame }) => decodeMessage(frame).body);
  return bodies.map((body) => (body.kind === "END" ? body.code : body.kind)).join();
}

describe("a bond that isn't covered by stake", () => {
  it("of the opener: it is refused, and nothing is kept of it", async () => {
    const world = await play({ stakes: { buyer: 9n } });
    assert.equal(said(world, "seller"), "JOIN,StakeTooSmall");
    assert.equal(world.dealers.seller.sessions.size, 0);
    const { state } = world.session("buyer");
    assert.deepEqual(state.phase === "ended" && [state.ending.by, state.ending.code], ["peer", "StakeTooSmall"]);
  });

  it("of the responder: its JOIN is refused before anything is offered", async () => {
    const world = await play({ stakes: { seller: 19n } });
    assert.equal(said(world, "buyer"), "OPEN,StakeTooSmall");
    for (const side of ["buyer", "seller"] as const) {
      const { state } = world.session(side);
      assert.equal(state.phase === "ended" && state.ending.code, "StakeTooSmall");
    }
  });

  it("is negotiated with stake that is just enough", async () => {
    const world = await play({ stakes: { buyer: 10n, seller: 20n } });
    assert.equal(world.session("buyer").state.phase, "agreed");
  });

  it("needs none where the deal names none", async () => {
    const world = await World.create({ stakes: { buyer: 0n, seller: 0n } });
    const { deal } = world.proposal();
    await world.open(world.proposal({ deal: { ...deal, buyerBond: 0n, sellerBond: 0n } }));
    await world.quiet();
    assert.equal(world.session("buyer").state.phase, "agreed");
  });

  it("is asked for again where the chain could not be reached", async () => {
    const world = await World.create({ stakeOutages: 1 });
    await world.open();
    await world.quiet();
    assert.equal(world.dealers.seller.sessions.size, 0);
    for (let side = 0; side < 2; side++) {
      world.clock.advance(1_000);
      await world.quiet();
    }
    assert.equal(world.session("seller").state.phase, "agreed");
  });
});
