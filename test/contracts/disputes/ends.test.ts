// Whatever the arbitrator does, a dispute ends, and all money of the deal is paid out.
import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at } from "../fixtures/time.ts";
import {
  answer,
  COST,
  type DisputeWorld,
  deliver,
  dispute,
  expectAllBooks,
  expectFree,
  loadDelivered,
  Malice,
  refer,
} from "./fixtures.ts";

const ADDRESS = "0x00000000000000000000000000000000000ab17e";
const GAS = 1_000_000;

/** Runtime code of arbitrators that answer every call alike. */
const CODES = {
  "has no code": "0x",
  "reverts with nothing": "0x60006000fd",
  "reverts with as much as it can pay for": "0x62030d406000fd",
  "takes all gas by an invalid instruction": "0xfe",
  "takes all gas by a loop": "0x5b600056",
  "answers nothing": "0x00",
  "asks for more than there is": "0x60001960005260206000f3",
  // tells its cost, which is nothing, and loops when it is asked
  "takes all gas only when it is asked": "0x60003560e01c63f7434ea914601357" + "5b600f565b60206000f3",
} as const;

/** Answers every call with zero, in a hundred thousand bytes: it costs nothing and all its disputes are number 0. */
const FLOODING = "0x620186a06000f3";

describe("every dispute ends", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered({ arbitrator: ADDRESS });
  });

  async function lapse() {
    const { settlement, deal, relayer } = world;
    const { rulingUntil } = await settlement.disputeOf(deal);
    await at(Number(rulingUntil) + 1, () => settlement.connect(relayer).lapse(deal, TRANSCRIPT));
    await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
  }

  for (const [manner, code] of Object.entries(CODES)) {
    it(`given an arbitrator that ${manner}, by lapse, with the deposit back`, async () => {
      const { settlement, deal, relayer } = world;
      await networkHelpers.setCode(ADDRESS, code);
      await dispute(world);
      await answer(world);
      const referring = settlement.connect(relayer).refer(deal, TRANSCRIPT, { value: 10n, gasLimit: GAS });
      await expect(referring).to.revert(ethers);
      expect((await settlement.disputeOf(deal)).referred).to.equal(false);
      await expectAllBooks(world, escrowOf(deal), deal.maxFee);
      await lapse();
      await expectFree(world, NATIVE, deal.maxFee, 0n);
      await expectAllBooks(world, 0n, 0n);
    });
  }

  it("given an arbitrator that answers at length, for its first dispute and by lapse for the others", async () => {
    const { settlement, deal, relayer } = world;
    await networkHelpers.setCode(ADDRESS, FLOODING);
    await dispute(world);
    await answer(world);
    await settlement.connect(relayer).refer(deal, TRANSCRIPT, { gasLimit: GAS });
    const other = await makeDeal(world, { arbitrator: deal.arbitrator });
    await deliver(world, other);
    await dispute(world, 2_000, other);
    await answer(world, 9_000, other);
    await expect(settlement.connect(relayer).refer(other, TRANSCRIPT, { gasLimit: GAS }))
      .to.be.revertedWithCustomError(settlement, "ArbitratorMisbehaved")
      .withArgs(ethers.getAddress(ADDRESS), 0n);
    const { rulingUntil } = await settlement.disputeOf(other);
    await networkHelpers.time.increaseTo(rulingUntil + 1n);
    await settlement.lapse(deal, TRANSCRIPT);
    await settlement.lapse(other, TRANSCRIPT);
    await expectFree(world, deal.token, -deal.price, deal.price);
    await expectFree(world, NATIVE, deal.maxFee + other.maxFee, 0n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given Settlement itself as the arbitrator, by lapse", async () => {
    const probe = await loadDelivered();
    const own = await makeDeal(probe, { arbitrator: await probe.settlement.getAddress() });
    world = { ...probe, deal: own };
    await deliver(world, own);
    await dispute(world);
    await answer(world);
    await expect(world.settlement.refer(own, TRANSCRIPT)).to.revert(ethers);
    await networkHelpers.time.increaseTo((await world.settlement.disputeOf(own)).rulingUntil + 1n);
    await world.settlement.lapse(own, TRANSCRIPT);
    await expectAllBooks(world, escrowOf(probe.deal), 0n);
  });

  describe("given an arbitrator that obeys its owner", () => {
    beforeEach(async () => {
      world = await loadDelivered();
      await dispute(world);
      await answer(world);
    });

    for (const [manner, malice] of [
      ["wants more when it is asked than it said", Malice.RaisesCost],
      ["rules when it is asked", Malice.RulesWhileAsked],
    ] as const) {
      it(`and ${manner}, by lapse, with the deposit back`, async () => {
        const { settlement, arbitrator, deal } = world;
        await arbitrator.setMalice(malice);
        await expect(settlement.refer(deal, TRANSCRIPT)).to.revert(ethers);
        await lapse();
        await expectFree(world, NATIVE, deal.maxFee, 0n);
        await expectAllBooks(world, 0n, 0n);
      });
    }

    it("and never rules, by lapse, without what it got", async () => {
      await refer(world);
      await lapse();
      await expectFree(world, NATIVE, world.deal.maxFee - COST, 0n);
      await expectAllBooks(world, 0n, 0n);
    });

    it("and rules everything at every time, by its first ruling, once", async () => {
      const { settlement, arbitrator, deal } = world;
      const id = await refer(world);
      for (const ruling of [2n, 1n, 0n, 10_003n]) await arbitrator.forceRuling(settlement, id, ruling);
      await settlement.execute(deal, TRANSCRIPT);
      for (const ruling of [2n, 1n, 0n]) await arbitrator.forceRuling(settlement, id, ruling);
      expect((await settlement.recordOf(deal)).status).to.equal(Status.Settled);
      await expectFree(world, deal.token, -90_000_000n - deal.buyerBond, 90_000_000n + deal.buyerBond);
      await expectAllBooks(world, 0n, 0n);
    });
  });
});
