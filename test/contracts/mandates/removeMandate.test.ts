import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { load, type World } from "../fixtures/world.ts";
import { ANY, NO_MANDATE, RESEARCH } from "./fixtures.ts";

describe("Settlement.removeMandate", () => {
  let world: World;
  let token: string;

  beforeEach(async () => {
    world = await load();
    token = await world.token.getAddress();
  });

  it("given the owner, leaves a mandate that allows nothing, whatever category 0 says", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const owned = settlement.connect(buyerOwner);
    for (const category of [ANY, RESEARCH]) await owned.setMandate(buyer, token, category, await makeMandate());
    await commit(world, await makeDeal(world));

    await expect(owned.removeMandate(buyer, token, RESEARCH))
      .to.emit(settlement, "MandateSet")
      .withArgs(buyer, token, RESEARCH, 1n, NO_MANDATE);
    expect(await settlement.mandateOf(buyer, token, RESEARCH)).to.deep.equal([true, true, NO_MANDATE]);
    await expect(commit(world, await makeDeal(world))).to.be.revertedWithCustomError(settlement, "MandateExpired");
    await commit(world, await makeDeal(world, { category: ethers.id("other") }));
  });

  it("given a category that never had one, denies it all the same, to an unlimited agent too", async () => {
    const { settlement, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).removeMandate(buyer, token, RESEARCH);
    const deal = await makeDeal(world, { price: 0n, buyerBond: 0n });
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "MandateExpired");
    await commit(world, await makeDeal(world, { category: ANY }));
  });

  it("given category 0, denies all that has no mandate of its own", async () => {
    const { settlement, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, await makeMandate());
    await settlement.connect(buyerOwner).removeMandate(buyer, token, ANY);
    await commit(world, await makeDeal(world));
    for (const category of [ANY, ethers.id("other")]) {
      await expect(commit(world, await makeDeal(world, { category }))).to.be.revertedWithCustomError(
        settlement,
        "MandateExpired",
      );
    }
  });

  it("given a new mandate after it, counts that", async () => {
    const { settlement, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).removeMandate(buyer, token, RESEARCH);
    await settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, await makeMandate());
    await commit(world, await makeDeal(world));
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { settlement, buyer, buyerWallet, relayer } = world;
    for (const caller of [buyerWallet, relayer]) {
      await expect(settlement.connect(caller).removeMandate(buyer, token, RESEARCH))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });
});
