import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectConserved } from "../fixtures/balances.ts";
import { ethers, NATIVE } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";

describe("Settlement.accept", () => {
  let world: World;
  let deal: Deal;
  let since: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    since = await commit(world, deal);
  });

  async function expectPaid(token: string) {
    expect(await balances(world, token)).to.deep.equal({ buyer: FUNDS - deal.price, seller: FUNDS + deal.price });
    await expectConserved(world, token, 0n);
  }

  for (const who of ["buyerWallet", "buyerOwner"] as const) {
    it(`given the ${who}, pays the seller and returns both bonds`, async () => {
      const { settlement } = world;
      await expect(at(since + 60, () => settlement.connect(world[who]).accept(deal, TRANSCRIPT)))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Accepted, deal.buyerBond, deal.price + deal.sellerBond);
      await expectStatus(settlement, deal, Status.Settled, since + 60);
      await expectPaid(deal.token);
    });
  }

  it("given a delivered deal, pays too", async () => {
    const { settlement, buyerWallet, sellerWallet } = world;
    await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence"));
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    await expectPaid(deal.token);
  });

  it("given receipts, pays what they haven't paid yet", async () => {
    const { settlement, buyerWallet } = world;
    await settlement.claimReceipt(deal, TRANSCRIPT, 30n, await receipt(world, deal, 30n), false);
    await expect(settlement.connect(buyerWallet).accept(deal, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Accepted, deal.buyerBond, deal.price - 30n + deal.sellerBond);
    await expectPaid(deal.token);
  });

  it("given receipts of the whole price, returns the bonds", async () => {
    const { settlement, buyerWallet } = world;
    await settlement.claimReceipt(deal, TRANSCRIPT, deal.price, await receipt(world, deal, deal.price), false);
    await expect(settlement.connect(buyerWallet).accept(deal, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Accepted, deal.buyerBond, deal.sellerBond);
    await expectPaid(deal.token);
  });

  it("given a deal in native coin, pays in it", async () => {
    const { settlement, buyerWallet } = world;
    deal = await makeDeal(world, { token: NATIVE });
    await commit(world, deal);
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    await expectPaid(NATIVE);
  });

  it("given a metered deal, pays the whole price", async () => {
    const { settlement, buyerWallet } = world;
    const metered = await makeDeal(world, { reviewPeriod: 0 });
    await commit(world, metered);
    await expect(settlement.connect(buyerWallet).accept(metered, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(metered), Outcome.Accepted, metered.buyerBond, metered.price + metered.sellerBond);
  });

  it("given a deal without price and bonds, settles it", async () => {
    const { settlement, buyerWallet } = world;
    const empty = await makeDeal(world, { price: 0n, buyerBond: 0n, sellerBond: 0n });
    await commit(world, empty);
    await expect(settlement.connect(buyerWallet).accept(empty, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(empty), Outcome.Accepted, 0n, 0n);
  });

  it("given a time long after the delivery's end, still pays if nobody refunded", async () => {
    const { settlement, buyerWallet } = world;
    await at(since + 30 * DAY, () => settlement.connect(buyerWallet).accept(deal, TRANSCRIPT));
    await expectPaid(deal.token);
  });

  it("given keys revoked and a wallet gone meanwhile, leaves it to the owner", async () => {
    const { registry, settlement, buyer, buyerOwner } = world;
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await settlement.connect(buyerOwner).accept(deal, TRANSCRIPT);
    await expectPaid(deal.token);
  });

  it("given anybody else, the seller included, refuses", async () => {
    const { settlement, buyer, sellerWallet, sellerOwner, relayer } = world;
    for (const caller of [sellerWallet, sellerOwner, relayer]) {
      await expect(settlement.connect(caller).accept(deal, TRANSCRIPT))
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(buyer, caller.address);
    }
  });

  it("given a settled deal, refuses", async () => {
    const { settlement, buyerWallet } = world;
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    const allowed = (1n << Status.Committed) | (1n << Status.Delivered);
    await expect(settlement.connect(buyerWallet).accept(deal, TRANSCRIPT))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, allowed);
    await expectPaid(deal.token);
  });
});
