import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { commit } from "../fixtures/agreements.ts";
import type { TestSigner } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { load, type World } from "../fixtures/world.ts";
import { bindBuyer, makeApproval, NO_MANDATE, RESEARCH } from "./fixtures.ts";

describe("an owner's word, when the agent is transferred", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  /** Hands the buyer on and gives it the old wallet again. */
  async function transfer(from: TestSigner, to: TestSigner) {
    const { registry, buyer, buyerWallet } = world;
    await registry.connect(from).transferFrom(from, to, buyer);
    await setWallet(registry, to, buyer, buyerWallet);
  }

  async function expectMissing(tenure: bigint) {
    const { settlement, token, buyer } = world;
    expect(await settlement.mandateOf(buyer, token, RESEARCH)).to.deep.equal([false, false, NO_MANDATE]);
    await expect(commit(world, await makeDeal(world)))
      .to.be.revertedWithCustomError(settlement, "MandateMissing")
      .withArgs(buyer, tenure);
  }

  it("given a mandate, ends it, and a transfer back revives nothing", async () => {
    const { buyerOwner, stranger } = world;
    await bindBuyer(world);
    await transfer(buyerOwner, stranger);
    await expectMissing(2n);
    await transfer(stranger, buyerOwner);
    await expectMissing(3n);
  });

  it("given freedom from limits, ends it, and a transfer back revives nothing", async () => {
    const { buyerOwner, stranger } = world;
    await transfer(buyerOwner, stranger);
    await expectMissing(2n);
    await transfer(stranger, buyerOwner);
    await expectMissing(3n);
  });

  it("given a removed mandate, forgets that too", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    await settlement.connect(buyerOwner).removeMandate(buyer, token, RESEARCH);
    await transfer(buyerOwner, stranger);
    await settlement.connect(stranger).setUnlimited(buyer, true);
    await commit(world, await makeDeal(world));
  });

  it("given an approval, ends it, even if the new owner names the same approver", async () => {
    const { settlement, token, buyer, buyerOwner, relayer, stranger } = world;
    const deal = await makeDeal(world);
    const exposure = deal.price + deal.buyerBond;
    await settlement.connect(relayer).approve(await makeApproval(world, deal));
    await transfer(buyerOwner, stranger);
    const mandate = await makeMandate({ threshold: 0n, approver: relayer.address });
    await settlement.connect(stranger).setMandate(buyer, token, RESEARCH, mandate);
    await expect(commit(world, deal))
      .to.be.revertedWithCustomError(settlement, "ApprovalMissing")
      .withArgs(exposure, 0n);
    await settlement.connect(relayer).approve(await makeApproval(world, deal));
    await commit(world, deal);
  });

  it("given the new owner's own, counts that, and the former owner can set none", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    await transfer(buyerOwner, stranger);
    const mandate = await makeMandate();
    await expect(settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, mandate))
      .to.be.revertedWithCustomError(settlement, "NotOwner")
      .withArgs(buyer, buyerOwner.address);
    await expect(settlement.connect(stranger).setMandate(buyer, token, RESEARCH, mandate))
      .to.emit(settlement, "MandateSet")
      .withArgs(buyer, token, RESEARCH, 2n, [
        mandate.limit,
        mandate.budget,
        mandate.threshold,
        mandate.expiry,
        mandate.approver,
      ]);
    await commit(world, await makeDeal(world));
  });

  it("given a new wallet or revoked keys, lets it stand", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    await bindBuyer(world);
    await registry.connect(buyerOwner).revokeKeys(buyer);
    await setWallet(registry, buyerOwner, buyer, buyerWallet);
    await commit(world, await makeDeal(world));
  });

  it("given the daily budget as used, leaves the meter as it stands", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    const deal = await makeDeal(world);
    const exposure = deal.price + deal.buyerBond;
    await bindBuyer(world, { budget: exposure });
    await commit(world, deal);
    await transfer(buyerOwner, stranger);
    const mandate = await makeMandate({ budget: exposure });
    await settlement.connect(stranger).setMandate(buyer, token, RESEARCH, mandate);
    await expect(commit(world, await makeDeal(world))).to.be.revertedWithCustomError(settlement, "BudgetExceeded");
  });
});
