import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { expectOwed } from "../fixtures/balances.ts";
import { NATIVE } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

describe("Settlement.stake", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, turns free balance into stake", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const address = await token.getAddress();
    await expect(settlement.connect(buyerOwner).stake(buyer, token, 300n))
      .to.emit(settlement, "Staked")
      .withArgs(buyer, address, 300n);
    await settlement.connect(buyerOwner).stake(buyer, token, 4n);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS - 304n);
    expect(await settlement.stakeOf(buyer, token)).to.deep.equal([304n, 0n, 0n]);
    await expectOwed(world, address, 0n);
  });

  it("given native coin, stakes it", async () => {
    const { settlement, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).stake(buyer, NATIVE, FUNDS);
    expect(await settlement.free(buyer, NATIVE)).to.equal(0n);
    expect((await settlement.stakeOf(buyer, NATIVE)).bonded).to.equal(FUNDS);
    await expectOwed(world, NATIVE, 0n);
  });

  it("given anybody else, wallet and approved operator included, refuses", async () => {
    const { registry, settlement, token, buyer, buyerOwner, buyerWallet, relayer } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const caller of [buyerWallet, relayer]) {
      await expect(settlement.connect(caller).stake(buyer, token, 1n))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given more than is free, refuses, whatever is in escrow", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const deal = await makeDeal(world);
    await commit(world, deal);
    const free = FUNDS - deal.price - deal.buyerBond;
    await expect(settlement.connect(buyerOwner).stake(buyer, token, free + 1n))
      .to.be.revertedWithCustomError(settlement, "FreeBalanceTooLow")
      .withArgs(buyer, deal.token, free + 1n, free);
    await settlement.connect(buyerOwner).stake(buyer, token, free);
    await expectOwed(world, deal.token, escrowOf(deal));
  });

  it("keeps it from being withdrawn or committed", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).stake(buyer, token, FUNDS);
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n)).to.be.revertedWithCustomError(
      settlement,
      "FreeBalanceTooLow",
    );
    const deal = await makeDeal(world, { price: 1n, buyerBond: 0n });
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "BuyerFundsTooLow").withArgs(0n, 1n);
  });
});
