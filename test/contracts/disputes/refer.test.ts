import { expect } from "chai";
import { act } from "../fixtures/acts.ts";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Kind, Outcome, Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";
import {
  answer,
  CHOICES,
  COST,
  type DisputeWorld,
  deliver,
  dispute,
  expectAllBooks,
  expectFree,
  loadDelivered,
  Malice,
  refer,
  STATEMENT_PERIOD,
} from "./fixtures.ts";

describe("Settlement.refer", () => {
  let world: DisputeWorld;
  let since: number;

  beforeEach(async () => {
    world = await loadDelivered();
    since = await dispute(world);
  });

  function send(value = 0n, deal = world.deal) {
    return world.settlement.connect(world.relayer).refer(deal, TRANSCRIPT, { value });
  }

  /** Delivers, disputes and answers another deal with the same arbitrator, and returns it. */
  async function another(): Promise<Deal> {
    const other = await makeDeal(world, { arbitrator: world.deal.arbitrator });
    await deliver(world, other);
    await dispute(world, 2_000, other);
    await answer(world, 9_000, other);
    return other;
  }

  it("given an answer, asks the arbitrator at once, whoever calls", async () => {
    const { settlement, arbitrator, deal } = world;
    await answer(world);
    const referring = send();
    const address = await arbitrator.getAddress();
    await expect(referring).to.emit(settlement, "Referred").withArgs(hashDeal(deal), address, 0n, COST);
    await expect(referring)
      .to.emit(settlement, "Dispute")
      .withArgs(address, 0n, 0n, BigInt(hashDeal(deal)));
    await expect(referring)
      .to.emit(arbitrator, "DisputeCreation")
      .withArgs(0n, await settlement.getAddress());
    const { referred, ruled } = await settlement.disputeOf(deal);
    expect([referred, ruled]).to.deep.equal([true, false]);
    const trial = await arbitrator.trials(0n);
    expect([trial.arbitrable, trial.choices]).to.deep.equal([await settlement.getAddress(), CHOICES]);
    await expectStatus(settlement, deal, Status.Disputed, since);
  });

  it("tells the arbitrator how many seconds are left of its time", async () => {
    const { settlement, arbitrator, deal } = world;
    await answer(world);
    const { rulingUntil } = await settlement.disputeOf(deal);
    await at(since + HOUR, () => send());
    const extraData = await arbitrator.lastExtraData();
    expect(extraData).to.equal(ethers.toBeHex(Number(rulingUntil) - since - HOUR, 32));
    expect(BigInt(extraData)).to.equal(BigInt(DAY + deal.rulingWithin - HOUR));
  });

  it("given silence, asks after the seller's day", async () => {
    const { settlement, deal } = world;
    const deadline = since + STATEMENT_PERIOD;
    await expect(at(deadline, () => send()))
      .to.be.revertedWithCustomError(settlement, "DeadlineNotPassed")
      .withArgs(hashDeal(deal), deadline, deadline);
    await expect(at(deadline + 1, () => send())).to.emit(settlement, "Referred");
  });

  it("counts up to the last second for a ruling, when it leaves the arbitrator none", async () => {
    const { settlement, arbitrator, deal } = world;
    const { rulingUntil } = await settlement.disputeOf(deal);
    await at(Number(rulingUntil), () => send());
    expect(BigInt(await arbitrator.lastExtraData())).to.equal(0n);
    await arbitrator.giveRuling(0n, 2n);
    expect((await settlement.disputeOf(deal)).ruled).to.equal(false);
  });

  it("given a second more, refuses", async () => {
    const { settlement, deal } = world;
    const { rulingUntil } = await settlement.disputeOf(deal);
    await expect(at(Number(rulingUntil) + 1, () => send()))
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), rulingUntil + 1n, rulingUntil);
  });

  it("counts once", async () => {
    const { settlement, deal } = world;
    await answer(world);
    await send();
    await expect(send()).to.be.revertedWithCustomError(settlement, "AlreadyReferred").withArgs(hashDeal(deal));
  });

  it("given a deal that isn't disputed, refuses", async () => {
    const { settlement, deal } = world;
    await answer(world, 0);
    await expect(send())
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, 1n << Status.Disputed);
    await expect(settlement.refer(deal, ethers.id("other transcript"))).to.be.revertedWithCustomError(
      settlement,
      "DealMismatch",
    );
  });

  describe("given a cost", () => {
    beforeEach(async () => {
      await answer(world);
    });

    it("below the deposit, leaves the rest to the buyer and sends all that was added back", async () => {
      const { arbitrator, relayer, settlement, deal } = world;
      const referring = send(777n);
      await expect(referring).to.changeEtherBalances(ethers, [relayer, arbitrator, settlement], [0n, COST, -COST]);
      await expectFree(world, NATIVE, deal.maxFee - COST, 0n);
      await expectAllBooks(world, escrowOf(deal), 0n);
    });

    it("of nothing, leaves the whole deposit to the buyer", async () => {
      const { arbitrator, deal } = world;
      await arbitrator.setCost(0n);
      await send();
      await expectFree(world, NATIVE, deal.maxFee, 0n);
      await expectAllBooks(world, escrowOf(deal), 0n);
    });

    it("of just the deposit, needs nobody's help", async () => {
      const { arbitrator, settlement, deal } = world;
      await arbitrator.setCost(deal.maxFee);
      await expect(send()).to.changeEtherBalances(ethers, [arbitrator, settlement], [deal.maxFee, -deal.maxFee]);
      await expectFree(world, NATIVE, 0n, 0n);
      await expectAllBooks(world, escrowOf(deal), 0n);
    });

    it("above it, takes what is missing from the caller and sends the surplus back", async () => {
      const { arbitrator, relayer, settlement, deal } = world;
      const cost = deal.maxFee + 500n;
      await arbitrator.setCost(cost);
      const referring = send(800n);
      await expect(referring).to.emit(settlement, "Referred").withArgs(hashDeal(deal), deal.arbitrator, 0n, cost);
      await expect(referring).to.changeEtherBalances(
        ethers,
        [relayer, arbitrator, settlement],
        [-500n, cost, -deal.maxFee],
      );
      await expectFree(world, NATIVE, 0n, 0n);
      await expectAllBooks(world, escrowOf(deal), 0n);
    });

    it("above deposit and what the caller adds by one, refuses", async () => {
      const { arbitrator, settlement, deal } = world;
      const cost = deal.maxFee + 500n;
      await arbitrator.setCost(cost);
      await expect(send(499n))
        .to.be.revertedWithCustomError(settlement, "FeeTooHigh")
        .withArgs(cost, cost - 1n);
      await send(500n);
    });

    it("beyond all coin, refuses and doesn't overflow", async () => {
      const { arbitrator, settlement, deal } = world;
      await arbitrator.setCost(ethers.MaxUint256);
      await expect(send(1n))
        .to.be.revertedWithCustomError(settlement, "FeeTooHigh")
        .withArgs(ethers.MaxUint256, deal.maxFee + 1n);
    });

    it("and a caller that takes no coin back, refuses as a whole", async () => {
      const { settlement, token, deal } = world;
      const address = await token.getAddress();
      await networkHelpers.impersonateAccount(address);
      await networkHelpers.setBalance(address, 10n ** 18n);
      const caller = await ethers.getSigner(address);
      await expect(settlement.connect(caller).refer(deal, TRANSCRIPT, { value: 1n }))
        .to.be.revertedWithCustomError(settlement, "NativeTransferFailed")
        .withArgs(address, 1n);
      await settlement.connect(caller).refer(deal, TRANSCRIPT);
    });
  });

  describe("given an arbitrator that misbehaves", () => {
    beforeEach(async () => {
      await answer(world);
    });

    it("by giving an id that it gave before, refuses", async () => {
      const { settlement, arbitrator, deal } = world;
      await send();
      const other = await another();
      await arbitrator.setMalice(Malice.ReusesId);
      await expect(send(0n, other))
        .to.be.revertedWithCustomError(settlement, "ArbitratorMisbehaved")
        .withArgs(deal.arbitrator, 0n);
      await arbitrator.setMalice(Malice.None);
      await send(0n, other);
      await expectAllBooks(world, escrowOf(deal) + escrowOf(other), 0n);
    });

    it("by ruling while it is being asked, refuses and stores nothing", async () => {
      const { settlement, arbitrator, deal } = world;
      await arbitrator.setMalice(Malice.RulesWhileAsked);
      await expect(send())
        .to.be.revertedWithCustomError(settlement, "ArbitratorMisbehaved")
        .withArgs(deal.arbitrator, 0n);
      const { referred, ruled } = await settlement.disputeOf(deal);
      expect([referred, ruled]).to.deep.equal([false, false]);
      await expectAllBooks(world, escrowOf(deal), deal.maxFee);
    });

    it("by ruling another dispute meanwhile, refuses too", async () => {
      const { settlement, arbitrator } = world;
      await send();
      const other = await another();
      await arbitrator.setCall(settlement, settlement.interface.encodeFunctionData("rule", [0n, 2n]));
      await expect(send(0n, other)).to.be.revertedWithCustomError(settlement, "ArbitratorMisbehaved");
      expect((await settlement.disputeOf(world.deal)).ruled).to.equal(false);
    });

    it("by asking for more than it had said, fails as it does", async () => {
      const { arbitrator } = world;
      await arbitrator.setMalice(Malice.RaisesCost);
      await expect(send(10n * COST))
        .to.be.revertedWithCustomError(arbitrator, "CostNotPaid")
        .withArgs(COST, 2n * COST);
    });

    it("by calling back for money, refuses", async () => {
      const { settlement, arbitrator, buyer } = world;
      const other = await another();
      for (const call of [
        settlement.interface.encodeFunctionData("refer", [other, TRANSCRIPT]),
        settlement.interface.encodeFunctionData("refer", [world.deal, TRANSCRIPT]),
        settlement.interface.encodeFunctionData("depositNative", [buyer, false]),
        settlement.interface.encodeFunctionData("withdraw", [buyer, NATIVE, world.stranger.address, 1n]),
      ]) {
        await arbitrator.setCall(settlement, call);
        await expect(send()).to.be.revertedWithCustomError(settlement, "Reentered");
      }
    });

    it("by calling back to execute, lapse or refund what it is asked about, fails as that does", async () => {
      const { settlement, arbitrator, deal } = world;
      const { interface: abi } = settlement;
      for (const [call, error] of [
        [abi.encodeFunctionData("execute", [deal, TRANSCRIPT]), "NotRuled"],
        [abi.encodeFunctionData("lapse", [deal, TRANSCRIPT]), "DeadlineNotPassed"],
        [abi.encodeFunctionData("refund", [deal, TRANSCRIPT]), "StatusMismatch"],
      ] as const) {
        await arbitrator.setCall(settlement, call);
        await expect(send()).to.be.revertedWithCustomError(settlement, error);
      }
    });

    it("by carrying both sides' split while it is asked, ends the deal once, and its ruling is ignored", async () => {
      const { settlement, arbitrator, deal } = world;
      const [toSeller, until] = [50_000_000n, (await networkHelpers.time.latest()) + DAY];
      const body = hashAct("Split", { deal: hashDeal(deal), toSeller, until });
      const kind = Kind.Cancel;
      const buyer = await act(world, deal, { agent: deal.buyer, signer: world.buyerWallet, kind, body });
      const seller = await act(world, deal, { agent: deal.seller, signer: world.sellerWallet, kind, body });
      await arbitrator.setCall(
        settlement,
        settlement.interface.encodeFunctionData("splitBySession", [deal, TRANSCRIPT, toSeller, until, buyer, seller]),
      );
      await expect(send())
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Split, escrowOf(deal) - toSeller, toSeller);
      await expectFree(world, NATIVE, deal.maxFee - COST, 0n);
      await expectAllBooks(world, 0n, 0n);

      await arbitrator.giveRuling(0n, 2n);
      expect((await settlement.disputeOf(deal)).ruled).to.equal(false);
      await expect(settlement.execute(deal, TRANSCRIPT)).to.be.revertedWithCustomError(settlement, "StatusMismatch");
      await expectAllBooks(world, 0n, 0n);
    });
  });

  it("given two arbitrators with one id, keeps their disputes apart", async () => {
    const { settlement, arbitrator, deployer, deal } = world;
    await answer(world);
    await refer(world);
    const second = await ethers.deployContract("CentralArbitrator", [deployer, COST], deployer);
    const other = await makeDeal(world, { arbitrator: await second.getAddress() });
    await deliver(world, other);
    await dispute(world, 2_000, other);
    await answer(world, 9_000, other);
    await send(0n, other);
    await arbitrator.giveRuling(0n, 1n);
    await second.giveRuling(0n, 2n);
    expect((await settlement.disputeOf(deal)).ruling).to.equal(1n);
    expect((await settlement.disputeOf(other)).ruling).to.equal(2n);
  });
});
