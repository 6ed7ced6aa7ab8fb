import { expect } from "chai";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { HOUR } from "../fixtures/time.ts";
import { hashDeal } from "../typedData.ts";
import {
  expectFate,
  expectNot,
  expectRefused,
  Fate,
  type HandOverWorld,
  holderOf,
  loadHandOver,
  put,
  take,
} from "./fixtures.ts";

describe("HandOver.take", () => {
  let world: HandOverWorld;
  let until: number;

  beforeEach(async () => {
    world = await loadHandOver();
    until = (await commit(world, world.deal)) + HOUR;
  });

  async function accept(of = world.deal) {
    await world.settlement.connect(world.buyerWallet).accept(of, TRANSCRIPT);
  }

  it("given an accepted deal, lets anybody hand the asset to the owner of the buyer", async () => {
    const { handOver, deal, relic, buyer, buyerOwner, stranger } = world;
    await put(world, "seller", relic, { until });
    await accept();
    await expect(take(world, "seller", relic, { by: stranger }))
      .to.emit(handOver, "AssetHandedOver")
      .withArgs(hashDeal(deal), buyer, relic.token, relic.number, buyerOwner.address);
    expect(await holderOf(world)).to.equal(buyerOwner.address);
  });

  it("given a price of 0, hands the buyer's asset to the owner of the seller", async () => {
    const { coin, coins, sellerOwner } = world;
    const of = await makeDeal(world, { price: 0n });
    await commit(world, of);
    await put(world, "buyer", coin, { of });
    await accept(of);
    await take(world, "buyer", coin, { of });
    expect(await coins.balanceOf(sellerOwner)).to.equal(coin.number);
  });

  it("waits for as long as it takes: what is due stays due", async () => {
    const { relic } = world;
    await put(world, "seller", relic, { until });
    await accept();
    await networkHelpers.time.increaseTo(until + 10_000 * HOUR);
    await expectFate(world, "seller", relic, Fate.Due);
    await take(world, "seller", relic);
  });

  it("refuses before the settlement, after it twice, and what was never put", async () => {
    const { relic, coin } = world;
    await put(world, "seller", relic, { until });
    await expectNot(world, take(world, "seller", relic), relic, Fate.Open, Fate.Due);
    await accept();
    await take(world, "seller", relic);
    await expectNot(world, take(world, "seller", relic), relic, Fate.Handed, Fate.Due);
    await expectNot(world, take(world, "seller", coin), coin, Fate.None, Fate.Due);
    await expectNot(world, take(world, "buyer", relic), relic, Fate.None, Fate.Due);
  });

  it("refuses another deal, another transcript, another amount and another id", async () => {
    const { handOver, deal, relic, coin } = world;
    await put(world, "seller", relic, { until });
    await put(world, "seller", coin, { until });
    await accept();
    const of = { ...deal, price: deal.price - 1n };
    await expectNot(world, take(world, "seller", relic, { of }), relic, Fate.None, Fate.Due, of);
    const elsewhere = handOver.take(deal, ethers.id("another"), false, relic, ethers.ZeroAddress);
    await expectNot(world, elsewhere, relic, Fate.None, Fate.Due);
    for (const asset of [
      { ...coin, number: coin.number - 1n },
      { ...relic, number: 8n },
    ]) {
      await expectNot(world, take(world, "seller", asset), asset, Fate.None, Fate.Due);
    }
  });

  it("refuses what was put for a deal of which another version was settled", async () => {
    const { relic } = world;
    const of = await makeDeal(world);
    await put(world, "seller", relic, { of });
    const cheaper = { ...of, price: 1n };
    await commit(world, cheaper);
    await accept(cheaper);
    await expectNot(world, take(world, "seller", relic, { of }), relic, Fate.Open, Fate.Due, of);
  });

  describe("given an address to send it to", () => {
    beforeEach(async () => {
      await put(world, "seller", world.relic, { until });
      await accept();
    });

    it("sends it there for the owner of the buyer", async () => {
      const { relic, buyerOwner, stranger } = world;
      await take(world, "seller", relic, { by: buyerOwner, to: stranger });
      expect(await holderOf(world)).to.equal(stranger.address);
    });

    it("refuses everybody else, the buyer's wallet and the seller included", async () => {
      const { relic, buyer, buyerWallet, sellerOwner, sellerWallet, stranger } = world;
      for (const by of [buyerWallet, sellerOwner, sellerWallet, stranger]) {
        const sending = take(world, "seller", relic, { by, to: by });
        await expectRefused(world, sending, "NotOwner", buyer, by.address);
      }
    });

    it("refuses HandOver itself", async () => {
      const { handOver, relic, buyerOwner } = world;
      const sending = take(world, "seller", relic, { by: buyerOwner, to: handOver });
      await expectRefused(world, sending, "RecipientInvalid", await handOver.getAddress());
    });
  });

  describe("given an owner that is a contract", () => {
    it("sends nothing to it, which it may not be able to pass on, and lets it take the asset", async () => {
      const { registry, handOver, deal, relic, buyer, buyerOwner, stranger } = world;
      const vault = await ethers.deployContract("ContractWallet", [buyerOwner]);
      await put(world, "seller", relic, { until });
      await accept();
      await registry.connect(buyerOwner).transferFrom(buyerOwner, vault, buyer);
      const address = await vault.getAddress();
      await expectRefused(world, take(world, "seller", relic), "ReceiverMissing", buyer, address);
      const to = stranger.address;
      const data = handOver.interface.encodeFunctionData("take", [deal, TRANSCRIPT, false, relic, to]);
      await vault.connect(buyerOwner).execute(handOver, 0n, data);
      expect(await holderOf(world)).to.equal(stranger.address);
    });

    it("sends to an account that delegates to code by EIP-7702", async () => {
      const { relic, buyerOwner, handOver } = world;
      await put(world, "seller", relic, { until });
      await accept();
      const designator = ethers.concat(["0xef0100", await handOver.getAddress()]);
      await networkHelpers.setCode(buyerOwner.address, designator);
      await take(world, "seller", relic);
      expect(await holderOf(world)).to.equal(buyerOwner.address);
    });
  });
});
