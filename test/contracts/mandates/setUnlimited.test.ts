import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { load, type World } from "../fixtures/world.ts";
import { NO_MANDATE, RESEARCH } from "./fixtures.ts";

describe("Settlement.setUnlimited", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, takes freedom from limits away and gives it back", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await expect(settlement.connect(buyerOwner).setUnlimited(buyer, false))
      .to.emit(settlement, "UnlimitedSet")
      .withArgs(buyer, 1n, false);
    expect(await settlement.mandateOf(buyer, token, RESEARCH)).to.deep.equal([false, false, NO_MANDATE]);
    await expect(commit(world, await makeDeal(world)))
      .to.be.revertedWithCustomError(settlement, "MandateMissing")
      .withArgs(buyer, 1n);

    await expect(settlement.connect(buyerOwner).setUnlimited(buyer, true))
      .to.emit(settlement, "UnlimitedSet")
      .withArgs(buyer, 1n, true);
    await commit(world, await makeDeal(world));
  });

  it("names the agent and its tenure, which have numbers of their own", async () => {
    const { settlement, seller, sellerOwner } = world;
    await expect(settlement.connect(sellerOwner).setUnlimited(seller, true))
      .to.emit(settlement, "UnlimitedSet")
      .withArgs(seller, 1n, true);
  });

  it("lifts no mandate that is set", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const deal = await makeDeal(world);
    const exposure = deal.price + deal.buyerBond;
    const mandate = await makeMandate({ limit: exposure - 1n });
    await settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, mandate);
    await expect(commit(world, deal))
      .to.be.revertedWithCustomError(settlement, "DealLimitExceeded")
      .withArgs(exposure, exposure - 1n);
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { settlement, buyer, buyerWallet, relayer } = world;
    for (const caller of [buyerWallet, relayer]) {
      await expect(settlement.connect(caller).setUnlimited(buyer, true))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });
});
