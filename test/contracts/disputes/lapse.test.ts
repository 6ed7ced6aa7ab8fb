import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { NATIVE } from "../fixtures/chain.ts";
import { escrowOf, expectStatus } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import { hashDeal } from "../typedData.ts";
import {
  answer,
  COST,
  claimReceipt,
  type DisputeWorld,
  dispute,
  expectAllBooks,
  expectFree,
  loadDelivered,
  refer,
} from "./fixtures.ts";

describe("Settlement.lapse", () => {
  let world: DisputeWorld;
  let rulingUntil: number;

  beforeEach(async () => {
    await begin();
  });

  async function begin(changes: Parameters<typeof loadDelivered>[0] = {}) {
    world = await loadDelivered(changes);
    rulingUntil = (await dispute(world)) + DAY + world.deal.rulingWithin;
  }

  function send(time = rulingUntil + 1) {
    return at(time, () => world.settlement.connect(world.relayer).lapse(world.deal, TRANSCRIPT));
  }

  it("given no ruling in time, pays the share on lapse and returns bonds and deposit, whoever calls", async () => {
    const { settlement, deal } = world;
    await expect(send())
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Lapsed, deal.price / 2n + deal.buyerBond, deal.price / 2n + deal.sellerBond);
    await expectStatus(settlement, deal, Status.Settled, rulingUntil + 1);
    await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
    await expectFree(world, NATIVE, deal.maxFee, 0n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given the last second for a ruling, refuses", async () => {
    const { settlement, deal } = world;
    await expect(send(rulingUntil))
      .to.be.revertedWithCustomError(settlement, "DeadlineNotPassed")
      .withArgs(hashDeal(deal), rulingUntil, rulingUntil);
  });

  for (const [lapseShare, toSeller] of [
    [0, 0n],
    [3_333, 33_330_000n],
    [10_000, 100_000_000n],
  ] as const) {
    it(`given a share of ${lapseShare}, pays just that, whatever was stated`, async () => {
      await begin({ lapseShare });
      const { deal } = world;
      await answer(world, 9_000);
      await send();
      await expectFree(world, deal.token, -toSeller, toSeller);
      await expectAllBooks(world, 0n, 0n);
    });
  }

  it("given an arbitrator that was asked and never ruled, keeps from the buyer only what it got", async () => {
    const { deal } = world;
    await answer(world);
    await refer(world);
    await send();
    await expectFree(world, NATIVE, deal.maxFee - COST, 0n);
    await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given receipts of more than the share, pays what they say", async () => {
    const { settlement, deal } = world;
    await claimReceipt(world, deal, 70_000_000n);
    await expect(send())
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Lapsed, 30_000_000n + deal.buyerBond, deal.sellerBond);
    await expectFree(world, deal.token, -70_000_000n, 70_000_000n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given no time for a ruling at all, comes after the seller's day", async () => {
    await begin({ rulingWithin: 0 });
    const { settlement, deal } = world;
    await expect(send(rulingUntil)).to.be.revertedWithCustomError(settlement, "DeadlineNotPassed");
    const referring = () => settlement.refer(deal, TRANSCRIPT);
    await expect(at(rulingUntil, referring)).to.be.revertedWithCustomError(settlement, "DeadlineNotPassed");
    await expect(at(rulingUntil + 1, referring)).to.be.revertedWithCustomError(settlement, "DeadlinePassed");
    await send(rulingUntil + 1);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given the longest time that there is, still comes", async () => {
    await begin({ rulingWithin: 2 ** 32 - 1 });
    await send();
    await expectAllBooks(world, 0n, 0n);
  });

  it("given a ruling in time, refuses for ever", async () => {
    const { settlement, arbitrator, deal } = world;
    await answer(world);
    const id = await refer(world);
    await at(rulingUntil, () => arbitrator.giveRuling(id, 0n));
    await expect(send()).to.be.revertedWithCustomError(settlement, "AlreadyRuled").withArgs(hashDeal(deal));
    await expectAllBooks(world, escrowOf(deal), 0n);
  });

  it("given a deal that isn't disputed, refuses", async () => {
    const { settlement, deal } = world;
    await send();
    await expect(send(rulingUntil + 2))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, 1n << Status.Disputed);
  });
});
