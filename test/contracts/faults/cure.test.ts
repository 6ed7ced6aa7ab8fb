import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { setWallet } from "../fixtures/agents.ts";
import { agreeBySession } from "../fixtures/agreements.ts";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { declare, empty, exposureOf, loadStaked, otherOf, restrict, type Side, STAKE, walletOf } from "./fixtures.ts";

describe("Settlement.cure", () => {
  let world: World;
  let deal: Deal;
  let transcript: string;
  let since: number;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world, { commitBy: (await networkHelpers.time.latest()) + 5 * HOUR });
  });

  /** The other side of `atFault` declares, once `put` has put something in the way. */
  async function fault(atFault: Side, put: () => Promise<unknown> = () => empty(world, atFault, deal.token)) {
    const { args, transcript: agreed } = await agreeBySession(world, deal);
    await put();
    await world.settlement.connect(walletOf(world, otherOf(atFault))).commitOrDeclare(...args);
    transcript = agreed;
    since = await networkHelpers.time.latest();
  }

  /** Anybody brings the money. */
  async function fund(side: Side, amount = exposureOf(deal, side)) {
    const { settlement, token, relayer } = world;
    await token.mint(relayer, amount);
    await token.connect(relayer).approve(settlement, amount);
    await settlement.connect(relayer).deposit(world[side], token, amount, false);
  }

  function send(caller: TestSigner = world.relayer) {
    return world.settlement.connect(caller).cure(deal, transcript);
  }

  for (const side of ["buyer", "seller"] as const) {
    it(`given the ${side}'s money, commits after all, whoever calls`, async () => {
      const { settlement } = world;
      await fault(side);
      await fund(side);
      await expect(send()).to.emit(settlement, "Cured").withArgs(hashDeal(deal), deal[side]);
      await expectStatus(settlement, deal, Status.Committed, await networkHelpers.time.latest());
      expect(await settlement.free(deal[side], deal.token)).to.equal(0n);
      await expectBooks(world, deal.token, escrowOf(deal));
      expect(await settlement.declarationOf(deal)).to.deep.equal([0n, 0n, 0n]);
    });
  }

  it("starts the delivery from there, and the deal goes on as any other", async () => {
    const { settlement, buyerWallet, sellerWallet } = world;
    await fault("seller");
    await fund("seller");
    const time = since + 4 * HOUR;
    await at(time, () => send());
    await at(time + deal.deliverWithin, () =>
      settlement.connect(sellerWallet).deliver(deal, transcript, ethers.ZeroHash),
    );
    await settlement.connect(buyerWallet).accept(deal, transcript);
    expect(await settlement.free(deal.seller, deal.token)).to.equal(deal.price + deal.sellerBond);
    await expectBooks(world, deal.token, 0n);
  });

  describe("counts up to the later of commitBy and an hour", () => {
    it("given a late commitBy, up to that", async () => {
      await fault("seller");
      await fund("seller");
      await at(deal.commitBy, () => send());
    });

    it("given a late commitBy, not a second more", async () => {
      await fault("seller");
      await fund("seller");
      await expect(at(deal.commitBy + 1, () => send()))
        .to.be.revertedWithCustomError(world.settlement, "DeadlinePassed")
        .withArgs(hashDeal(deal), deal.commitBy + 1, deal.commitBy);
    });

    for (const late of [0, 1]) {
      it(`given a declaration shortly before commitBy, ${late ? "not a second more than an hour" : "an hour"}`, async () => {
        const { settlement } = world;
        deal = await makeDeal(world, { commitBy: (await networkHelpers.time.latest()) + HOUR });
        await fault("seller");
        expect(since + HOUR).to.be.above(deal.commitBy);
        await fund("seller");
        const curing = at(since + HOUR + late, () => send());
        if (!late) await expect(curing).to.emit(settlement, "Cured");
        else {
          await expect(curing)
            .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
            .withArgs(hashDeal(deal), since + HOUR + 1, since + HOUR);
        }
      });
    }
  });

  it("given money that is still missing, refuses", async () => {
    const { settlement } = world;
    await fault("seller");
    await fund("seller", deal.sellerBond - 1n);
    await expect(send())
      .to.be.revertedWithCustomError(settlement, "SellerFundsTooLow")
      .withArgs(deal.sellerBond - 1n, deal.sellerBond);
    await fund("seller", 1n);
    await send();
  });

  it("given a buyer's money that is still missing, refuses", async () => {
    await fault("buyer");
    await expect(send())
      .to.be.revertedWithCustomError(world.settlement, "BuyerFundsTooLow")
      .withArgs(0n, exposureOf(deal, "buyer"));
  });

  it("given a mandate that is still missing, refuses even the owner; once it is there, anyone may", async () => {
    const { settlement, sellerOwner } = world;
    await fault("seller", () => restrict(world, "seller"));
    for (const caller of [world.relayer, sellerOwner]) {
      await expect(send(caller)).to.be.revertedWithCustomError(settlement, "MandateMissing");
    }
    await restrict(world, "seller", { budget: deal.sellerBond });
    await send();
    const next = await makeDeal(world);
    const [reason] = await settlement.mandateRefusal(next, deal.seller, next.sellerBond);
    expect(reason, "the budget is used").to.equal(settlement.interface.getError("BudgetExceeded")?.selector);
  });

  it("given an approval that comes late, commits", async () => {
    const { settlement, registry, stranger } = world;
    await fault("seller", () => restrict(world, "seller", { threshold: 0n, approver: stranger.address }));
    await expect(send()).to.be.revertedWithCustomError(settlement, "ApprovalMissing");
    await settlement.connect(stranger).approve({
      agent: deal.seller,
      tenure: await registry.tenure(deal.seller),
      counterparty: deal.buyer,
      negotiation: deal.negotiation,
      token: deal.token,
      category: deal.category,
      most: deal.sellerBond,
      until: deal.commitBy,
      version: 1n,
    });
    await send();
  });

  it("given a lock, refuses until it is over", async () => {
    const { registry, settlement, sellerOwner } = world;
    const until = (await networkHelpers.time.latest()) + HOUR;
    await fault("seller", () => registry.connect(sellerOwner).lock(deal.seller, until));
    await expect(at(until, () => send(sellerOwner)))
      .to.be.revertedWithCustomError(settlement, "AgentLocked")
      .withArgs(until, until);
    await at(until + 1, () => send());
  });

  describe("given keys that were revoked", () => {
    const REVOCATIONS = {
      "before the declaration": false,
      "after the declaration": true,
    };

    for (const [when, after] of Object.entries(REVOCATIONS)) {
      async function begin(): Promise<void> {
        const { registry, sellerWallet } = world;
        const revoke = () => registry.connect(sellerWallet).revokeKeys(deal.seller);
        if (!after) return await fault("seller", revoke);
        await fault("seller");
        await fund("seller");
        await revoke();
      }

      it(`${when}, is for the owner alone`, async () => {
        const { settlement, relayer, sellerWallet, sellerOwner, buyerWallet } = world;
        await begin();
        for (const caller of [relayer, sellerWallet, buyerWallet]) {
          await expect(send(caller))
            .to.be.revertedWithCustomError(settlement, "NotOwner")
            .withArgs(deal.seller, caller.address);
        }
        await expect(send(sellerOwner)).to.emit(settlement, "Cured").withArgs(hashDeal(deal), deal.seller);
        await expectBooks(world, deal.token, escrowOf(deal));
      });

      it(`${when}, doesn't bind the owner to its own mandate`, async () => {
        const { settlement, sellerOwner } = world;
        await begin();
        await restrict(world, "seller");
        await expect(send(sellerOwner)).to.emit(settlement, "Cured");
      });

      it(`${when}, still needs the money`, async () => {
        const { settlement, sellerOwner } = world;
        await begin();
        await empty(world, "seller", deal.token);
        await expect(send(sellerOwner)).to.be.revertedWithCustomError(settlement, "SellerFundsTooLow");
        await fund("seller");
        await send(sellerOwner);
      });

      it(`${when}, still needs to be unlocked`, async () => {
        const { registry, settlement, sellerOwner } = world;
        await begin();
        await registry.connect(sellerOwner).lock(deal.seller, (await networkHelpers.time.latest()) + DAY);
        await expect(send(sellerOwner)).to.be.revertedWithCustomError(settlement, "AgentLocked");
      });
    }

    it("and a new wallet, is for the owner nevertheless", async () => {
      const { registry, settlement, sellerOwner, stranger } = world;
      await fault("seller", () => setWallet(registry, sellerOwner, deal.seller, stranger));
      await expect(send(stranger)).to.be.revertedWithCustomError(settlement, "NotOwner");
      await send(sellerOwner);
    });

    it("and no wallet at all, is for the owner", async () => {
      const { registry, sellerOwner } = world;
      await fault("seller", () => registry.connect(sellerOwner).unsetAgentWallet(deal.seller));
      await send(sellerOwner);
    });

    it("by a transfer, is for the new owner", async () => {
      const { registry, settlement, sellerOwner, stranger } = world;
      await fault("seller", () => registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, deal.seller));
      await expect(send(sellerOwner))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(deal.seller, sellerOwner.address);
      await send(stranger);
    });

    it("of the declarer instead, is for anyone", async () => {
      const { registry, buyerWallet } = world;
      await fault("seller");
      await fund("seller");
      await registry.connect(buyerWallet).revokeKeys(deal.buyer);
      await send();
    });
  });

  it("given a pause, goes on", async () => {
    await fault("seller");
    await fund("seller");
    await world.settlement.connect(world.deployer).pause();
    await send();
  });

  it("given a deal that isn't declared, refuses", async () => {
    const { settlement } = world;
    const { transcript: other } = await declare(world, deal, "buyer");
    transcript = other;
    await expect(send())
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Committed, 1n << Status.Declared);
    deal = await makeDeal(world);
    await expect(send()).to.be.revertedWithCustomError(settlement, "DealMismatch");
  });

  it("given another transcript, refuses", async () => {
    await fault("seller");
    await fund("seller");
    transcript = ethers.id("other");
    await expect(send()).to.be.revertedWithCustomError(world.settlement, "DealMismatch");
  });

  it("saves the stake", async () => {
    const { settlement } = world;
    await fault("seller");
    await fund("seller");
    await send();
    await networkHelpers.time.increaseTo(deal.commitBy + 1);
    await expect(settlement.penalise(deal, transcript)).to.be.revertedWithCustomError(settlement, "StatusMismatch");
    expect((await settlement.stakeOf(deal.seller, deal.token)).bonded).to.equal(STAKE);
  });
});
