import { expect } from "chai";
import { declare } from "../exploits/helpers.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { hashDeal } from "../typedData.ts";
import {
  expectFate,
  expectRefused,
  Fate,
  type HandOverWorld,
  holderOf,
  latestUntil,
  loadHandOver,
  NOTHING,
  put,
  supply,
} from "./fixtures.ts";

const PUTTABLE = (1n << Status.Committed) | (1n << Status.Delivered) | (1n << Status.Declared);

describe("HandOver.put", () => {
  let world: HandOverWorld;

  beforeEach(async () => {
    world = await loadHandOver();
  });

  async function expectArgs(sending: Promise<unknown>, error: string, ...args: unknown[]) {
    await expectRefused(world, sending, error, ...args);
  }

  describe("given wallet or owner of its side", () => {
    for (const by of ["sellerWallet", "sellerOwner"] as const) {
      it(`takes an ERC-721 from the ${by}`, async () => {
        const { handOver, deal, relic, seller } = world;
        const until = (await networkHelpers.time.latest()) + HOUR;
        await expect(put(world, "seller", relic, { by: world[by], until }))
          .to.emit(handOver, "AssetPut")
          .withArgs(hashDeal(deal), seller, relic.token, relic.number, TRANSCRIPT, [NOTHING.token, 0n], until);
        expect(await holderOf(world)).to.equal(await handOver.getAddress());
        const { parcel, fate } = await handOver.parcelOf(deal, TRANSCRIPT, false, relic);
        expect([parcel.from, parcel.until, parcel.unique, parcel.handed, parcel.inReturn, fate]).to.deep.equal([
          world[by].address,
          BigInt(until),
          true,
          false,
          ethers.ZeroHash,
          Fate.Open,
        ]);
      });
    }

    it("takes an ERC-20 of the buyer's, in return for an asset that isn't there yet", async () => {
      const { handOver, deal, coin, relic, coins } = world;
      await put(world, "buyer", coin, { inReturn: relic });
      expect(await coins.balanceOf(handOver)).to.equal(coin.number);
      const { parcel } = await handOver.parcelOf(deal, TRANSCRIPT, true, coin);
      expect(parcel.unique).to.equal(false);
      expect(parcel.inReturn).not.to.equal(ethers.ZeroHash);
    });

    it("takes several assets for one deal, and the same amount from each side", async () => {
      const { handOver, coin, relic, coins } = world;
      await put(world, "seller", relic);
      await put(world, "seller", coin);
      await put(world, "seller", { ...coin, number: 1n });
      await put(world, "buyer", coin, { inReturn: relic });
      expect(await coins.balanceOf(handOver)).to.equal(2n * coin.number + 1n);
    });

    it("takes tokens whose transfers answer nothing", async () => {
      const silent = await ethers.deployContract("SilentToken");
      await put(world, "seller", { token: await silent.getAddress(), number: 5n });
      expect(await silent.balanceOf(world.handOver)).to.equal(5n);
    });

    it("takes another agent's token", async () => {
      const { registry, handOver, stranger, sellerWallet } = world;
      await registry.connect(stranger)["register()"]();
      const agent = await registry.agentCount();
      await registry.connect(stranger).transferFrom(stranger, sellerWallet, agent);
      await registry.connect(sellerWallet).approve(handOver, agent);
      const until = (await networkHelpers.time.latest()) + HOUR;
      const asset = { token: await registry.getAddress(), number: agent };
      await handOver.connect(sellerWallet).put(world.deal, TRANSCRIPT, false, asset, NOTHING, until);
      expect(await registry.ownerOf(agent)).to.equal(await handOver.getAddress());
    });
  });

  describe("given somebody else", () => {
    it("refuses the other side, an operator of the agent's token and strangers", async () => {
      const { registry, seller, sellerOwner, relayer, relic, buyerWallet, stranger } = world;
      await registry.connect(sellerOwner).approve(relayer, seller);
      let number = 0n;
      for (const by of [buyerWallet, relayer, stranger]) {
        number += 1n;
        await expectArgs(put(world, "seller", { ...relic, number }, { by }), "NotOwnerOrWallet", seller, by.address);
      }
    });

    it("refuses everybody for an agent without wallet but its owner", async () => {
      const { registry, seller, sellerOwner, sellerWallet, relic, coin } = world;
      await registry.connect(sellerOwner).unsetAgentWallet(seller);
      await expectArgs(put(world, "seller", relic), "NotOwnerOrWallet", seller, sellerWallet.address);
      await put(world, "seller", coin, { by: sellerOwner });
    });

    it("refuses an agent that doesn't exist", async () => {
      const { registry, relic } = world;
      const of = await makeDeal(world, { seller: 99n });
      await expect(put(world, "seller", relic, { of })).to.be.revertedWithCustomError(
        registry,
        "ERC721NonexistentToken",
      );
    });
  });

  describe("given the time that it is for", () => {
    /** Puts at a given second, the asset having been supplied before. */
    async function putAt(time: number, until: number, number: bigint) {
      const { handOver, deal, coin, sellerWallet } = world;
      const asset = { ...coin, number };
      await supply(world, asset, sellerWallet);
      const sending = handOver.connect(sellerWallet);
      return await at(time, () => sending.put(deal, TRANSCRIPT, false, asset, NOTHING, until));
    }

    it("before a commitment, takes up to a day after the time for delivery, as counted from now", async () => {
      const { deal } = world;
      const now = (await networkHelpers.time.latest()) + 100;
      const limit = latestUntil(now, deal);
      await expectArgs(putAt(now, limit + 1, 1n), "UntilTooFar", limit + 1, limit);
      await putAt(now + 10, limit + 10, 2n);
    });

    it("after the commitment, counts from that", async () => {
      const { deal, handOver } = world;
      const since = await commit(world, deal);
      const limit = latestUntil(since, deal);
      expect(await handOver.latestUntil(deal, TRANSCRIPT)).to.equal(limit);
      await expectArgs(putAt(since + HOUR, limit + 1, 1n), "UntilTooFar", limit + 1, limit);
      await putAt(since + 2 * HOUR, limit, 2n);
    });

    it("after the delivery, counts from that, since no refund is possible any more", async () => {
      world = await loadHandOver({ reviewPeriod: 2 * DAY });
      const { deal, handOver, settlement, sellerWallet } = world;
      await commit(world, deal);
      await networkHelpers.time.increase(HOUR);
      await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
      const limit = latestUntil(await networkHelpers.time.latest(), deal);
      expect(await handOver.latestUntil(deal, TRANSCRIPT)).to.equal(limit);
      await put(world, "seller", world.relic, { until: limit });
    });

    it("after a declaration, counts from now: the commitment is still to come", async () => {
      const { settlement, deal, handOver, buyerOwner, buyer, sellerWallet } = world;
      await settlement.connect(buyerOwner).setUnlimited(buyer, false);
      const transcript = await declare(world, deal, sellerWallet);
      expect((await settlement.recordOf(deal)).status).to.equal(Status.Declared);
      await networkHelpers.time.increase(HOUR / 2);
      const now = (await networkHelpers.time.latest()) + 10;
      await networkHelpers.time.setNextBlockTimestamp(now);
      await networkHelpers.mine();
      expect(await handOver.latestUntil(deal, transcript)).to.equal(latestUntil(now, deal));
      await put(world, "seller", world.relic, { transcript, until: latestUntil(now, deal) });
    });

    it("takes up to this very second, and refuses what is over", async () => {
      const now = (await networkHelpers.time.latest()) + 100;
      await expectArgs(putAt(now, now - 1, 1n), "UntilPassed", now, now - 1);
      await putAt(now + 10, now + 10, 2n);
    });
  });

  describe("given a deal for which nothing can be due any more", () => {
    it("refuses a settled one", async () => {
      const { settlement, deal, buyerWallet, relic } = world;
      await commit(world, deal);
      await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
      await expectArgs(put(world, "seller", relic), "StatusMismatch", hashDeal(deal), Status.Settled, PUTTABLE);
    });

    it("refuses a disputed one", async () => {
      world = await loadHandOver({ reviewPeriod: DAY });
      const { settlement, deal, buyerWallet, sellerWallet, relic } = world;
      await commit(world, deal);
      await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
      await settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 0, ethers.ZeroHash, { value: deal.maxFee });
      await expectArgs(put(world, "seller", relic), "StatusMismatch", hashDeal(deal), Status.Disputed, PUTTABLE);
    });

    it("refuses one of whose negotiation another deal, or the same with another transcript, is on record", async () => {
      const { settlement, deal, relic, coin } = world;
      await commit(world, deal);
      const { fingerprint } = await settlement.recordOf(deal);
      const of = { ...deal, price: deal.price + 1n };
      const none = (hash: string, transcript: string) =>
        ethers.dataSlice(ethers.keccak256(ethers.concat([hash, transcript])), 0, 26);
      await expectArgs(
        put(world, "seller", relic, { of }),
        "DealMismatch",
        hashDeal(of),
        none(hashDeal(of), TRANSCRIPT),
        fingerprint,
      );
      const transcript = ethers.id("another");
      await expectArgs(
        put(world, "seller", coin, { transcript }),
        "DealMismatch",
        hashDeal(deal),
        none(hashDeal(deal), transcript),
        fingerprint,
      );
    });
  });

  describe("given what is put", () => {
    it("refuses the same asset twice, until it was taken back", async () => {
      const { handOver, deal, coin } = world;
      const until = (await networkHelpers.time.latest()) + HOUR;
      await put(world, "seller", coin, { until });
      await expectArgs(put(world, "seller", coin), "AlreadyPut", hashDeal(deal), coin.token, coin.number);
      await at(until + 1, () => handOver.takeBack(deal, TRANSCRIPT, false, coin, ethers.ZeroAddress));
      await put(world, "seller", coin);
      await expectFate(world, "seller", coin, Fate.Open);
    });

    it("refuses the buyer's for nothing where there is a price, and takes it where there is none", async () => {
      const { deal, coin } = world;
      await expectArgs(put(world, "buyer", coin), "ReturnMissing", hashDeal(deal), deal.price);
      const of = await makeDeal(world, { price: 0n });
      await put(world, "buyer", coin, { of });
    });

    it("refuses either agent of the deal itself", async () => {
      const { registry, handOver, deal, seller, buyer, sellerOwner } = world;
      const token = await registry.getAddress();
      const until = (await networkHelpers.time.latest()) + HOUR;
      await registry.connect(sellerOwner).approve(handOver, seller);
      for (const number of [seller, buyer]) {
        await expectArgs(
          handOver.connect(sellerOwner).put(deal, TRANSCRIPT, false, { token, number }, NOTHING, until),
          "AgentOfDeal",
          hashDeal(deal),
          number,
        );
      }
    });

    it("refuses what isn't a contract, native coin included", async () => {
      const { handOver, deal, sellerWallet, stranger } = world;
      const until = (await networkHelpers.time.latest()) + HOUR;
      for (const token of [ethers.ZeroAddress, stranger.address]) {
        await expectArgs(
          handOver.connect(sellerWallet).put(deal, TRANSCRIPT, false, { token, number: 1n }, NOTHING, until),
          "TokenWithoutCode",
          token,
        );
      }
    });

    it("refuses an ERC-20 of which less arrives than is named, or nothing", async () => {
      const fee = await (await ethers.deployContract("FeeToken")).getAddress();
      await expectArgs(put(world, "seller", { token: fee, number: 1_000n }), "ArrivedTooLittle", fee, 990n, 1_000n);
      // what lies here already makes up for nothing
      await (await ethers.getContractAt("FeeToken", fee)).mint(world.handOver, 1_000n);
      await expectArgs(put(world, "seller", { token: fee, number: 1_000n }), "ArrivedTooLittle", fee, 990n, 1_000n);
      const lying = await ethers.deployContract("LyingToken");
      const token = await lying.getAddress();
      const { handOver, deal, sellerWallet, coin } = world;
      const until = (await networkHelpers.time.latest()) + HOUR;
      await expectArgs(
        handOver.connect(sellerWallet).put(deal, TRANSCRIPT, false, { token, number: 5n }, NOTHING, until),
        "ArrivedTooLittle",
        token,
        0n,
        5n,
      );
      const none = { ...coin, number: 0n };
      await expectArgs(put(world, "seller", none), "ArrivedTooLittle", coin.token, 0n, 0n);
    });

    it("refuses an ERC-20 that returns false", async () => {
      const token = await ethers.deployContract("FalseToken");
      await token.setBroken(true);
      const asset = { token: await token.getAddress(), number: 5n };
      await expectArgs(put(world, "seller", asset), "SafeERC20FailedOperation", asset.token);
    });

    it("refuses an ERC-721 that stays where it was", async () => {
      const token = await (await ethers.deployContract("StillCollectible")).getAddress();
      await expectArgs(put(world, "seller", { token, number: 3n }), "ArrivedTooLittle", token, 0n, 1n);
    });

    it("refuses an ERC-721 that doesn't say so: it couldn't get out as an ERC-20", async () => {
      const token = await (await ethers.deployContract("MuteCollectible")).getAddress();
      await expectArgs(put(world, "seller", { token, number: 3n }), "ArrivedTooLittle", token, 1n, 3n);
    });

    it("refuses what the caller doesn't have or hasn't allowed", async () => {
      const { handOver, deal, relic, relics, coin, coins, sellerWallet, stranger } = world;
      await relics.mint(stranger, relic.number);
      await relics.connect(stranger).approve(handOver, relic.number);
      await coins.mint(sellerWallet, coin.number);
      const until = (await networkHelpers.time.latest()) + HOUR;
      const putting = handOver.connect(sellerWallet);
      await expect(putting.put(deal, TRANSCRIPT, false, relic, NOTHING, until)).to.be.revertedWithCustomError(
        relics,
        "ERC721IncorrectOwner",
      );
      await expect(putting.put(deal, TRANSCRIPT, false, coin, NOTHING, until)).to.be.revertedWithCustomError(
        coins,
        "ERC20InsufficientAllowance",
      );
    });

    it("is refused where it comes by itself: by safeTransferFrom, or as native coin", async () => {
      const { handOver, relics, relic, sellerWallet } = world;
      await relics.mint(sellerWallet, relic.number);
      const address = await handOver.getAddress();
      await expect(
        relics.connect(sellerWallet)["safeTransferFrom(address,address,uint256)"](sellerWallet, handOver, relic.number),
      )
        .to.be.revertedWithCustomError(relics, "ERC721InvalidReceiver")
        .withArgs(address);
      await expect(sellerWallet.sendTransaction({ to: address, value: 1n })).to.be.revertedWithoutReason(ethers);
    });
  });

  it("names its Settlement", async () => {
    expect(await world.handOver.settlement()).to.equal(await world.settlement.getAddress());
  });
});
