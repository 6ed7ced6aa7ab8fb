import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { receipt } from "../fixtures/acts.ts";
import { agree, agreeBySession, commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { declare, empty, loadStaked } from "./fixtures.ts";

describe("Settlement.pause", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
  });

  async function pause(): Promise<number> {
    await world.settlement.connect(world.deployer).pause();
    return await networkHelpers.time.latest();
  }

  it("given the guardian, stops new commitments of every kind, until it lets them go on", async () => {
    const { settlement, deployer, buyerWallet } = world;
    const byWallet = await agree(world, deal);
    const { args } = await agreeBySession(world, deal);
    await expect(settlement.connect(deployer).pause()).to.emit(settlement, "Paused").withArgs(deployer.address);
    const since = await networkHelpers.time.latest();
    expect(await settlement.pausedAt()).to.equal(since);
    for (const committing of [
      () => settlement.commit(...byWallet),
      () => settlement.commitBySession(...args),
      () => settlement.connect(buyerWallet).commitOrDeclare(...args),
    ]) {
      await expect(at(since + 100, committing))
        .to.be.revertedWithCustomError(settlement, "CommitmentsPaused")
        .withArgs(since, since + 100);
    }
    const [reason] = await settlement.refusal(deal);
    expect(reason).to.equal(settlement.interface.getError("CommitmentsPaused")?.selector);

    await expect(settlement.connect(deployer).unpause()).to.emit(settlement, "Unpaused").withArgs(deployer.address);
    expect(await settlement.pausedAt()).to.equal(0n);
    await settlement.commitBySession(...args);
    expect((await settlement.recordOf(deal)).status).to.equal(Status.Committed);
  });

  it("given anybody else, refuses to pause and to unpause", async () => {
    const { settlement, deployer, buyerOwner, sellerWallet, stranger } = world;
    for (const paused of [false, true]) {
      if (paused) await pause();
      for (const caller of [buyerOwner, sellerWallet, stranger]) {
        for (const act of ["pause", "unpause"] as const) {
          await expect(settlement.connect(caller)[act]())
            .to.be.revertedWithCustomError(settlement, "NotGuardian")
            .withArgs(caller.address, deployer.address);
        }
      }
    }
  });

  it("tells who the guardian is and whether it paused", async () => {
    const { settlement, deployer } = world;
    expect([await settlement.guardian(), await settlement.pausedAt()]).to.deep.equal([deployer.address, 0n]);
  });

  it("lets running deals go on to their end", async () => {
    const { settlement, buyerWallet, sellerWallet, relayer } = world;
    const [accepted, disputed, metered] = [deal, await makeDeal(world), await makeDeal(world, { reviewPeriod: 0 })];
    for (const each of [accepted, disputed, metered]) await commit(world, each);
    await pause();
    for (const each of [accepted, disputed]) {
      await settlement.connect(sellerWallet).deliver(each, TRANSCRIPT, ethers.ZeroHash);
    }
    await settlement.connect(buyerWallet).accept(accepted, TRANSCRIPT);
    const value = disputed.maxFee;
    await settlement.connect(buyerWallet).dispute(disputed, TRANSCRIPT, 0, ethers.ZeroHash, { value });
    await settlement.connect(sellerWallet).answer(disputed, TRANSCRIPT, 5_000, ethers.ZeroHash);
    const paid = await receipt(world, metered, 1_000n);
    await settlement.connect(relayer).claimReceipt(metered, TRANSCRIPT, 1_000n, paid, false);
    await networkHelpers.time.increase(10 * DAY);
    await settlement.connect(relayer).lapse(disputed, TRANSCRIPT);
    await settlement.connect(relayer).refund(metered, TRANSCRIPT);
    await expectBooks(world, deal.token, 0n);
  });

  it("lets a declared deal be cured or penalised", async () => {
    const { settlement, token, sellerOwner } = world;
    const other = await makeDeal(world, { commitBy: deal.commitBy + DAY });
    await empty(world, "seller", deal.token);
    const first = await declare(world, deal, "buyer");
    const second = await declare(world, other, "buyer");
    await pause();
    await token.mint(sellerOwner, deal.sellerBond);
    await settlement.connect(sellerOwner).deposit(world.seller, token, deal.sellerBond, false);
    await settlement.cure(deal, first.transcript);
    await networkHelpers.time.increaseTo(other.commitBy + 1);
    await settlement.penalise(other, second.transcript);
    await expectStatus(settlement, other, Status.Defaulted, await networkHelpers.time.latest());
  });

  it("keeps nobody's money: deposits, stakes and withdrawals go on", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    await pause();
    const owner = settlement.connect(buyerOwner);
    await owner.depositNative(buyer, true, { value: 5n });
    await owner.unstake(buyer, ethers.ZeroAddress, 5n);
    await networkHelpers.time.increase(7 * DAY + 1);
    await owner.release(buyer, ethers.ZeroAddress);
    await owner.withdraw(buyer, ethers.ZeroAddress, stranger, await settlement.free(buyer, ethers.ZeroAddress));
    await owner.withdraw(buyer, deal.token, stranger, await settlement.free(buyer, deal.token));
    await expectBooks(world, deal.token, 0n);
    await expectBooks(world, ethers.ZeroAddress, 0n);
  });
});
