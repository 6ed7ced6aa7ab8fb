import { declare, empty, exposureOf, otherOf, restrict, type Side } from "../faults/fixtures.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { expectPaid, expectPasses, expectRefused } from "./fixtures.ts";

describe("Lens.preview of a fault", () => {
  let world: World;
  let deal: Deal;
  let transcript: string;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world, { commitBy: (await networkHelpers.time.latest()) + 5 * HOUR });
  });

  /** One side's money is gone, and the other declares it. */
  async function fault(atFault: Side): Promise<void> {
    await empty(world, atFault, deal.token);
    ({ transcript } = await declare(world, deal, otherOf(atFault)));
  }

  async function fund(side: Side, amount = exposureOf(deal, side)): Promise<void> {
    const { settlement, token, relayer } = world;
    await token.mint(relayer, amount);
    await token.connect(relayer).approve(settlement, amount);
    await settlement.connect(relayer).deposit(world[side], token, amount, false);
  }

  describe("Cure", () => {
    const MISSING = { buyer: "BuyerFundsTooLow", seller: "SellerFundsTooLow" } as const;

    for (const side of ["buyer", "seller"] as const) {
      it(`given money that the ${side} still lacks, refuses; once it is there, passes whoever calls`, async () => {
        await fault(side);
        const needed = exposureOf(deal, side);
        await fund(side, needed - 1n);
        const attempt = { act: "Cure", deal, transcript, by: world.stranger } as const;
        await expectRefused(world, attempt, MISSING[side], needed - 1n, needed);
        await fund(side, 1n);
        await expectPasses(world, attempt);
      });
    }

    it("given a deal that was committed, refuses", async () => {
      ({ transcript } = await declare(world, deal, "buyer"));
      const args = [hashDeal(deal), Status.Committed, 1n << Status.Declared];
      await expectRefused(world, { act: "Cure", deal, transcript }, "StatusMismatch", ...args);
    });

    it("given a second after the last, refuses", async () => {
      await fault("seller");
      await fund("seller");
      const attempt = { act: "Cure", deal, transcript, time: deal.commitBy + 1 } as const;
      await expectRefused(world, attempt, "DeadlinePassed", hashDeal(deal), deal.commitBy + 1, deal.commitBy);
    });

    it("given a lock, refuses up to its last second, and then passes", async () => {
      await fault("seller");
      await fund("seller");
      const time = (await networkHelpers.time.latest()) + HOUR;
      await world.registry.connect(world.sellerOwner).lock(deal.seller, time);
      await expectRefused(world, { act: "Cure", deal, transcript, time }, "AgentLocked", time, time);
      await expectPasses(world, { act: "Cure", deal, transcript, time: time + 1 });
    });

    it("given a mandate that is missing, refuses", async () => {
      await fault("seller");
      await fund("seller");
      await restrict(world, "seller");
      await expectRefused(world, { act: "Cure", deal, transcript }, "MandateMissing", deal.seller, 1n);
    });

    describe("given keys that were revoked", () => {
      beforeEach(async () => {
        await fault("seller");
        await world.registry.connect(world.sellerWallet).revokeKeys(deal.seller);
      });

      it("refuses everybody but the owner", async () => {
        await fund("seller");
        for (const by of [world.relayer, world.sellerWallet, world.buyerOwner]) {
          const attempt = { act: "Cure", deal, transcript, by } as const;
          await expectRefused(world, attempt, "NotOwner", deal.seller, by.address);
        }
      });

      it("needs neither mandate nor wallet of the owner", async () => {
        await fund("seller");
        await restrict(world, "seller");
        await world.registry.connect(world.sellerOwner).unsetAgentWallet(deal.seller);
        await expectPasses(world, { act: "Cure", deal, transcript, by: world.sellerOwner });
      });

      it("still needs the money", async () => {
        const attempt = { act: "Cure", deal, transcript, by: world.sellerOwner } as const;
        await expectRefused(world, attempt, "SellerFundsTooLow", 0n, deal.sellerBond);
      });
    });

    it("given a wallet that was taken away, is for the owner: the keys went with it", async () => {
      await fault("seller");
      await fund("seller");
      const { registry, sellerOwner, relayer } = world;
      await registry.connect(sellerOwner).unsetAgentWallet(deal.seller);
      const attempt = { act: "Cure", deal, transcript } as const;
      await expectRefused(world, { ...attempt, by: relayer }, "NotOwner", deal.seller, relayer.address);
      await expectPasses(world, { ...attempt, by: sellerOwner });
    });
  });

  describe("Penalise", () => {
    for (const side of ["buyer", "seller"] as const) {
      const ready = otherOf(side);

      it(`given a ${side} that may still cure, refuses; a second more, returns what the ${ready} locked`, async () => {
        await fault(side);
        const time = deal.commitBy;
        const attempt = { act: "Penalise", deal, transcript } as const;
        await expectRefused(world, { ...attempt, time }, "DeadlineNotPassed", hashDeal(deal), time, time);
        const returned = { buyer: 0n, seller: 0n, [ready]: exposureOf(deal, ready) };
        await expectPaid(world, { ...attempt, time: time + 1 }, returned.buyer, returned.seller);
      });
    }
  });
});
