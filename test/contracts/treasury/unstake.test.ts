import { expect } from "chai";
import { expectOwed } from "../fixtures/balances.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { at, DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

const STAKE = 1_000n;
const WEEK = 7 * DAY;

describe("Settlement.unstake", () => {
  let world: World;
  let start: number;

  beforeEach(async () => {
    world = await load();
    await world.settlement.connect(world.buyerOwner).stake(world.buyer, world.token, STAKE);
    start = (await networkHelpers.time.latest()) + 10;
  });

  it("given the owner, asks stake back, which leaves a week later", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await expect(at(start, () => settlement.connect(buyerOwner).unstake(buyer, token, 300n)))
      .to.emit(settlement, "Unstaking")
      .withArgs(buyer, await token.getAddress(), 300n, start + WEEK);
    expect(await settlement.stakeOf(buyer, token)).to.deep.equal([700n, 300n, BigInt(start + WEEK)]);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS - STAKE);
    await expectOwed(world, await token.getAddress(), 0n);
  });

  it("given a second request, starts the week anew for all that is leaving", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await at(start, () => settlement.connect(buyerOwner).unstake(buyer, token, 300n));
    await at(start + WEEK, () => settlement.connect(buyerOwner).unstake(buyer, token, 200n));
    expect(await settlement.stakeOf(buyer, token)).to.deep.equal([500n, 500n, BigInt(start + 2 * WEEK)]);
    await expect(
      at(start + WEEK + 1, () => settlement.connect(buyerOwner).release(buyer, token)),
    ).to.be.revertedWithCustomError(settlement, "StakeNotReleasable");
    await at(start + 2 * WEEK + 1, () => settlement.connect(buyerOwner).release(buyer, token));
    expect(await settlement.free(buyer, token)).to.equal(FUNDS - STAKE + 500n);
  });

  it("given a second request after the week, takes the first back into waiting too", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await at(start, () => settlement.connect(buyerOwner).unstake(buyer, token, 300n));
    await at(start + WEEK + 5, () => settlement.connect(buyerOwner).unstake(buyer, token, 1n));
    expect(await settlement.stakeOf(buyer, token)).to.deep.equal([699n, 301n, BigInt(start + 2 * WEEK + 5)]);
  });

  it("given more than is bonded, refuses, whatever is leaving", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).unstake(buyer, token, 600n);
    await expect(settlement.connect(buyerOwner).unstake(buyer, token, 401n))
      .to.be.revertedWithCustomError(settlement, "StakeTooLow")
      .withArgs(buyer, await token.getAddress(), 401n, 400n);
    await settlement.connect(buyerOwner).unstake(buyer, token, 400n);
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { settlement, token, buyer, buyerWallet, relayer } = world;
    for (const caller of [buyerWallet, relayer]) {
      await expect(settlement.connect(caller).unstake(buyer, token, 1n))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given a new owner, lets it ask back what the former staked", async () => {
    const { registry, settlement, token, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await settlement.connect(stranger).unstake(buyer, token, STAKE);
    expect((await settlement.stakeOf(buyer, token)).leaving).to.equal(STAKE);
  });
});
