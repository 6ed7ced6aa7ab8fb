import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { bindBuyer, makeApproval } from "./fixtures.ts";

describe("Settlement.approve", () => {
  let world: World;
  let deal: Deal;
  let exposure: bigint;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    exposure = deal.price + deal.buyerBond;
    await bindBuyer(world, { threshold: exposure - 1n, approver: world.stranger.address });
  });

  async function expectMissing(approved: bigint, sent: Promise<unknown> = commit(world, deal)) {
    await expect(sent).to.be.revertedWithCustomError(world.settlement, "ApprovalMissing").withArgs(exposure, approved);
  }

  it("given an exposure of exactly the threshold, isn't needed", async () => {
    await expectMissing(0n);
    await bindBuyer(world, { threshold: exposure, approver: world.stranger.address });
    await commit(world, deal);
  });

  it("given the approver as sender, records its word, which then counts", async () => {
    const { settlement, stranger, buyer } = world;
    const approval = await makeApproval(world, deal);
    await expect(settlement.connect(stranger).approve(approval))
      .to.emit(settlement, "ApprovalRecorded")
      .withArgs(stranger.address, buyer, deal.negotiation, Object.values(approval));
    const recorded = [exposure, BigInt(approval.until), 1n];
    expect(await settlement.approved(stranger, approval)).to.deep.equal(recorded);
    await commit(world, deal);
  });

  it("given one unit less than the exposure, doesn't suffice", async () => {
    const { settlement, stranger } = world;
    await settlement.connect(stranger).approve(await makeApproval(world, deal, { most: exposure - 1n }));
    await expectMissing(exposure - 1n);
  });

  it("counts up to its last second and not after", async () => {
    const { settlement, stranger } = world;
    const until = (await networkHelpers.time.latest()) + 50;
    await settlement.connect(stranger).approve(await makeApproval(world, deal, { until }));
    await expectMissing(
      0n,
      at(until + 1, () => commit(world, deal)),
    );
    await settlement.connect(stranger).approve(await makeApproval(world, deal, { until: until + 10, version: 2n }));
    await at(until + 10, () => commit(world, deal));
  });

  const others: [string, (world: World) => object][] = [
    ["counterparty", ({ buyer }) => ({ counterparty: buyer })],
    ["negotiation", () => ({ negotiation: ethers.id("another") })],
    ["token", () => ({ token: ethers.ZeroAddress })],
    ["category", () => ({ category: ethers.ZeroHash })],
    ["tenure", () => ({ tenure: 2n })],
    ["agent", ({ seller }) => ({ agent: seller })],
  ];
  for (const [what, change] of others) {
    it(`given another ${what}, doesn't count`, async () => {
      const { settlement, stranger } = world;
      await settlement.connect(stranger).approve(await makeApproval(world, deal, change(world)));
      await expectMissing(0n);
    });
  }

  it("given anybody else's word, the owner's included, doesn't count", async () => {
    const { settlement, relayer, buyerOwner, buyerWallet } = world;
    for (const caller of [relayer, buyerOwner, buyerWallet]) {
      await settlement.connect(caller).approve(await makeApproval(world, deal));
    }
    await expectMissing(0n);
  });

  it("given a mandate without an approver, nobody can agree", async () => {
    await bindBuyer(world, { threshold: exposure - 1n, approver: ethers.ZeroAddress });
    await world.settlement.connect(world.stranger).approve(await makeApproval(world, deal));
    await expectMissing(0n);
  });

  it("given another approver named since, doesn't count any more", async () => {
    const { settlement, stranger, relayer } = world;
    await settlement.connect(stranger).approve(await makeApproval(world, deal));
    await bindBuyer(world, { threshold: exposure - 1n, approver: relayer.address });
    await expectMissing(0n);
  });

  it("lifts neither the limit for one deal nor the budget", async () => {
    const { settlement, stranger } = world;
    const terms = { threshold: 0n, approver: stranger.address };
    await settlement.connect(stranger).approve(await makeApproval(world, deal));
    await bindBuyer(world, { ...terms, limit: exposure - 1n });
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "DealLimitExceeded");
    await bindBuyer(world, { ...terms, budget: exposure - 1n });
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "BudgetExceeded");
  });

  it("given its word taken back, doesn't count, until it is given anew", async () => {
    const { settlement, stranger } = world;
    const approval = await makeApproval(world, deal);
    await settlement.connect(stranger).approve(approval);
    await settlement.connect(stranger).approve({ ...approval, most: 0n, version: 2n });
    expect(await settlement.approved(stranger, approval)).to.deep.equal([0n, BigInt(approval.until), 2n]);
    await expectMissing(0n);
    await settlement.connect(stranger).approve({ ...approval, version: 3n });
    await commit(world, deal);
  });

  it("given a version that isn't later than the recorded one, refuses, as for version 0", async () => {
    const { settlement, stranger } = world;
    const approval = await makeApproval(world, deal, { version: 5n });
    await settlement.connect(stranger).approve(approval);
    for (const version of [0n, 4n, 5n]) {
      await expect(settlement.connect(stranger).approve({ ...approval, version }))
        .to.be.revertedWithCustomError(settlement, "ApprovalStale")
        .withArgs(stranger.address, version, 5n);
    }
    await settlement.connect(stranger).approve({ ...approval, version: 6n });
  });

  it("serves a seller's side too, for the bond it puts up", async () => {
    const { settlement, seller, sellerOwner, token, stranger } = world;
    await settlement.connect(world.buyerOwner).setMandate(world.buyer, token, deal.category, await makeMandate());
    const approver = stranger.address;
    await settlement
      .connect(sellerOwner)
      .setMandate(seller, token, deal.category, await makeMandate({ threshold: 0n, approver }));
    await expect(commit(world, deal))
      .to.be.revertedWithCustomError(settlement, "ApprovalMissing")
      .withArgs(deal.sellerBond, 0n);
    const approval = await makeApproval(world, deal, {
      agent: seller,
      counterparty: deal.buyer,
      most: deal.sellerBond,
    });
    await settlement.connect(stranger).approve(approval);
    await commit(world, deal);
  });
});
