import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectConserved } from "../fixtures/balances.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";

describe("Settlement.claim", () => {
  let world: World;
  let deal: Deal;
  let deadline: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    await commit(world, deal);
    await world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence"));
    deadline = (await networkHelpers.time.latest()) + deal.reviewPeriod;
  });

  it("given the end of the review, pays as acceptance does, whoever claims", async () => {
    const { settlement, relayer } = world;
    await expect(at(deadline + 1, () => settlement.connect(relayer).claim(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Claimed, deal.buyerBond, deal.price + deal.sellerBond);
    await expectStatus(settlement, deal, Status.Settled, deadline + 1);
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: FUNDS - deal.price,
      seller: FUNDS + deal.price,
    });
    await expectConserved(world, deal.token, 0n);
  });

  it("given receipts, pays what they haven't paid yet", async () => {
    const { settlement } = world;
    const since = deadline - deal.reviewPeriod;
    await settlement.claimReceipt(deal, TRANSCRIPT, 30n, await receipt(world, deal, 30n), false);
    await expectStatus(settlement, deal, Status.Delivered, since);
    await expect(at(deadline + 1, () => settlement.claim(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Claimed, deal.buyerBond, deal.price - 30n + deal.sellerBond);
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: FUNDS - deal.price,
      seller: FUNDS + deal.price,
    });
    await expectConserved(world, deal.token, 0n);
  });

  it("given the last second of the review, refuses", async () => {
    const { settlement, sellerWallet } = world;
    await expect(at(deadline, () => settlement.connect(sellerWallet).claim(deal, TRANSCRIPT)))
      .to.be.revertedWithCustomError(settlement, "DeadlineNotPassed")
      .withArgs(hashDeal(deal), deadline, deadline);
  });

  it("given a deal that wasn't delivered, refuses at any time", async () => {
    const { settlement, sellerWallet } = world;
    const undelivered = await makeDeal(world);
    await commit(world, undelivered);
    await networkHelpers.time.increaseTo(deadline + 1);
    await expect(settlement.connect(sellerWallet).claim(undelivered, TRANSCRIPT))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(undelivered), Status.Committed, 1n << Status.Delivered);
  });

  it("given a metered deal, refuses at any time", async () => {
    const { settlement, sellerWallet } = world;
    const metered = await makeDeal(world, { reviewPeriod: 0 });
    await commit(world, metered);
    await networkHelpers.time.increaseTo(deadline + 1);
    await expect(settlement.connect(sellerWallet).claim(metered, TRANSCRIPT)).to.be.revertedWithCustomError(
      settlement,
      "StatusMismatch",
    );
  });

  it("given a claimed deal, refuses to pay again, in any way", async () => {
    const { settlement, buyerWallet } = world;
    await at(deadline + 1, () => settlement.claim(deal, TRANSCRIPT));
    const again = [
      () => settlement.claim(deal, TRANSCRIPT),
      () => settlement.refund(deal, TRANSCRIPT),
      () => settlement.connect(buyerWallet).accept(deal, TRANSCRIPT),
    ];
    for (const act of again) {
      await expect(act()).to.be.revertedWithCustomError(settlement, "StatusMismatch");
    }
    await expectConserved(world, deal.token, 0n);
  });
});
