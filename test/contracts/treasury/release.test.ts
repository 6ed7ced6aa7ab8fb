import { expect } from "chai";
import { expectOwed } from "../fixtures/balances.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

const STAKE = 1_000n;

describe("Settlement.release", () => {
  let world: World;
  let leavesAt: number;

  beforeEach(async () => {
    world = await load();
    const { settlement, token, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).stake(buyer, token, STAKE);
    await settlement.connect(buyerOwner).unstake(buyer, token, 400n);
    leavesAt = (await networkHelpers.time.latest()) + 7 * DAY;
  });

  it("given a second after the week, makes what is leaving free, for the owner", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const address = await token.getAddress();
    await expect(at(leavesAt + 1, () => settlement.connect(buyerOwner).release(buyer, token)))
      .to.emit(settlement, "Released")
      .withArgs(buyer, address, 400n);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS - STAKE + 400n);
    expect((await settlement.stakeOf(buyer, token)).slice(0, 2)).to.deep.equal([600n, 0n]);
    await expectOwed(world, address, 0n);
  });

  it("given the last second of the week, refuses", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    for (const time of [leavesAt - 5, leavesAt]) {
      await expect(at(time, () => settlement.connect(buyerOwner).release(buyer, token)))
        .to.be.revertedWithCustomError(settlement, "StakeNotReleasable")
        .withArgs(buyer, await token.getAddress(), time, leavesAt);
    }
  });

  it("given that nothing is leaving, refuses: before a request, and after a release", async () => {
    const { settlement, token, buyer, seller, buyerOwner, sellerOwner } = world;
    const address = await token.getAddress();
    await expect(settlement.connect(sellerOwner).release(seller, token))
      .to.be.revertedWithCustomError(settlement, "NothingLeaving")
      .withArgs(seller, address);
    await at(leavesAt + 1, () => settlement.connect(buyerOwner).release(buyer, token));
    await expect(settlement.connect(buyerOwner).release(buyer, token))
      .to.be.revertedWithCustomError(settlement, "NothingLeaving")
      .withArgs(buyer, address);
  });

  it("given anybody else, the wallet included, refuses: free balance is within reach of the keys", async () => {
    const { settlement, token, buyer, buyerWallet, relayer } = world;
    for (const caller of [buyerWallet, relayer]) {
      await expect(
        at((await networkHelpers.time.latest()) + 8 * DAY, () => settlement.connect(caller).release(buyer, token)),
      )
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given a locked agent, makes it free, which the owner can't take out yet", async () => {
    const { registry, settlement, token, buyer, buyerOwner } = world;
    const until = leavesAt + HOUR;
    await registry.connect(buyerOwner).lock(buyer, until);
    await at(leavesAt + 1, () => settlement.connect(buyerOwner).release(buyer, token));
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n)).to.be.revertedWithCustomError(
      settlement,
      "AgentLocked",
    );
  });
});
