import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectConserved } from "../fixtures/balances.ts";
import { ethers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";

describe("Settlement.refund", () => {
  let world: World;
  let deal: Deal;
  let deadline: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    deadline = (await commit(world, deal)) + deal.deliverWithin + DAY;
  });

  it("given no delivery, returns the price and gives the buyer both bonds, whoever asks", async () => {
    const { settlement, relayer } = world;
    await expect(at(deadline + 1, () => settlement.connect(relayer).refund(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Refunded, deal.price + deal.buyerBond + deal.sellerBond, 0n);
    await expectStatus(settlement, deal, Status.Settled, deadline + 1);
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: FUNDS + deal.sellerBond,
      seller: FUNDS - deal.sellerBond,
    });
    await expectConserved(world, deal.token, 0n);
  });

  it("given receipts, returns the price without them, and of the seller's bond as large a part", async () => {
    const { settlement } = world;
    const received = 33_333_333n;
    await settlement.claimReceipt(deal, TRANSCRIPT, received, await receipt(world, deal, received), false);
    const kept = 6_666_666n;
    await expect(at(deadline + 1, () => settlement.refund(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(
        hashDeal(deal),
        Outcome.Refunded,
        deal.price - received + deal.buyerBond + deal.sellerBond - kept,
        kept,
      );
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: FUNDS - received + deal.sellerBond - kept,
      seller: FUNDS + received - deal.sellerBond + kept,
    });
    await expectConserved(world, deal.token, 0n);
  });

  for (const [price, bond, received, kept] of [
    [3n, 10n, 1n, 3n],
    [3n, 10n, 2n, 6n],
    [3n, 10n, 3n, 10n],
    [3n, 1n, 2n, 0n],
    [7n, 0n, 5n, 0n],
  ] as const) {
    it(`given ${received} received of ${price}, leaves the seller ${kept} of a bond of ${bond}`, async () => {
      const { settlement } = world;
      deal = await makeDeal(world, { price, sellerBond: bond });
      const since = await commit(world, deal);
      await settlement.claimReceipt(deal, TRANSCRIPT, received, await receipt(world, deal, received), false);
      await expect(at(since + deal.deliverWithin + DAY + 1, () => settlement.refund(deal, TRANSCRIPT)))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Refunded, price - received + deal.buyerBond + bond - kept, kept);
    });
  }

  it("given a price of 0, gives the buyer the seller's whole bond", async () => {
    const { settlement } = world;
    deal = await makeDeal(world, { price: 0n });
    const since = await commit(world, deal);
    await expect(at(since + deal.deliverWithin + DAY + 1, () => settlement.refund(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Refunded, deal.buyerBond + deal.sellerBond, 0n);
  });

  it("given a metered deal with receipts, returns the rest and to each side its bond", async () => {
    const { settlement } = world;
    deal = await makeDeal(world, { reviewPeriod: 0 });
    const since = await commit(world, deal);
    await settlement.claimReceipt(deal, TRANSCRIPT, 40n, await receipt(world, deal, 40n), false);
    await expect(at(since + deal.deliverWithin + DAY + 1, () => settlement.refund(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Refunded, deal.price - 40n + deal.buyerBond, deal.sellerBond);
  });

  it("given a metered deal, returns the price and to each side its bond", async () => {
    const { settlement } = world;
    deal = await makeDeal(world, { reviewPeriod: 0, sellerBond: 7n });
    deadline = (await commit(world, deal)) + deal.deliverWithin + DAY;
    const before = await balances(world, deal.token);
    await expect(at(deadline + 1, () => settlement.refund(deal, TRANSCRIPT)))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Refunded, deal.price + deal.buyerBond, deal.sellerBond);
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: before.buyer + deal.price + deal.buyerBond,
      seller: before.seller + 7n,
    });
  });

  it("given the last second of the 24 hours, refuses", async () => {
    const { settlement, buyerWallet } = world;
    for (const time of [deadline - 5, deadline]) {
      await expect(at(time, () => settlement.connect(buyerWallet).refund(deal, TRANSCRIPT)))
        .to.be.revertedWithCustomError(settlement, "DeadlineNotPassed")
        .withArgs(hashDeal(deal), time, deadline);
    }
  });

  it("given times of delivery as long as can be, waits for them", async () => {
    const { settlement } = world;
    deal = await makeDeal(world, { deliverWithin: 2 ** 32 - 1 });
    const since = await commit(world, deal);
    await expect(settlement.refund(deal, TRANSCRIPT)).to.be.revertedWithCustomError(settlement, "DeadlineNotPassed");
    await at(since + 2 ** 32 + DAY, () => settlement.refund(deal, TRANSCRIPT));
  });

  it("given a delivered deal, refuses at any time", async () => {
    const { settlement, sellerWallet } = world;
    await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence"));
    await expect(at(deadline + 1, () => settlement.refund(deal, TRANSCRIPT)))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Delivered, 1n << Status.Committed);
  });

  it("given a refunded deal, refuses", async () => {
    const { settlement } = world;
    await at(deadline + 1, () => settlement.refund(deal, TRANSCRIPT));
    await expect(settlement.refund(deal, TRANSCRIPT))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, 1n << Status.Committed);
  });
});
