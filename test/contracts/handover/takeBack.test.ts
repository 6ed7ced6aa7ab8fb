import { expect } from "chai";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at, HOUR } from "../fixtures/time.ts";
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
  takeBack,
} from "./fixtures.ts";

describe("HandOver.takeBack", () => {
  let world: HandOverWorld;
  let until: number;

  beforeEach(async () => {
    world = await loadHandOver();
    until = (await networkHelpers.time.latest()) + HOUR;
  });

  it("given that its time is over, lets anybody give the asset back to the address that it came from", async () => {
    const { handOver, deal, relic, seller, sellerWallet, stranger } = world;
    await put(world, "seller", relic, { until });
    await networkHelpers.time.increaseTo(until);
    await expect(takeBack(world, "seller", relic, { by: stranger }))
      .to.emit(handOver, "AssetTakenBack")
      .withArgs(hashDeal(deal), seller, relic.token, relic.number, sellerWallet.address);
    expect(await holderOf(world)).to.equal(sellerWallet.address);
    await expectFate(world, "seller", relic, Fate.None);
  });

  it("gives back an ERC-20, and only once", async () => {
    const { coin, coins, sellerOwner } = world;
    await put(world, "seller", coin, { until, by: sellerOwner });
    await networkHelpers.time.increaseTo(until);
    await takeBack(world, "seller", coin);
    expect(await coins.balanceOf(sellerOwner)).to.equal(coin.number);
    await expectNot(world, takeBack(world, "seller", coin), coin, Fate.None, Fate.Back);
  });

  it("refuses up to the last second, whatever became of the deal", async () => {
    const { relic } = world;
    await put(world, "seller", relic, { until });
    await expectNot(world, takeBack(world, "seller", relic), relic, Fate.Open, Fate.Back);
    const last = at(until, () => takeBack(world, "seller", relic));
    await expectNot(world, last, relic, Fate.Open, Fate.Back);
    await at(until + 1, () => takeBack(world, "seller", relic));
  });

  it("refuses what is the other side's, for ever", async () => {
    const { settlement, deal, relic, buyerWallet, sellerWallet } = world;
    await commit(world, deal);
    await put(world, "seller", relic, { until });
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    await networkHelpers.time.increaseTo(until + 1_000 * HOUR);
    const sending = takeBack(world, "seller", relic, { by: sellerWallet });
    await expectNot(world, sending, relic, Fate.Due, Fate.Back);
  });

  it("refuses what the other side has", async () => {
    const { handOver, settlement, deal, coin, buyerWallet } = world;
    await commit(world, deal);
    await put(world, "seller", coin, { until });
    // another's of the same token is there
    await put(world, "seller", { ...coin, number: 501n }, { until });
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    await handOver.take(deal, TRANSCRIPT, false, coin, ethers.ZeroAddress);
    await networkHelpers.time.increaseTo(until);
    await expectNot(world, takeBack(world, "seller", coin), coin, Fate.Handed, Fate.Back);
  });

  it("sends it anywhere for who put it, and for nobody else, a later owner of the agent included", async () => {
    const { registry, handOver, deal, relic, seller, sellerOwner, sellerWallet, stranger, relayer } = world;
    await put(world, "seller", relic, { until });
    await registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, seller);
    await networkHelpers.time.increaseTo(until);
    for (const by of [stranger, sellerOwner, relayer]) {
      const sending = takeBack(world, "seller", relic, { by, to: by });
      await expectRefused(world, sending, "NotPutter", hashDeal(deal), by.address, sellerWallet.address);
    }
    const lost = takeBack(world, "seller", relic, { by: sellerWallet, to: handOver });
    await expectRefused(world, lost, "RecipientInvalid", await handOver.getAddress());
    await takeBack(world, "seller", relic, { by: sellerWallet, to: relayer });
    expect(await holderOf(world)).to.equal(relayer.address);
  });

  it("gives back what was put for a deal that was never committed, or as another one", async () => {
    const { deal, relic, coin, settlement, buyerWallet } = world;
    await put(world, "seller", relic, { until });
    const other = { ...deal, price: 1n };
    await put(world, "seller", coin, { until, of: other });
    await commit(world, other);
    await settlement.connect(buyerWallet).accept(other, TRANSCRIPT);
    await networkHelpers.time.increaseTo(until);
    await takeBack(world, "seller", relic);
    await expectNot(world, takeBack(world, "seller", coin, { of: other }), coin, Fate.Due, Fate.Back, other);
  });

  it("given a token that refuses, changes nothing, and holds up no other asset", async () => {
    const token = await ethers.deployContract("StoppableCollectible");
    const asset = { token: await token.getAddress(), number: 1n };
    await put(world, "seller", asset, { until });
    await put(world, "seller", world.coin, { until });
    await token.setStopped(true);
    await networkHelpers.time.increaseTo(until);
    await expect(takeBack(world, "seller", asset)).to.be.revertedWithCustomError(token, "Stopped");
    await takeBack(world, "seller", world.coin);
    await token.setStopped(false);
    await takeBack(world, "seller", asset);
  });
});
