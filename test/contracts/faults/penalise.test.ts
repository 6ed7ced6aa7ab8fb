import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { agree, agreeBySession } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import {
  bondedOf,
  bondOf,
  declare,
  empty,
  exposureOf,
  loadStaked,
  otherOf,
  type Side,
  STAKE,
  say,
} from "./fixtures.ts";

describe("Settlement.penalise", () => {
  let world: World;
  let deal: Deal;
  let transcript: string;
  let cureUntil: number;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world, { commitBy: (await networkHelpers.time.latest()) + 5 * HOUR });
  });

  async function fault(atFault: Side, of = deal) {
    await empty(world, atFault, of.token);
    const declared = await declare(world, of, otherOf(atFault));
    transcript = declared.transcript;
    cureUntil = Math.max(of.commitBy, declared.since + HOUR);
  }

  function send(time = cureUntil + 1, of = deal) {
    return at(time, () => world.settlement.connect(world.relayer).penalise(of, transcript));
  }

  for (const side of ["buyer", "seller"] as const) {
    const ready = otherOf(side);

    it(`given a ${side} that didn't cure, returns the lock, rewards the ${ready} and burns the rest`, async () => {
      const { settlement } = world;
      await fault(side);
      const before = await settlement.free(deal[ready], deal.token);
      const [lock, bond] = [exposureOf(deal, ready), bondOf(deal, side)];
      const penalising = send();
      await expect(penalising).to.emit(settlement, "Defaulted").withArgs(hashDeal(deal), deal[side], lock);
      await expect(penalising)
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(deal), deal[side], deal.token, bond, bond / 10n);
      await expectStatus(settlement, deal, Status.Defaulted, cureUntil + 1);
      expect(await settlement.free(deal[ready], deal.token)).to.equal(before + lock + bond / 10n);
      expect(await settlement.free(deal[side], deal.token)).to.equal(0n);
      expect(await bondedOf(world, side, deal.token)).to.deep.equal([STAKE - bond, 0n]);
      expect(await bondedOf(world, ready, deal.token)).to.deep.equal([STAKE, 0n]);
      expect((await settlement.solvent(deal.token)).burnt).to.equal(bond - bond / 10n);
      await expectBooks(world, deal.token, 0n);
    });

    it(`given no stake of the ${side}, still returns the lock`, async () => {
      world = await load();
      deal = await makeDeal(world);
      const { settlement } = world;
      await fault(side);
      await expect(send()).to.emit(settlement, "Penalised").withArgs(hashDeal(deal), deal[side], deal.token, 0n, 0n);
      await expectStatus(settlement, deal, Status.Defaulted, cureUntil + 1);
      await expectBooks(world, deal.token, 0n);
    });
  }

  it("given the last second for a cure, refuses", async () => {
    await fault("seller");
    await expect(send(cureUntil))
      .to.be.revertedWithCustomError(world.settlement, "DeadlineNotPassed")
      .withArgs(hashDeal(deal), cureUntil, cureUntil);
  });

  it("given a declaration shortly before commitBy, waits for the hour", async () => {
    deal = await makeDeal(world);
    await fault("seller");
    expect(cureUntil).to.be.above(deal.commitBy);
    await expect(send(cureUntil)).to.be.revertedWithCustomError(world.settlement, "DeadlineNotPassed");
    await send(cureUntil + 1);
  });

  it("given stake that is leaving, takes it too", async () => {
    const { settlement, seller, sellerOwner } = world;
    await fault("seller");
    await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE);
    await send();
    expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, STAKE - deal.sellerBond]);
    await expectBooks(world, deal.token, 0n);
  });

  it("given less stake than the bond, takes what there is", async () => {
    deal = { ...deal, sellerBond: 2n * STAKE };
    await fault("seller");
    await expect(send())
      .to.emit(world.settlement, "Penalised")
      .withArgs(hashDeal(deal), deal.seller, deal.token, STAKE, STAKE / 10n);
    await expectBooks(world, deal.token, 0n);
  });

  it("given native coin, does the same", async () => {
    deal = { ...deal, token: NATIVE };
    await fault("buyer");
    await send();
    expect(await bondedOf(world, "buyer", NATIVE)).to.deep.equal([STAKE - deal.buyerBond, 0n]);
    await expectBooks(world, NATIVE, 0n);
  });

  it("given no bond, charges nothing", async () => {
    deal = { ...deal, buyerBond: 0n };
    await fault("buyer");
    await expect(send())
      .to.emit(world.settlement, "Penalised")
      .withArgs(hashDeal(deal), deal.buyer, deal.token, 0n, 0n);
    await expectBooks(world, deal.token, 0n);
  });

  it("given an equivocation in this negotiation before, charges only what its bond is more", async () => {
    const { settlement, relayer } = world;
    const small = { ...deal, sellerBond: 15_000_000n };
    const first = await say(world, small, "seller", "Offer");
    const second = await say(world, small, "seller", "Offer", deal);
    await settlement.connect(relayer).equivocation(deal.seller, small, first.said, second.said);
    await fault("seller");
    await expect(send())
      .to.emit(settlement, "Penalised")
      .withArgs(hashDeal(deal), deal.seller, deal.token, 5_000_000n, 500_000n);
    expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
    await expectBooks(world, deal.token, 0n);
  });

  it("given an equivocation afterwards, charges no second time", async () => {
    const { settlement } = world;
    await fault("seller");
    await send();
    const first = await say(world, deal, "seller", "Offer");
    const second = await say(world, deal, "seller", "Accept");
    await expect(settlement.equivocation(deal.seller, deal, first.said, second.said))
      .to.be.revertedWithCustomError(settlement, "FaultPaid")
      .withArgs(deal.seller, deal.sellerBond, deal.sellerBond);
  });

  it("is final: the negotiation makes no deal any more, in either direction", async () => {
    const { settlement, buyerWallet, sellerOwner, seller } = world;
    await fault("seller");
    await send();
    const allowed = 1n << Status.Declared;
    for (const acting of [() => settlement.penalise(deal, transcript), () => settlement.cure(deal, transcript)]) {
      await expect(acting())
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(deal), Status.Defaulted, allowed);
    }
    await settlement.connect(sellerOwner).depositNative(seller, false, { value: deal.sellerBond });
    const again = { ...deal, token: NATIVE, commitBy: (await networkHelpers.time.latest()) + DAY };
    const turned = { ...again, buyer: deal.seller, seller: deal.buyer };
    const { args } = await agreeBySession(world, again);
    const byWallet = await agree(world, again);
    const turnedByWallet = await agree(world, turned);
    for (const acting of [
      () => settlement.commit(...byWallet),
      () => settlement.commit(...turnedByWallet),
      () => settlement.commitBySession(...args),
      () => settlement.connect(buyerWallet).commitOrDeclare(...args),
    ]) {
      await expect(acting())
        .to.be.revertedWithCustomError(settlement, "NegotiationUsed")
        .withArgs(Status.Defaulted, Status.None);
    }
    for (const act of ["accept", "claim", "refund", "lapse", "execute"] as const) {
      await expect(settlement.connect(buyerWallet)[act](deal, transcript)).to.be.revertedWithCustomError(
        settlement,
        "StatusMismatch",
      );
    }
  });

  it("given a new owner of the agent at fault, charges the stake that came with it", async () => {
    const { registry, seller, sellerOwner, stranger } = world;
    await fault("seller");
    await registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, seller);
    await send();
    expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
  });

  it("given locks on both agents, still ends", async () => {
    const { registry, buyer, seller, buyerOwner, sellerOwner } = world;
    await fault("seller");
    const until = (await networkHelpers.time.latest()) + DAY;
    await registry.connect(sellerOwner).lock(seller, until);
    await registry.connect(buyerOwner).lock(buyer, until);
    await send();
  });

  it("given a pause, still ends", async () => {
    await fault("seller");
    await world.settlement.connect(world.deployer).pause();
    await send();
  });

  it("given another transcript, refuses", async () => {
    await fault("seller");
    transcript = ethers.id("other");
    await expect(send()).to.be.revertedWithCustomError(world.settlement, "DealMismatch");
  });
});
