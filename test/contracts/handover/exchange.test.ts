import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS } from "../fixtures/world.ts";
import { hashDeal } from "../typedData.ts";
import {
  exchange,
  expectFate,
  expectNot,
  Fate,
  type HandOverWorld,
  holderOf,
  loadHandOver,
  put,
  take,
} from "./fixtures.ts";

describe("HandOver.exchange", () => {
  let world: HandOverWorld;
  let until: number;

  beforeEach(async () => {
    world = await loadHandOver();
    until = (await commit(world, world.deal)) + HOUR;
  });

  async function expectPaid() {
    const { settlement, token, seller, deal } = world;
    expect(await settlement.free(seller, token)).to.equal(FUNDS + deal.price);
  }

  it("pays the price and hands over an ERC-721, in one transaction that anybody carries", async () => {
    const { handOver, settlement, deal, relic, buyer, buyerOwner } = world;
    await put(world, "seller", relic, { until });
    const sending = exchange(world, { fromSeller: [relic] });
    await expect(sending)
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Closed, deal.buyerBond, deal.price + deal.sellerBond);
    await expect(sending)
      .to.emit(handOver, "AssetHandedOver")
      .withArgs(hashDeal(deal), buyer, relic.token, relic.number, buyerOwner.address);
    expect(await holderOf(world)).to.equal(buyerOwner.address);
    await expectFate(world, "seller", relic, Fate.Handed);
    await expectPaid();
  });

  it("hands over an ERC-20, and of a token that answers nothing", async () => {
    const { relic, coin, coins, buyerOwner } = world;
    const silent = await ethers.deployContract("SilentToken");
    const quiet = { token: await silent.getAddress(), number: 5n };
    for (const asset of [relic, coin, quiet]) await put(world, "seller", asset, { until });
    await exchange(world, { fromSeller: [quiet, coin, relic] });
    expect(await coins.balanceOf(buyerOwner)).to.equal(coin.number);
    expect(await silent.balanceOf(buyerOwner)).to.equal(5n);
  });

  it("hands over both sides' assets: a relic for coins, and a price on top", async () => {
    const { relic, coin, coins, sellerOwner, buyerOwner } = world;
    await put(world, "seller", relic, { until, inReturn: coin });
    await put(world, "buyer", coin, { until, inReturn: relic });
    await exchange(world, { fromSeller: [relic], fromBuyer: [coin] });
    expect(await holderOf(world)).to.equal(buyerOwner.address);
    expect(await coins.balanceOf(sellerOwner)).to.equal(coin.number);
    await expectPaid();
  });

  it("leaves due what isn't named, for anybody to hand over later", async () => {
    const { relic, coin } = world;
    await put(world, "seller", relic, { until });
    await put(world, "seller", coin, { until });
    await exchange(world, { fromSeller: [coin] });
    await expectFate(world, "seller", relic, Fate.Due);
    await networkHelpers.time.increaseTo(until + HOUR);
    await take(world, "seller", relic);
  });

  it("pays and hands over a deal that was delivered", async () => {
    world = await loadHandOver({ reviewPeriod: HOUR });
    await commit(world, world.deal);
    const { settlement, sellerWallet, deal, relic } = world;
    await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
    await put(world, "seller", relic);
    await exchange(world, { fromSeller: [relic] });
    await expectPaid();
  });

  describe("given that somebody got there first", () => {
    it("with the same receipt, goes on with the assets", async () => {
      const { settlement, deal, relic, stranger, buyerOwner } = world;
      await put(world, "seller", relic, { until });
      const paid = await receipt(world, deal, deal.price);
      await settlement.connect(stranger).claimReceipt(deal, TRANSCRIPT, deal.price, paid, true);
      await networkHelpers.time.increaseTo(until + HOUR);
      await world.handOver.exchange(deal, TRANSCRIPT, paid, [relic], []);
      expect(await holderOf(world)).to.equal(buyerOwner.address);
    });

    it("with the same receipt but without closing the deal, closes it", async () => {
      const { settlement, deal, relic, sellerWallet, buyerOwner } = world;
      await put(world, "seller", relic, { until });
      const paid = await receipt(world, deal, deal.price);
      await settlement.connect(sellerWallet).claimReceipt(deal, TRANSCRIPT, deal.price, paid, false);
      await world.handOver.exchange(deal, TRANSCRIPT, paid, [relic], []);
      expect(await holderOf(world)).to.equal(buyerOwner.address);
      expect((await settlement.recordOf(deal)).status).to.equal(Status.Settled);
      await expectPaid();
    });

    it("with the assets too, refuses, having done nothing", async () => {
      const { handOver, deal, relic } = world;
      await put(world, "seller", relic, { until });
      const paid = await receipt(world, deal, deal.price);
      await handOver.exchange(deal, TRANSCRIPT, paid, [relic], []);
      const again = handOver.exchange(deal, TRANSCRIPT, paid, [relic], []);
      await expectNot(world, again, relic, Fate.Handed, Fate.Due);
    });
  });

  describe("given that an asset isn't there for the buyer", () => {
    async function expectUnpaid() {
      expect((await world.settlement.recordOf(world.deal)).status).to.equal(Status.Committed);
    }

    it("refuses, and the price isn't paid: nothing was put", async () => {
      await expectNot(world, exchange(world, { fromSeller: [world.relic] }), world.relic, Fate.None, Fate.Due);
      await expectUnpaid();
    });

    it("the same in the second after its time, and pays in the last one", async () => {
      const { relic, coin, handOver, deal } = world;
      await put(world, "seller", relic, { until });
      await put(world, "seller", coin, { until: until + 1 });
      const paid = await receipt(world, deal, deal.price);
      const late = at(until + 1, () => handOver.exchange(deal, TRANSCRIPT, paid, [relic], []));
      await expectNot(world, late, relic, Fate.Back, Fate.Due);
      await expectUnpaid();
    });

    it("pays in the last second of its time", async () => {
      const { relic, handOver, deal } = world;
      await put(world, "seller", relic, { until });
      const paid = await receipt(world, deal, deal.price);
      await at(until, () => handOver.exchange(deal, TRANSCRIPT, paid, [relic], []));
      await expectPaid();
    });

    it("the same if one of several is missing, or is named twice", async () => {
      const { relic, coin } = world;
      await put(world, "seller", relic, { until });
      await expectNot(world, exchange(world, { fromSeller: [relic, coin] }), coin, Fate.None, Fate.Due);
      await expectNot(world, exchange(world, { fromSeller: [relic, relic] }), relic, Fate.Handed, Fate.Due);
      await expectUnpaid();
    });

    it("the same if its return isn't there, or it is named as the other side's", async () => {
      const { relic, coin } = world;
      await put(world, "seller", relic, { until, inReturn: coin });
      await expectNot(world, exchange(world, { fromSeller: [relic] }), relic, Fate.Open, Fate.Due);
      await expectNot(world, exchange(world, { fromBuyer: [relic] }), relic, Fate.None, Fate.Due);
      await expectUnpaid();
    });

    it("the same if its token refuses to move", async () => {
      const token = await ethers.deployContract("StoppableCollectible");
      const asset = { token: await token.getAddress(), number: 1n };
      await put(world, "seller", asset, { until });
      await token.setStopped(true);
      await expect(exchange(world, { fromSeller: [asset] })).to.be.revertedWithCustomError(token, "Stopped");
      await expectUnpaid();
    });
  });

  describe("given what Settlement refuses", () => {
    it("refuses a receipt of less than the price", async () => {
      const { handOver, settlement, deal, relic, buyer } = world;
      await put(world, "seller", relic, { until });
      const less = await receipt(world, deal, deal.price - 1n);
      await expect(handOver.exchange(deal, TRANSCRIPT, less, [relic], []))
        .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
        .withArgs(buyer);
    });

    it("refuses a deal of price 0, which has no receipts", async () => {
      const { settlement, relic } = world;
      const of = await makeDeal(world, { price: 0n });
      await commit(world, of);
      await put(world, "seller", relic, { of });
      await expect(exchange(world, { fromSeller: [relic] }, { of }))
        .to.be.revertedWithCustomError(settlement, "ReceiptTooLow")
        .withArgs(hashDeal(of), 0n, 0n);
    });

    it("refuses a deal that isn't committed, and another transcript", async () => {
      const { handOver, settlement, deal, relic } = world;
      const of = await makeDeal(world);
      await put(world, "seller", relic, { of });
      await expect(exchange(world, { fromSeller: [relic] }, { of })).to.be.revertedWithCustomError(
        settlement,
        "DealMismatch",
      );
      const paid = await receipt(world, deal, deal.price);
      await expect(handOver.exchange(deal, ethers.id("another"), paid, [], [])).to.be.revertedWithCustomError(
        settlement,
        "DealMismatch",
      );
    });

    it("refuses a disputed deal, and one that was settled after a dispute", async () => {
      world = await loadHandOver({ reviewPeriod: HOUR });
      await commit(world, world.deal);
      const { handOver, settlement, deal, relic, sellerWallet, buyerWallet } = world;
      await put(world, "seller", relic);
      const paid = await receipt(world, deal, deal.price);
      await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
      await settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 10_000, ethers.ZeroHash, { value: deal.maxFee });
      const sending = () => handOver.exchange(deal, TRANSCRIPT, paid, [relic], []);
      const open = (1n << Status.Committed) | (1n << Status.Delivered);
      await expect(sending())
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(deal), Status.Disputed, open);
      await settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 10_000, ethers.ZeroHash);
      await expect(sending())
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(deal), Status.Settled, open);
    });
  });

  it("without any asset, only pays, as Settlement itself would", async () => {
    await exchange(world, {});
    await expectPaid();
  });
});
