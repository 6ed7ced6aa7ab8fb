import { claimReceipt, EVIDENCE } from "../disputes/fixtures.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { expectPaid, expectPasses, expectRefused } from "./fixtures.ts";

describe("Lens.preview of a deal", () => {
  let world: World;
  let deal: Deal;
  let since: number;

  beforeEach(async () => {
    world = await load();
    await begin();
  });

  async function begin(changes: Partial<Deal> = {}): Promise<void> {
    deal = await makeDeal(world, changes);
    since = await commit(world, deal);
  }

  async function deliver(): Promise<void> {
    await world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE);
    since = await networkHelpers.time.latest();
  }

  describe("Commit", () => {
    it("given money on both sides, passes", async () => {
      await expectPasses(world, { act: "Commit", deal: await makeDeal(world) });
    });

    it("given too little on one side, tells which", async () => {
      const poor = await makeDeal(world, { price: 0n, buyerBond: 0n, sellerBond: FUNDS });
      const free = FUNDS - deal.sellerBond;
      await expectRefused(world, { act: "Commit", deal: poor }, "SellerFundsTooLow", free, FUNDS);
    });
  });

  describe("Deliver", () => {
    it("given the seller up to the last second, passes", async () => {
      const time = since + deal.deliverWithin;
      await expectPasses(world, { act: "Deliver", deal, by: world.sellerWallet, time });
    });

    it("given the seller's session key, passes", async () => {
      await expectPasses(world, { act: "Deliver", deal });
    });

    it("given a second more, refuses", async () => {
      const deadline = since + deal.deliverWithin;
      const late = { act: "Deliver", deal, by: world.sellerWallet, time: deadline + 1 } as const;
      await expectRefused(world, late, "DeadlinePassed", hashDeal(deal), deadline + 1, deadline);
    });

    it("given the buyer, refuses", async () => {
      const { buyerWallet: by, seller } = world;
      await expectRefused(world, { act: "Deliver", deal, by }, "NotOwnerOrWallet", seller, by.address);
    });

    it("given a metered deal, refuses", async () => {
      await begin({ reviewPeriod: 0 });
      await expectRefused(world, { act: "Deliver", deal, by: world.sellerWallet }, "DealMetered", hashDeal(deal));
    });
  });

  describe("Accept", () => {
    it("given the buyer's owner, pays in full", async () => {
      const attempt = { act: "Accept", deal, by: world.buyerOwner } as const;
      await expectPaid(world, attempt, deal.buyerBond, deal.price + deal.sellerBond);
    });

    it("given receipts, pays the rest", async () => {
      await claimReceipt(world, deal, 30_000_000n);
      const rest = deal.price + deal.sellerBond - 30_000_000n;
      await expectPaid(world, { act: "Accept", deal, by: world.buyerWallet }, deal.buyerBond, rest);
    });

    it("given the seller, refuses", async () => {
      const { sellerWallet: by, buyer } = world;
      await expectRefused(world, { act: "Accept", deal, by }, "NotOwnerOrWallet", buyer, by.address);
    });
  });

  describe("Claim", () => {
    it("given no delivery, refuses", async () => {
      const args = [hashDeal(deal), Status.Committed, 1n << Status.Delivered];
      await expectRefused(world, { act: "Claim", deal }, "StatusMismatch", ...args);
    });

    it("given the last second of the review, refuses; a second more, pays in full", async () => {
      await deliver();
      const time = since + deal.reviewPeriod;
      await expectRefused(world, { act: "Claim", deal, time }, "DeadlineNotPassed", hashDeal(deal), time, time);
      await expectPaid(world, { act: "Claim", deal, time: time + 1 }, deal.buyerBond, deal.price + deal.sellerBond);
    });
  });

  describe("ClaimReceipt", () => {
    it("given more than was received, passes", async () => {
      await claimReceipt(world, deal, 30_000_000n);
      await expectPasses(world, { act: "ClaimReceipt", deal, amount: 30_000_001n });
    });

    for (const amount of [29_999_999n, 30_000_000n]) {
      it(`given ${amount} when 30000000 were received, refuses`, async () => {
        await claimReceipt(world, deal, 30_000_000n);
        const args = [hashDeal(deal), amount, 30_000_000n];
        await expectRefused(world, { act: "ClaimReceipt", deal, amount }, "ReceiptTooLow", ...args);
      });
    }

    it("given more than the price, refuses", async () => {
      const amount = deal.price + 1n;
      const args = [hashDeal(deal), amount, deal.price];
      await expectRefused(world, { act: "ClaimReceipt", deal, amount }, "ReceiptTooHigh", ...args);
    });
  });

  describe("Close", () => {
    it("given the last receipt again, pays of the seller's bond as large a part", async () => {
      await claimReceipt(world, deal, 40_000_000n);
      const attempt = { act: "Close", deal, by: world.sellerWallet, amount: 40_000_000n } as const;
      await expectPaid(world, attempt, 77_000_000n, 8_000_000n);
    });

    it("given a metered deal, pays all of the seller's bond", async () => {
      await begin({ reviewPeriod: 0 });
      const attempt = { act: "Close", deal, by: world.sellerWallet, amount: 40_000_000n } as const;
      await expectPaid(world, attempt, 65_000_000n, 60_000_000n);
    });

    it("given the whole price, is for anyone", async () => {
      const { price: amount, buyerBond, sellerBond } = deal;
      await expectPaid(world, { act: "Close", deal, by: world.stranger, amount }, buyerBond, amount + sellerBond);
    });

    it("given less, is for the seller", async () => {
      const { stranger: by, seller } = world;
      const attempt = { act: "Close", deal, by, amount: deal.price - 1n } as const;
      await expectRefused(world, attempt, "NotOwnerOrWallet", seller, by.address);
    });

    it("given nothing, refuses", async () => {
      const attempt = { act: "Close", deal, by: world.sellerWallet } as const;
      await expectRefused(world, attempt, "ReceiptTooLow", hashDeal(deal), 0n, 0n);
    });
  });

  describe("Refund", () => {
    it("given the last second for receipts, refuses; a second more, pays the buyer", async () => {
      const time = since + deal.deliverWithin + DAY;
      await expectRefused(world, { act: "Refund", deal, time }, "DeadlineNotPassed", hashDeal(deal), time, time);
      await expectPaid(world, { act: "Refund", deal, time: time + 1 }, escrowOf(deal), 0n);
    });

    it("given a deal without a price, pays the buyer both bonds", async () => {
      await begin({ price: 0n });
      const time = since + deal.deliverWithin + DAY + 1;
      await expectPaid(world, { act: "Refund", deal, time }, deal.buyerBond + deal.sellerBond, 0n);
    });
  });

  describe("Split", () => {
    it("given all of it, pays the seller", async () => {
      await expectPaid(world, { act: "Split", deal, amount: escrowOf(deal) }, 0n, escrowOf(deal));
    });

    it("given more, refuses", async () => {
      const amount = escrowOf(deal) + 1n;
      const args = [hashDeal(deal), amount, escrowOf(deal)];
      await expectRefused(world, { act: "Split", deal, amount }, "SplitTooHigh", ...args);
    });

    it("given less than receipts paid, refuses; just that, pays the buyer the rest", async () => {
      const paid = 30_000_000n;
      await claimReceipt(world, deal, paid);
      const args = [hashDeal(deal), paid - 1n, paid];
      await expectRefused(world, { act: "Split", deal, amount: paid - 1n }, "SplitTooLow", ...args);
      await expectPaid(world, { act: "Split", deal, amount: paid }, escrowOf(deal) - paid, 0n);
    });
  });
});
