import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

describe("Settlement.solvent", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("owes what is free, at stake and in escrow, and holds it", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const deal = await makeDeal(world);
    await commit(world, deal);
    await settlement.connect(buyerOwner).stake(buyer, token, 5n);
    await settlement.connect(buyerOwner).unstake(buyer, token, 2n);
    await settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 7n);
    expect(await settlement.solvent(token)).to.deep.equal([true, 2n * FUNDS - 7n, 2n * FUNDS - 7n, 0n]);
    expect(await settlement.solvent(NATIVE)).to.deep.equal([true, 2n * FUNDS, 2n * FUNDS, 0n]);
    expect(escrowOf(deal)).to.be.above(0n);
  });

  it("counts what nobody deposited as held, not as owed", async () => {
    const { settlement, token } = world;
    await token.mint(settlement, 9n);
    expect(await settlement.solvent(token)).to.deep.equal([true, 2n * FUNDS + 9n, 2n * FUNDS, 0n]);
    await networkHelpers.setBalance(await settlement.getAddress(), 2n * FUNDS + 3n);
    expect(await settlement.solvent(NATIVE)).to.deep.equal([true, 2n * FUNDS + 3n, 2n * FUNDS, 0n]);
  });

  it("given a token that shrinks by itself, fails for that token and for no other", async () => {
    const { settlement, token, buyer, seller, buyerOwner, sellerOwner } = world;
    const shrinking = await ethers.deployContract("ShrinkingToken");
    for (const [agent, owner] of [
      [buyer, buyerOwner],
      [seller, sellerOwner],
    ] as const) {
      await shrinking.mint(owner, 500n);
      await shrinking.connect(owner).approve(settlement, 500n);
      await settlement.connect(owner).deposit(agent, shrinking, 500n, false);
    }
    expect(await settlement.solvent(shrinking)).to.deep.equal([true, 1_000n, 1_000n, 0n]);

    await shrinking.shrink(settlement, 1n);
    expect(await settlement.solvent(shrinking)).to.deep.equal([false, 999n, 1_000n, 0n]);
    expect(await settlement.solvent(token)).to.deep.equal([true, 2n * FUNDS, 2n * FUNDS, 0n]);

    await settlement.connect(buyerOwner).withdraw(buyer, shrinking, buyerOwner, 500n);
    await expect(settlement.connect(sellerOwner).withdraw(seller, shrinking, sellerOwner, 500n))
      .to.be.revertedWithCustomError(shrinking, "ERC20InsufficientBalance")
      .withArgs(await settlement.getAddress(), 499n, 500n);
    await settlement.connect(sellerOwner).withdraw(seller, shrinking, sellerOwner, 499n);
    await settlement.connect(sellerOwner).withdraw(seller, token, sellerOwner, FUNDS);
  });
});
