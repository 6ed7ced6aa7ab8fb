import { expect } from "chai";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances } from "../fixtures/balances.ts";
import { ethers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";

const EVIDENCE = ethers.id("evidence");

describe("Settlement.deliver", () => {
  let world: World;
  let deal: Deal;
  let since: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    since = await commit(world, deal);
  });

  for (const who of ["sellerWallet", "sellerOwner"] as const) {
    it(`given the ${who}, starts the review`, async () => {
      const { settlement } = world;
      const before = await balances(world, deal.token);
      await expect(at(since + 60, () => settlement.connect(world[who]).deliver(deal, TRANSCRIPT, EVIDENCE)))
        .to.emit(settlement, "Delivered")
        .withArgs(hashDeal(deal), EVIDENCE);
      await expectStatus(settlement, deal, Status.Delivered, since + 60);
      expect(await balances(world, deal.token)).to.deep.equal(before);
    });
  }

  it("given anybody else, the buyer included, refuses", async () => {
    const { settlement, seller, buyerWallet, buyerOwner, relayer } = world;
    for (const caller of [buyerWallet, buyerOwner, relayer]) {
      await expect(settlement.connect(caller).deliver(deal, TRANSCRIPT, EVIDENCE))
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(seller, caller.address);
    }
  });

  it("given a seller without a wallet, leaves it to the owner", async () => {
    const { registry, settlement, seller, sellerOwner, sellerWallet } = world;
    await registry.connect(sellerOwner).unsetAgentWallet(seller);
    await expect(settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE)).to.be.revertedWithCustomError(
      settlement,
      "NotOwnerOrWallet",
    );
    await settlement.connect(sellerOwner).deliver(deal, TRANSCRIPT, EVIDENCE);
  });

  it("given a new owner, lets it deliver what the former committed", async () => {
    const { registry, settlement, seller, sellerOwner, stranger } = world;
    await registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, seller);
    await settlement.connect(stranger).deliver(deal, TRANSCRIPT, EVIDENCE);
  });

  it("counts up to the last second", async () => {
    const { settlement, sellerWallet } = world;
    await at(since + deal.deliverWithin, () => settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE));
  });

  it("given a second more, refuses", async () => {
    const { settlement, sellerWallet } = world;
    const deadline = since + deal.deliverWithin;
    const sending = at(deadline + 1, () => settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE));
    await expect(sending)
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), deadline + 1, deadline);
  });

  it("given a metered deal, refuses", async () => {
    const { settlement, sellerWallet } = world;
    const metered = await makeDeal(world, { reviewPeriod: 0 });
    await commit(world, metered);
    await expect(settlement.connect(sellerWallet).deliver(metered, TRANSCRIPT, EVIDENCE))
      .to.be.revertedWithCustomError(settlement, "DealMetered")
      .withArgs(hashDeal(metered));
  });

  it("given a delivered deal, refuses", async () => {
    const { settlement, sellerWallet } = world;
    await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE);
    await expect(settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Delivered, 1n << Status.Committed);
  });
});
