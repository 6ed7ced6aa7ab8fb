import { expect } from "chai";
import type { Signer } from "ethers";
import { agree, commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { loadReputation, type ReputationWorld, rate, settle, WHOLE } from "./fixture.ts";

describe("ReputationRegistry.giveDealFeedback", () => {
  let world: ReputationWorld;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadReputation();
    deal = await settle(world);
  });

  async function giveAs(signer: Signer, changes: Parameters<typeof rate>[0] = {}, transcript = TRANSCRIPT, of = deal) {
    return await world.reputation.connect(signer).giveDealFeedback(of, transcript, rate(changes));
  }

  it("given the buyer's side, rates the seller's agent, in ERC-8004's way too", async () => {
    const { reputation, buyer, seller, buyerWallet } = world;
    const { endpoint, feedbackURI, feedbackHash } = rate();
    const sending = giveAs(buyerWallet);
    await expect(sending)
      .to.emit(reputation, "NewFeedback")
      .withArgs(
        seller,
        buyerWallet.address,
        1n,
        90n,
        0n,
        "starred",
        "starred",
        "week",
        endpoint,
        feedbackURI,
        feedbackHash,
      );
    await expect(sending)
      .to.emit(reputation, "DealRated")
      .withArgs(hashDeal(deal), seller, buyer, buyerWallet.address, 1n);
    expect(await reputation.readFeedback(seller, buyerWallet, 1n)).to.deep.equal([90n, 0n, "starred", "week", false]);
    expect(await reputation.getSummary(seller, [buyerWallet], "", "")).to.deep.equal([1n, 90n, 0n]);
    expect(await reputation.dealSummary(seller)).to.deep.equal([1n, 90n * WHOLE]);
    expect(await reputation.dealSummary(buyer)).to.deep.equal([0n, 0n]);
    expect(await reputation.hasRated(hashDeal(deal), true)).to.equal(true);
    expect(await reputation.hasRated(hashDeal(deal), false)).to.equal(false);
  });

  it("given the seller's side, rates the buyer's agent", async () => {
    const { reputation, buyer, seller, sellerOwner } = world;
    await expect(giveAs(sellerOwner))
      .to.emit(reputation, "DealRated")
      .withArgs(hashDeal(deal), buyer, seller, sellerOwner.address, 1n);
    expect(await reputation.dealSummary(buyer)).to.deep.equal([1n, 90n * WHOLE]);
    expect(await reputation.dealSummary(seller)).to.deep.equal([0n, 0n]);
    expect(await reputation.hasRated(hashDeal(deal), false)).to.equal(true);
  });

  it("given both sides, takes one rating from each, whether owner or wallet gives it", async () => {
    const { reputation, buyer, seller, buyerOwner, buyerWallet, sellerOwner, sellerWallet } = world;
    await giveAs(buyerOwner);
    await giveAs(sellerWallet);
    for (const [caller, side] of [
      [buyerOwner, buyer],
      [buyerWallet, buyer],
      [sellerOwner, seller],
      [sellerWallet, seller],
    ] as const) {
      await expect(giveAs(caller))
        .to.be.revertedWithCustomError(reputation, "DealRatedAlready")
        .withArgs(hashDeal(deal), side);
    }
  });

  it("given anybody else, operators included, refuses", async () => {
    const { registry, reputation, buyer, buyerOwner, relayer, stranger } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const caller of [relayer, stranger]) {
      await expect(giveAs(caller))
        .to.be.revertedWithCustomError(reputation, "NotParty")
        .withArgs(hashDeal(deal), caller.address);
    }
  });

  it("given a side that is also operator of the other, refuses", async () => {
    const { registry, reputation, seller, sellerOwner, buyerWallet } = world;
    await registry.connect(sellerOwner).setApprovalForAll(buyerWallet, true);
    await expect(giveAs(buyerWallet))
      .to.be.revertedWithCustomError(reputation, "SelfFeedback")
      .withArgs(seller, buyerWallet.address);
  });

  it("given somebody who speaks for both sides, refuses", async () => {
    const { registry, reputation, seller, sellerOwner, buyerWallet } = world;
    await registry.connect(sellerOwner).transferFrom(sellerOwner, buyerWallet, seller);
    await expect(giveAs(buyerWallet))
      .to.be.revertedWithCustomError(reputation, "SelfFeedback")
      .withArgs(seller, buyerWallet.address);
  });

  it("given a deal that isn't settled yet, refuses", async () => {
    const { reputation, settlement, buyerWallet, sellerWallet } = world;
    const open = await makeDeal(world);
    const refuse = async (status: bigint) => {
      await expect(giveAs(buyerWallet, {}, TRANSCRIPT, open))
        .to.be.revertedWithCustomError(reputation, "StatusMismatch")
        .withArgs(hashDeal(open), status, 1n << Status.Settled);
    };
    await commit(world, open);
    await refuse(Status.Committed);
    await settlement.connect(sellerWallet).deliver(open, TRANSCRIPT, ethers.ZeroHash);
    await refuse(Status.Delivered);
  });

  it("given a deal that was never committed, refuses", async () => {
    const { reputation, buyerWallet } = world;
    const imagined = await makeDeal(world);
    await agree(world, imagined);
    await expect(giveAs(buyerWallet, {}, TRANSCRIPT, imagined)).to.be.revertedWithCustomError(
      reputation,
      "DealMismatch",
    );
  });

  it("given another transcript, or another deal of the same negotiation, refuses", async () => {
    const { reputation, settlement, buyerWallet } = world;
    const { fingerprint } = await settlement.recordOf(deal);
    for (const [other, transcript] of [
      [deal, ethers.id("another")],
      [{ ...deal, price: deal.price + 1n }, TRANSCRIPT],
      [{ ...deal, buyer: deal.seller, seller: deal.buyer }, TRANSCRIPT],
    ] as const) {
      const wrong = ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [hashDeal(other), transcript]),
      );
      await expect(giveAs(buyerWallet, {}, transcript, other))
        .to.be.revertedWithCustomError(reputation, "DealMismatch")
        .withArgs(hashDeal(other), ethers.dataSlice(wrong, 0, 26), fingerprint);
    }
  });

  it("given a deal that was refunded, takes ratings of it too", async () => {
    const { reputation, settlement, seller, buyerWallet } = world;
    const late = await makeDeal(world, { deliverWithin: HOUR });
    const committed = await commit(world, late);
    await networkHelpers.time.increaseTo(committed + HOUR + DAY + 1);
    await settlement.refund(late, TRANSCRIPT);
    await giveAs(buyerWallet, { value: 0n }, TRANSCRIPT, late);
    expect(await reputation.dealSummary(seller)).to.deep.equal([1n, 0n]);
  });

  it("given 0 or 100, with any decimals, takes it, and refuses what is outside", async () => {
    const { reputation, seller, buyerWallet, sellerWallet } = world;
    const whole = 100n * WHOLE;
    for (const [value, valueDecimals] of [
      [-1n, 0n],
      [-1n, 18n],
      [101n, 0n],
      [1_001n, 1n],
      [whole + 1n, 18n],
      [2n ** 127n - 1n, 0n],
      [-(2n ** 127n), 0n],
    ] as const) {
      await expect(giveAs(buyerWallet, { value, valueDecimals }))
        .to.be.revertedWithCustomError(reputation, "RatingOutOfRange")
        .withArgs(value, valueDecimals, 100n);
    }
    await giveAs(buyerWallet, { value: whole, valueDecimals: 18n });
    await giveAs(sellerWallet, { value: 0n, valueDecimals: 18n });
    expect(await reputation.dealSummary(seller)).to.deep.equal([1n, whole]);
    expect(await reputation.dealSummary(world.buyer)).to.deep.equal([1n, 0n]);
  });

  it("given more than 18 decimals, refuses", async () => {
    const { reputation, buyerWallet } = world;
    await expect(giveAs(buyerWallet, { valueDecimals: 19n }))
      .to.be.revertedWithCustomError(reputation, "DecimalsTooMany")
      .withArgs(19n, 18n);
  });

  it("adds up ratings of different decimals, and takes out what is revoked", async () => {
    const { reputation, seller, buyerWallet } = world;
    const second = await settle(world);
    await giveAs(buyerWallet, { value: 805n, valueDecimals: 1n });
    await giveAs(buyerWallet, { value: 90n }, TRANSCRIPT, second);
    expect(await reputation.dealSummary(seller)).to.deep.equal([2n, (1_705n * WHOLE) / 10n]);
    await reputation.connect(buyerWallet).revokeFeedback(seller, 1n);
    expect(await reputation.dealSummary(seller)).to.deep.equal([1n, 90n * WHOLE]);
  });

  it("given a rating that was revoked, takes no other", async () => {
    const { reputation, buyer, seller, buyerWallet } = world;
    await giveAs(buyerWallet);
    await reputation.connect(buyerWallet).revokeFeedback(seller, 1n);
    await expect(giveAs(buyerWallet))
      .to.be.revertedWithCustomError(reputation, "DealRatedAlready")
      .withArgs(hashDeal(deal), buyer);
    expect(await reputation.dealSummary(seller)).to.deep.equal([0n, 0n]);
  });

  it("goes with the token: the new owner may rate if the old one hasn't", async () => {
    const { registry, reputation, buyer, buyerOwner, buyerWallet, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    for (const former of [buyerOwner, buyerWallet]) {
      await expect(giveAs(former))
        .to.be.revertedWithCustomError(reputation, "NotParty")
        .withArgs(hashDeal(deal), former.address);
    }
    await giveAs(stranger);
  });

  it("gives no second rating to a token that changed hands and came back", async () => {
    const { registry, reputation, buyer, buyerOwner, stranger } = world;
    await giveAs(buyerOwner);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await expect(giveAs(stranger)).to.be.revertedWithCustomError(reputation, "DealRatedAlready");
    await registry.connect(stranger).transferFrom(stranger, buyerOwner, buyer);
    await expect(giveAs(buyerOwner)).to.be.revertedWithCustomError(reputation, "DealRatedAlready");
  });

  it("doesn't keep an owner of both agents from rating itself by two addresses", async () => {
    const { registry, reputation, seller, sellerOwner, buyerOwner, buyerWallet } = world;
    await registry.connect(sellerOwner).transferFrom(sellerOwner, buyerOwner, seller);
    await giveAs(buyerWallet, { value: 100n });
    expect(await reputation.dealSummary(seller)).to.deep.equal([1n, 100n * WHOLE]);
  });

  it("takes the same gas to sum up one rating or several", async () => {
    const { reputation, seller, buyerWallet } = world;
    await giveAs(buyerWallet);
    const once = await reputation.dealSummary.estimateGas(seller);
    for (let i = 0; i < 4; i += 1) await giveAs(buyerWallet, {}, TRANSCRIPT, await settle(world));
    expect(await reputation.dealSummary.estimateGas(seller)).to.equal(once);
  });
});

describe("ReputationRegistry, as deployed", () => {
  it("names its Settlement, and that one's registry as its own", async () => {
    const { reputation, registry, settlement } = await loadReputation();
    expect(await reputation.getIdentityRegistry()).to.equal(await registry.getAddress());
    expect(await reputation.settlement()).to.equal(await settlement.getAddress());
  });
});
