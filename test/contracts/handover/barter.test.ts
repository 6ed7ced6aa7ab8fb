import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { HOUR } from "../fixtures/time.ts";
import type { Deal } from "../typedData.ts";
import {
  type Asset,
  exchange,
  expectFate,
  Fate,
  type HandOverWorld,
  loadHandOver,
  put,
  take,
  takeBack,
} from "./fixtures.ts";

describe("barter", () => {
  let world: HandOverWorld;
  let other: Asset;

  async function load(changes: Partial<Deal> = {}) {
    world = await loadHandOver(changes);
    other = { ...world.relic, number: 8n };
    await commit(world, world.deal);
  }

  beforeEach(async () => await load({ price: 0n }));

  const accept = () => world.settlement.connect(world.buyerWallet).accept(world.deal, TRANSCRIPT);

  it("of two ERC-721 without a price: an acceptance swaps them, and anybody hands them over", async () => {
    const { relics, relic, buyerOwner, sellerOwner } = world;
    await put(world, "seller", relic, { inReturn: other });
    await put(world, "buyer", other, { inReturn: relic });
    await accept();
    await take(world, "buyer", other);
    await take(world, "seller", relic);
    expect(await relics.ownerOf(relic.number)).to.equal(buyerOwner.address);
    expect(await relics.ownerOf(other.number)).to.equal(sellerOwner.address);
  });

  it("of an ERC-721 for an ERC-20 without a price", async () => {
    const { relics, coins, coin, relic, buyerOwner, sellerOwner } = world;
    await put(world, "buyer", coin, { inReturn: relic });
    await put(world, "seller", relic, { inReturn: coin });
    await accept();
    await take(world, "seller", relic);
    await take(world, "buyer", coin);
    expect(await relics.ownerOf(relic.number)).to.equal(buyerOwner.address);
    expect(await coins.balanceOf(sellerOwner)).to.equal(coin.number);
  });

  it("of two ERC-721 for the smallest price there is: in one transaction", async () => {
    await load({ price: 1n });
    const { relics, relic, buyerOwner, sellerOwner } = world;
    await put(world, "seller", relic, { inReturn: other });
    await put(world, "buyer", other, { inReturn: relic });
    await exchange(world, { fromSeller: [relic], fromBuyer: [other] });
    expect(await relics.ownerOf(relic.number)).to.equal(buyerOwner.address);
    expect(await relics.ownerOf(other.number)).to.equal(sellerOwner.address);
  });

  it("of an asset with itself: each side's ten coins for the other's", async () => {
    const { coins, coin, buyerOwner, sellerOwner } = world;
    await put(world, "seller", coin, { inReturn: coin });
    await put(world, "buyer", coin, { inReturn: coin });
    await accept();
    await take(world, "seller", coin);
    await take(world, "buyer", coin);
    for (const owner of [buyerOwner, sellerOwner]) expect(await coins.balanceOf(owner)).to.equal(coin.number);
  });

  it("of which one side is missing: what is there goes back", async () => {
    const { relic } = world;
    await put(world, "seller", relic, { inReturn: other });
    await accept();
    await networkHelpers.time.increase(2 * HOUR);
    await takeBack(world, "seller", relic);
  });

  it("of which one side was taken back before the deal's end: the other goes back too", async () => {
    const { relic } = world;
    const until = (await networkHelpers.time.latest()) + HOUR;
    await put(world, "buyer", other, { inReturn: relic, until });
    await put(world, "seller", relic, { inReturn: other, until: until + 2 * HOUR });
    await networkHelpers.time.increaseTo(until);
    await takeBack(world, "buyer", other);
    await accept();
    await expectFate(world, "seller", relic, Fate.Open);
    await networkHelpers.time.increaseTo(until + 2 * HOUR);
    await takeBack(world, "seller", relic);
  });

  it("in which one is for a shorter time: it decides for both, whether or not it was taken back", async () => {
    const { relic } = world;
    const until = (await networkHelpers.time.latest()) + HOUR;
    await put(world, "buyer", other, { inReturn: relic, until });
    await put(world, "seller", relic, { inReturn: other, until: until + 2 * HOUR });
    await networkHelpers.time.increaseTo(until);
    await accept();
    await expectFate(world, "seller", relic, Fate.Open);
    await expectFate(world, "buyer", other, Fate.Back);
  });

  it("in which one wants a third thing: neither changes hands, even if the third is there", async () => {
    const { relic, coin } = world;
    await put(world, "buyer", other, { inReturn: relic });
    await put(world, "seller", relic, { inReturn: coin });
    await accept();
    await expectFate(world, "buyer", other, Fate.Open);
    await expectFate(world, "seller", relic, Fate.Open);
    await load({ price: 0n });
    await put(world, "buyer", other, { inReturn: world.relic });
    await put(world, "seller", world.relic, { inReturn: world.coin });
    await put(world, "buyer", world.coin, { inReturn: world.relic });
    await accept();
    await expectFate(world, "buyer", other, Fate.Open);
    await expectFate(world, "seller", world.relic, Fate.Due);
    await expectFate(world, "buyer", world.coin, Fate.Due);
  });

  it("of one asset for what the other side gives anyway", async () => {
    const { relic, coin } = world;
    await put(world, "seller", relic);
    await put(world, "buyer", other, { inReturn: relic });
    await put(world, "buyer", coin, { inReturn: relic });
    await accept();
    for (const asset of [other, coin]) await take(world, "buyer", asset);
    await take(world, "seller", relic);
  });

  it("after one side was handed over, and long after the time: the other one still is", async () => {
    const { relic } = world;
    await put(world, "seller", relic, { inReturn: other });
    await put(world, "buyer", other, { inReturn: relic });
    await accept();
    await take(world, "seller", relic);
    await networkHelpers.time.increase(1_000 * HOUR);
    await take(world, "buyer", other);
  });

  it("closed by the seller for less than the price: the buyer gets what it asked for all the same", async () => {
    await load();
    const { settlement, deal, relic, sellerWallet } = world;
    await put(world, "seller", relic, { inReturn: other });
    await put(world, "buyer", other, { inReturn: relic });
    const paid = await receipt(world, deal, 1n);
    await settlement.connect(sellerWallet).claimReceipt(deal, TRANSCRIPT, 1n, paid, true);
    await take(world, "buyer", other);
    await take(world, "seller", relic);
  });
});
