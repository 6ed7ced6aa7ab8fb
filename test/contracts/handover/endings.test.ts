// Every way in which a deal can end, and what becomes of the assets: nobody gets one without the other's pay or word.
import { expect } from "chai";
import { declare } from "../exploits/helpers.ts";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { consentToSplit } from "../fixtures/splits.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import type { Deal } from "../typedData.ts";
import {
  expectFate,
  expectNot,
  Fate,
  type HandOverWorld,
  latestUntil,
  loadHandOver,
  put,
  take,
  takeBack,
} from "./fixtures.ts";

describe("what becomes of assets", () => {
  let world: HandOverWorld;
  let deal: Deal;
  let since: number;
  let until: number;

  async function load() {
    world = await loadHandOver({ reviewPeriod: 6 * HOUR, rulingWithin: 0 });
    deal = world.deal;
    await begin();
  }

  async function begin() {
    since = await commit(world, deal);
    until = latestUntil(since, deal);
    await put(world, "seller", world.relic, { until });
    await put(world, "buyer", world.coin, { until, inReturn: world.relic });
  }

  /** A deal that the seller declared, since the buyer has no mandate; returns the transcript. */
  async function loadDeclared(): Promise<string> {
    world = await loadHandOver();
    deal = world.deal;
    await world.settlement.connect(world.buyerOwner).setUnlimited(world.buyer, false);
    return await declare(world, deal, world.sellerWallet);
  }

  beforeEach(async () => await load());

  const deliver = () => world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
  const accept = () => world.settlement.connect(world.buyerWallet).accept(deal, TRANSCRIPT);
  const dispute = async (share = 0) => {
    await deliver();
    const value = { value: deal.maxFee };
    await world.settlement.connect(world.buyerWallet).dispute(deal, TRANSCRIPT, share, ethers.ZeroHash, value);
  };
  const split = async (toSeller: bigint) => {
    const signed = await consentToSplit(world, deal, toSeller, until);
    await world.settlement.split(deal, TRANSCRIPT, toSeller, until, ...signed);
  };
  const close = async (total: bigint, ended = true) => {
    const paid = await receipt(world, deal, total);
    await world.settlement.connect(world.sellerWallet).claimReceipt(deal, TRANSCRIPT, total, paid, ended);
  };

  async function expectBoth(fate: bigint) {
    await expectFate(world, "seller", world.relic, fate);
    await expectFate(world, "buyer", world.coin, fate);
  }

  /** Both change hands, whenever somebody cares to. */
  async function expectSwapped() {
    await expectBoth(Fate.Due);
    await networkHelpers.time.increaseTo(until + DAY);
    await take(world, "seller", world.relic);
    await take(world, "buyer", world.coin);
  }

  /** Neither does, and after the time both go back. */
  async function expectReturned() {
    const { relic } = world;
    await expectNot(world, take(world, "seller", relic), relic, await now(), Fate.Due);
    const latest = await networkHelpers.time.latest();
    if (latest <= until) await networkHelpers.time.increaseTo(until + 1);
    await expectBoth(Fate.Back);
    await takeBack(world, "seller", relic);
    await takeBack(world, "buyer", world.coin);
  }

  /** What an asset is that isn't due: in a call of the next second. */
  async function now(): Promise<bigint> {
    return (await networkHelpers.time.latest()) + 1 > until ? Fate.Back : Fate.Open;
  }

  describe("given that the seller was paid in full", () => {
    it("by acceptance, before delivery and after", async () => {
      await accept();
      await expectSwapped();
      await load();
      await deliver();
      await accept();
      await expectSwapped();
    });

    it("by silence after delivery", async () => {
      await deliver();
      await networkHelpers.time.increase(deal.reviewPeriod);
      await world.settlement.claim(deal, TRANSCRIPT);
      await expectSwapped();
    });

    it("by a receipt that closes the deal", async () => {
      await close(deal.price);
      await expectSwapped();
    });

    it("by receipts, while the deal goes on: only its end decides", async () => {
      await close(deal.price, false);
      await expectBoth(Fate.Open);
      await accept();
      await expectSwapped();
    });

    it("in a declared deal that was cured: its time is counted from the cure", async () => {
      const transcript = await loadDeclared();
      const { settlement, buyer, buyerOwner, relic, handOver } = world;
      await networkHelpers.time.increase(HOUR / 2);
      const now = (await networkHelpers.time.latest()) + 10;
      await at(now - 5, () => settlement.connect(buyerOwner).setUnlimited(buyer, true));
      until = latestUntil(now - 5, deal);
      await put(world, "seller", relic, { transcript, until });
      since = await at(now + 10, async () => {
        await settlement.cure(deal, transcript);
        return await networkHelpers.time.latest();
      });
      const refunding = at(until + 1, () => settlement.refund(deal, transcript));
      await expect(refunding).to.be.revertedWithCustomError(settlement, "DeadlineNotPassed");
      await handOver.takeBack(deal, transcript, false, relic, ethers.ZeroAddress);
    });

    it("in a declared deal that was cured and accepted", async () => {
      const transcript = await loadDeclared();
      const { settlement, buyer, buyerOwner, buyerWallet, relic, handOver } = world;
      await put(world, "seller", relic, { transcript });
      await settlement.connect(buyerOwner).setUnlimited(buyer, true);
      await settlement.cure(deal, transcript);
      await settlement.connect(buyerWallet).accept(deal, transcript);
      await handOver.take(deal, transcript, false, relic, ethers.ZeroAddress);
    });
  });

  describe("given what the putter itself agreed to", () => {
    it("by closing the deal for less, as its seller: the buyer gets what it asked for, for less", async () => {
      await close(1n);
      await expectSwapped();
    });

    it("by a split, even one that pays the seller nothing", async () => {
      await split(0n);
      await expectSwapped();
    });
  });

  describe("given that the buyer got its money back without the seller's word", () => {
    it("by a refund in the first second that there can be one", async () => {
      await at(until + 1, () => world.settlement.refund(deal, TRANSCRIPT));
      await expectReturned();
    });

    it("by a refund of a deal that was committed as late as it could be", async () => {
      world = await loadHandOver();
      deal = world.deal;
      await networkHelpers.time.increaseTo(Number(deal.commitBy) - 3_000);
      until = latestUntil((await networkHelpers.time.latest()) + 10, deal);
      await networkHelpers.time.increase(8);
      await put(world, "seller", world.relic, { until: until - 10 });
      await put(world, "buyer", world.coin, { until: until - 10, inReturn: world.relic });
      since = await at(Number(deal.commitBy), async () => await commit(world, deal));
      await at(latestUntil(since, deal) + 1, () => world.settlement.refund(deal, TRANSCRIPT));
      await expectReturned();
    });

    it("by a default of the other side", async () => {
      const transcript = await loadDeclared();
      const { settlement, relic, handOver } = world;
      until = (await networkHelpers.time.latest()) + 3 * HOUR;
      await put(world, "seller", relic, { transcript, until });
      await networkHelpers.time.increaseTo(until);
      await settlement.penalise(deal, transcript);
      await handOver.takeBack(deal, transcript, false, relic, ethers.ZeroAddress);
    });
  });

  describe("given a dispute, however it ended and whoever was paid", () => {
    it("by the seller's consent", async () => {
      await dispute();
      await world.settlement.connect(world.sellerWallet).answer(deal, TRANSCRIPT, 0, ethers.ZeroHash);
      await expectReturned();
    });

    it("by a split", async () => {
      await dispute();
      await split(1n);
      await expectReturned();
    });

    it("by a ruling", async () => {
      const arbitrator = await ethers.deployContract("CentralArbitrator", [world.deployer, 1n], world.deployer);
      deal = await makeDeal(world, { arbitrator: await arbitrator.getAddress(), reviewPeriod: HOUR });
      world = { ...world, deal, relic: { ...world.relic, number: 9n } };
      await begin();
      await dispute();
      const { settlement, sellerWallet } = world;
      await settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 10_000, ethers.ZeroHash);
      await settlement.refer(deal, TRANSCRIPT);
      await arbitrator.forceRuling(settlement, 0n, 2n);
      await settlement.execute(deal, TRANSCRIPT);
      await expectReturned();
    });

    it("by a lapse within the assets' time", async () => {
      await dispute();
      const { settlement } = world;
      const { rulingUntil } = await settlement.disputeOf(deal);
      await at(Number(rulingUntil) + 1, () => settlement.lapse(deal, TRANSCRIPT));
      await expectReturned();
    });

    it("and while it lasts", async () => {
      await dispute();
      await expectReturned();
    });
  });

  describe("given that the end came after the assets' time", () => {
    const ends: readonly (readonly [how: string, end: () => Promise<unknown>])[] = [
      ["accepted", accept],
      ["closed by a receipt", () => close(deal.price)],
      ["closed for less", () => close(1n)],
    ];
    for (const [how, end] of ends) {
      it(`${how} in the last second, they change hands`, async () => {
        until = since + 3 * HOUR;
        await putAnew();
        await at(until, end);
        await expectSwapped();
      });

      it(`${how} a second later, they go back`, async () => {
        until = since + 3 * HOUR;
        await putAnew();
        await at(until + 1, end);
        await expectReturned();
      });
    }

    /** The same kinds of assets again, for a shorter time. */
    async function putAnew() {
      world = { ...world, relic: { ...world.relic, number: 8n }, coin: { ...world.coin, number: 1n } };
      await put(world, "seller", world.relic, { until });
      await put(world, "buyer", world.coin, { until, inReturn: world.relic });
    }
  });

  it("given that the deal never ends, they go back", async () => {
    await expectReturned();
  });
});
