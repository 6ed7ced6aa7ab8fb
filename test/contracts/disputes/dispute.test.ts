import { expect } from "chai";
import { act } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Kind, Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import { hashAct, hashDeal } from "../typedData.ts";
import {
  type DisputeWorld,
  deliver,
  dispute,
  EVIDENCE,
  expectAllBooks,
  expectFree,
  loadDelivered,
} from "./fixtures.ts";

describe("Settlement.dispute", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered();
  });

  for (const who of ["buyerWallet", "buyerOwner"] as const) {
    it(`given the ${who}, notes its statement and takes the deposit`, async () => {
      const { settlement, deal, reviewUntil } = world;
      const time = reviewUntil - DAY;
      const rulingUntil = time + DAY + deal.rulingWithin;
      const disputing = at(time, () =>
        settlement.connect(world[who]).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee }),
      );
      await expect(disputing).to.emit(settlement, "Disputed").withArgs(hashDeal(deal), 2_000, EVIDENCE, rulingUntil);
      await expectStatus(settlement, deal, Status.Disputed, time);
      const { buyerShare, sellerShare, answered, referred } = await settlement.disputeOf(deal);
      expect([buyerShare, sellerShare, answered, referred]).to.deep.equal([2_000n, 10_000n, false, false]);
      expect((await settlement.disputeOf(deal)).rulingUntil).to.equal(rulingUntil);
      await expect(disputing).to.changeEtherBalances(ethers, [world[who], settlement], [-deal.maxFee, deal.maxFee]);
      await expectAllBooks(world, escrowOf(deal), deal.maxFee);
    });
  }

  it("given anybody else, the seller included, refuses", async () => {
    const { settlement, buyer, deal, sellerWallet, sellerOwner, relayer } = world;
    for (const caller of [sellerWallet, sellerOwner, relayer]) {
      const disputing = settlement.connect(caller).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee });
      await expect(disputing)
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(buyer, caller.address);
    }
  });

  it("given a new owner, lets it dispute what the former bought", async () => {
    const { registry, settlement, buyer, buyerOwner, deal, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await settlement.connect(stranger).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee });
  });

  it("given any other fee than exactly the deal's, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    for (const value of [0n, deal.maxFee - 1n, deal.maxFee + 1n]) {
      await expect(settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value }))
        .to.be.revertedWithCustomError(settlement, "WrongFee")
        .withArgs(hashDeal(deal), value, deal.maxFee);
    }
  });

  it("given a deal without a fee, takes none", async () => {
    const free = await makeDeal(world, { maxFee: 0n, arbitrator: world.deal.arbitrator });
    await deliver(world, free);
    await dispute(world, 2_000, free);
    await expectAllBooks(world, escrowOf(world.deal) + escrowOf(free), 0n);
  });

  it("counts up to the last second of the review", async () => {
    const { settlement, reviewUntil, deal } = world;
    await networkHelpers.time.setNextBlockTimestamp(reviewUntil);
    await dispute(world);
    await expectStatus(settlement, deal, Status.Disputed, reviewUntil);
  });

  it("given a second more, refuses", async () => {
    const { settlement, buyerWallet, deal, reviewUntil } = world;
    const disputing = at(reviewUntil + 1, () =>
      settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee }),
    );
    await expect(disputing)
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), reviewUntil + 1, reviewUntil);
  });

  it("given a share of up to the whole, takes it; above, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    await expect(settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 10_001, EVIDENCE, { value: deal.maxFee }))
      .to.be.revertedWithCustomError(settlement, "ShareTooHigh")
      .withArgs(hashDeal(deal), 10_001, 10_000);
    await dispute(world, 10_000);
    expect((await settlement.disputeOf(deal)).buyerShare).to.equal(10_000n);
  });

  it("given a deal that isn't delivered, or is disputed or settled, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    const send = (of = deal) =>
      settlement.connect(buyerWallet).dispute(of, TRANSCRIPT, 2_000, EVIDENCE, { value: of.maxFee });
    const expectRefused = async (status: bigint, of = deal) =>
      await expect(send(of))
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(of), status, 1n << Status.Delivered);

    const undelivered = await makeDeal(world, { arbitrator: deal.arbitrator });
    await commit(world, undelivered);
    await expectRefused(Status.Committed, undelivered);
    await dispute(world);
    await expectRefused(Status.Disputed);
    await settlement.connect(buyerWallet).accept(undelivered, TRANSCRIPT);
    await expectRefused(Status.Settled, undelivered);
  });

  it("given a metered deal, refuses at any time: it is never delivered", async () => {
    const { settlement, buyerWallet, deal } = world;
    const metered = await makeDeal(world, { arbitrator: deal.arbitrator, reviewPeriod: 0 });
    const since = await commit(world, metered);
    for (const time of [since + 60, since + metered.deliverWithin + 1]) {
      const disputing = at(time, () =>
        settlement.connect(buyerWallet).dispute(metered, TRANSCRIPT, 0, EVIDENCE, { value: metered.maxFee }),
      );
      await expect(disputing)
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(metered), Status.Committed, 1n << Status.Delivered);
    }
  });

  it("given another transcript, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    const other = ethers.id("another transcript");
    await expect(
      settlement.connect(buyerWallet).dispute(deal, other, 2_000, EVIDENCE, { value: deal.maxFee }),
    ).to.be.revertedWithCustomError(settlement, "DealMismatch");
  });

  it("keeps the price from being accepted, claimed or refunded until the dispute is over", async () => {
    const { settlement, buyerWallet, deal, reviewUntil } = world;
    await dispute(world);
    await networkHelpers.time.increaseTo(reviewUntil + 1);
    for (const [act, allowed] of [
      ["accept", (1n << Status.Committed) | (1n << Status.Delivered)],
      ["claim", 1n << Status.Delivered],
      ["refund", 1n << Status.Committed],
    ] as const) {
      await expect(settlement.connect(buyerWallet)[act](deal, TRANSCRIPT))
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(deal), Status.Disputed, allowed);
    }
  });

  it("given a split by both keys, ends and gives the deposit back", async () => {
    const { settlement, relayer, deal } = world;
    await dispute(world);
    const [toSeller, until] = [50_000_000n, (await networkHelpers.time.latest()) + DAY];
    const body = hashAct("Split", { deal: hashDeal(deal), toSeller, until });
    const side = (agent: bigint, signer: typeof relayer) =>
      act(world, deal, { agent, signer, kind: Kind.Cancel, body });
    const buyer = await side(deal.buyer, world.buyerWallet);
    const seller = await side(deal.seller, world.sellerWallet);
    await settlement.connect(relayer).splitBySession(deal, TRANSCRIPT, toSeller, until, buyer, seller);
    await expectFree(world, deal.token, deal.sellerBond - toSeller, toSeller - deal.sellerBond);
    await expectFree(world, ethers.ZeroAddress, deal.maxFee, 0n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given the extension's own address, refuses: coin would be stuck there", async () => {
    const { settlement, buyerWallet, deal } = world;
    const address = await settlement.extension();
    const extension = (await ethers.getContractAt("SettlementExtension", address)).connect(buyerWallet);
    for (const sending of [
      () => extension.dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee }),
      () => extension.refer(deal, TRANSCRIPT, { value: 1n }),
    ]) {
      await expect(sending()).to.be.revertedWithCustomError(settlement, "CalledDirectly").withArgs(address);
    }
  });
});
