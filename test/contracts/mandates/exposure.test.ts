import { expect } from "chai";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { limit, makeMandate } from "../fixtures/mandates.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { bindBuyer, RESEARCH } from "./fixtures.ts";

const NOTHING = ["0x00000000", 0n, 0n];

describe("a mandate, when a deal is committed", () => {
  let world: World;
  let deal: Deal;
  let exposure: bigint;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    exposure = deal.price + deal.buyerBond;
  });

  /** The commitment is refused, and both views have said so. */
  async function expectRefused(error: string, actual: bigint, most: bigint, agent = world.buyer, asked = exposure) {
    const { settlement } = world;
    const expected = [settlement.interface.getError(error)?.selector, actual, most];
    expect(await settlement.mandateRefusal(deal, agent, asked)).to.deep.equal(expected);
    expect(await settlement.refusal(deal)).to.deep.equal(expected);
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, error).withArgs(actual, most);
  }

  it("binds both sides: each has to have one", async () => {
    const { settlement, seller, sellerOwner } = world;
    await settlement.connect(sellerOwner).setUnlimited(seller, false);
    await expectRefused("MandateMissing", seller, 1n, seller, deal.sellerBond);
    await limit(world);
    await commit(world, deal);
  });

  it("given the limit for one deal, allows a buyer price and bond up to it", async () => {
    const { settlement } = world;
    await bindBuyer(world, { limit: exposure - 1n });
    await expectRefused("DealLimitExceeded", exposure, exposure - 1n);
    await bindBuyer(world, { limit: exposure });
    expect(await settlement.mandateRefusal(deal, world.buyer, exposure)).to.deep.equal(NOTHING);
    await commit(world, deal);
  });

  it("given the limit for one deal, allows a seller its bond up to it, whatever the price", async () => {
    const { settlement, seller, sellerOwner, token } = world;
    const bond = deal.sellerBond;
    await settlement.connect(sellerOwner).setMandate(seller, token, RESEARCH, await makeMandate({ limit: bond - 1n }));
    await expectRefused("DealLimitExceeded", bond, bond - 1n, seller, bond);
    await settlement.connect(sellerOwner).setMandate(seller, token, RESEARCH, await makeMandate({ limit: bond }));
    await commit(world, deal);
  });

  it("given a seller without a bond, still needs one, that needn't allow any amount", async () => {
    const { settlement, seller, sellerOwner, token } = world;
    deal = await makeDeal(world, { sellerBond: 0n });
    await settlement.connect(sellerOwner).setUnlimited(seller, false);
    await expectRefused("MandateMissing", seller, 1n, seller, 0n);
    const nothing = await makeMandate({ limit: 0n, budget: 0n, threshold: 0n });
    await settlement.connect(sellerOwner).setMandate(seller, token, RESEARCH, nothing);
    await commit(world, deal);
  });

  it("given another token's, doesn't count", async () => {
    const { buyer } = world;
    await bindBuyer(world);
    deal = await makeDeal(world, { token: NATIVE });
    await expectRefused("MandateMissing", buyer, 1n);
  });

  it("given another category's, doesn't count", async () => {
    const { buyer } = world;
    await bindBuyer(world);
    deal = await makeDeal(world, { category: ethers.id("other") });
    await expectRefused("MandateMissing", buyer, 1n);
  });

  it("given its own category's, looks at no other, even if category 0 allows more", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await bindBuyer(world, { limit: 1n });
    await settlement.connect(buyerOwner).setMandate(buyer, token, ethers.ZeroHash, await makeMandate());
    await expectRefused("DealLimitExceeded", exposure, 1n);
  });

  it("given category 0's, counts where there is none, and for deals of category 0", async () => {
    await bindBuyer(world, {}, ethers.ZeroHash);
    await commit(world, deal);
    await commit(world, await makeDeal(world, { category: ethers.ZeroHash }));
  });

  it("given its expiry, counts up to that second and not after", async () => {
    const { settlement } = world;
    const expiry = (await networkHelpers.time.latest()) + 30;
    await bindBuyer(world, { expiry });
    const [last, late] = [await makeDeal(world), await makeDeal(world)];
    await at(expiry, () => commit(world, last));
    await expect(at(expiry + 1, () => commit(world, late)))
      .to.be.revertedWithCustomError(settlement, "MandateExpired")
      .withArgs(expiry + 1, expiry);
  });

  it("given a removed one, says so by an expiry of 0", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await settlement.connect(buyerOwner).removeMandate(buyer, token, RESEARCH);
    const time = (await networkHelpers.time.latest()) + 5;
    await expect(at(time, () => commit(world, deal)))
      .to.be.revertedWithCustomError(settlement, "MandateExpired")
      .withArgs(time, 0n);
  });

  it("touches no deal that is committed already", async () => {
    const { settlement, token, buyer, buyerOwner, buyerWallet } = world;
    await commit(world, deal);
    await settlement.connect(buyerOwner).setUnlimited(buyer, false);
    await settlement.connect(buyerOwner).removeMandate(buyer, token, RESEARCH);
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
  });
});
