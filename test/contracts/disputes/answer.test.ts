import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { at } from "../fixtures/time.ts";
import { hashDeal } from "../typedData.ts";
import {
  answer,
  claimReceipt,
  type DisputeWorld,
  dispute,
  EVIDENCE,
  expectAllBooks,
  expectFree,
  loadDelivered,
  refer,
  STATEMENT_PERIOD,
} from "./fixtures.ts";

describe("Settlement.answer", () => {
  let world: DisputeWorld;
  let since: number;

  beforeEach(async () => {
    world = await loadDelivered();
    since = await dispute(world, 2_000);
  });

  for (const who of ["sellerWallet", "sellerOwner"] as const) {
    it(`given the ${who}, notes its statement and nothing else`, async () => {
      const { settlement, deal } = world;
      await expect(settlement.connect(world[who]).answer(deal, TRANSCRIPT, 9_000, EVIDENCE))
        .to.emit(settlement, "Answered")
        .withArgs(hashDeal(deal), 9_000, EVIDENCE);
      const { buyerShare, sellerShare, answered } = await settlement.disputeOf(deal);
      expect([buyerShare, sellerShare, answered]).to.deep.equal([2_000n, 9_000n, true]);
      await expectStatus(settlement, deal, Status.Disputed, since);
      await expectAllBooks(world, escrowOf(deal), deal.maxFee);
    });
  }

  it("given anybody else, the buyer included, refuses", async () => {
    const { settlement, seller, deal, buyerWallet, buyerOwner, relayer } = world;
    for (const caller of [buyerWallet, buyerOwner, relayer]) {
      await expect(settlement.connect(caller).answer(deal, TRANSCRIPT, 9_000, EVIDENCE))
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(seller, caller.address);
    }
  });

  it("counts up to the last second of the day", async () => {
    await networkHelpers.time.setNextBlockTimestamp(since + STATEMENT_PERIOD);
    await answer(world);
    expect((await world.settlement.disputeOf(world.deal)).answered).to.equal(true);
  });

  it("given a second more, refuses", async () => {
    const { settlement, sellerWallet, deal } = world;
    const deadline = since + STATEMENT_PERIOD;
    const answering = at(deadline + 1, () =>
      settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 9_000, EVIDENCE),
    );
    await expect(answering)
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), deadline + 1, deadline);
  });

  it("counts once", async () => {
    const { settlement, sellerWallet, deal } = world;
    await answer(world, 9_000);
    await expect(settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 1_000, EVIDENCE))
      .to.be.revertedWithCustomError(settlement, "AlreadyAnswered")
      .withArgs(hashDeal(deal));
  });

  it("given a dispute that was referred, refuses, answered or not", async () => {
    const { settlement, sellerWallet, deal } = world;
    await networkHelpers.time.increaseTo(since + STATEMENT_PERIOD);
    await refer(world);
    await expect(
      settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 9_000, EVIDENCE),
    ).to.be.revertedWithCustomError(settlement, "DeadlinePassed");

    world = await loadDelivered();
    await dispute(world);
    await answer(world);
    await refer(world);
    await expect(
      world.settlement.connect(world.sellerWallet).answer(world.deal, TRANSCRIPT, 9_000, EVIDENCE),
    ).to.be.revertedWithCustomError(world.settlement, "AlreadyAnswered");
  });

  it("given a share above the whole, refuses; the whole itself can be asked for", async () => {
    const { settlement, sellerWallet, deal } = world;
    await expect(settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 10_001, EVIDENCE))
      .to.be.revertedWithCustomError(settlement, "ShareTooHigh")
      .withArgs(hashDeal(deal), 10_001, 10_000);
    await answer(world, 10_000);
    expect((await settlement.disputeOf(deal)).answered).to.equal(true);
  });

  it("given a deal that isn't disputed, refuses", async () => {
    const { settlement, sellerWallet, deal } = world;
    await answer(world, 2_000);
    await expect(settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 2_000, EVIDENCE))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, 1n << Status.Disputed);
  });

  for (const share of [0, 1_999, 2_000]) {
    it(`given ${share}, which is no more than the buyer owns to, ends the dispute there`, async () => {
      const { settlement, sellerWallet, deal } = world;
      const price = (deal.price * BigInt(share)) / 10_000n;
      const answering = settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, share, EVIDENCE);
      await expect(answering).to.emit(settlement, "Answered").withArgs(hashDeal(deal), share, EVIDENCE);
      await expect(answering)
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Agreed, deal.price - price + deal.buyerBond, price + deal.sellerBond);
      await expectFree(world, deal.token, -price, price);
      await expectFree(world, NATIVE, deal.maxFee, 0n);
      await expectAllBooks(world, 0n, 0n);
    });
  }

  it("given one basis point more than the buyer owns to, doesn't", async () => {
    await answer(world, 2_001);
    await expectStatus(world.settlement, world.deal, Status.Disputed, since);
  });

  it("given receipts of more than what is agreed, pays what they say", async () => {
    const { deal } = world;
    await claimReceipt(world, deal, 30_000_000n);
    await answer(world, 2_000);
    await expectFree(world, deal.token, -30_000_000n, 30_000_000n);
    await expectAllBooks(world, 0n, 0n);
  });
});
