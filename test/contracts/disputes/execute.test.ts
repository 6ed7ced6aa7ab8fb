import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus } from "../fixtures/deals.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import {
  answer,
  COST,
  claimReceipt,
  type DisputeWorld,
  dispute,
  expectAllBooks,
  expectFree,
  loadDelivered,
  refer,
  ruled,
} from "./fixtures.ts";

/** What the rules say, in basis points and by whose bond is lost. */
interface Row {
  owned: number;
  /** What the seller asks for; nothing if it is silent. */
  asked?: number;
  ruling: bigint;
  share: number;
  loser?: "buyer" | "seller";
}

const BUYER_WINS = 1n;
const SELLER_WINS = 2n;

function points(n: number): bigint {
  return 3n + BigInt(n);
}

const ROWS: Record<string, Row[]> = {
  "clamps the ruling between the statements": [
    { owned: 4_000, asked: 6_000, ruling: BUYER_WINS, share: 4_000, loser: "seller" },
    { owned: 4_000, asked: 6_000, ruling: points(0), share: 4_000, loser: "seller" },
    { owned: 4_000, asked: 6_000, ruling: points(3_999), share: 4_000, loser: "seller" },
    { owned: 4_000, asked: 6_000, ruling: points(4_000), share: 4_000, loser: "seller" },
    { owned: 4_000, asked: 6_000, ruling: points(4_001), share: 4_001, loser: "seller" },
    { owned: 4_000, asked: 6_000, ruling: points(5_999), share: 5_999, loser: "buyer" },
    { owned: 4_000, asked: 6_000, ruling: points(6_000), share: 6_000, loser: "buyer" },
    { owned: 4_000, asked: 6_000, ruling: points(6_001), share: 6_000, loser: "buyer" },
    { owned: 4_000, asked: 6_000, ruling: points(10_000), share: 6_000, loser: "buyer" },
    { owned: 4_000, asked: 6_000, ruling: SELLER_WINS, share: 6_000, loser: "buyer" },
  ],
  "given silence, takes it that the seller asks for all": [
    { owned: 0, ruling: BUYER_WINS, share: 0, loser: "seller" },
    { owned: 0, ruling: SELLER_WINS, share: 10_000, loser: "buyer" },
    { owned: 0, ruling: points(5_000), share: 5_000 },
    { owned: 0, ruling: points(7_777), share: 7_777, loser: "buyer" },
    { owned: 10_000, ruling: BUYER_WINS, share: 10_000 },
  ],
  "lets no bond go to whoever was nearer by 500 or less": [
    { owned: 4_000, asked: 6_000, ruling: points(5_000), share: 5_000 },
    { owned: 4_000, asked: 6_000, ruling: points(5_250), share: 5_250 },
    { owned: 4_000, asked: 6_000, ruling: points(4_750), share: 4_750 },
    { owned: 4_000, asked: 4_500, ruling: SELLER_WINS, share: 4_500 },
    { owned: 4_000, asked: 4_500, ruling: BUYER_WINS, share: 4_000 },
  ],
  "gives the other's bond to whoever was nearer by 501": [
    { owned: 4_000, asked: 6_001, ruling: points(5_251), share: 5_251, loser: "buyer" },
    { owned: 4_000, asked: 6_001, ruling: points(4_750), share: 4_750, loser: "seller" },
    { owned: 4_000, asked: 4_501, ruling: SELLER_WINS, share: 4_501, loser: "buyer" },
    { owned: 4_000, asked: 4_501, ruling: BUYER_WINS, share: 4_000, loser: "seller" },
  ],
};

describe("Settlement.execute", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered();
  });

  function bondsTo({ buyerBond, sellerBond }: Deal, loser?: Row["loser"]) {
    if (loser === "buyer") return { buyer: -buyerBond, seller: buyerBond };
    return loser === "seller" ? { buyer: sellerBond, seller: -sellerBond } : { buyer: 0n, seller: 0n };
  }

  for (const [rule, rows] of Object.entries(ROWS)) {
    describe(rule, () => {
      for (const { owned, asked, ruling, share, loser } of rows) {
        const says = `${owned} owned to, ${asked ?? "nothing"} asked for, ruling ${ruling}`;
        it(`${says}: ${share} to the seller, ${loser ? `the ${loser}'s bond lost` : "bonds return"}`, async () => {
          const { settlement, deal, relayer } = world;
          await ruled(world, owned, asked, ruling);
          const price = (deal.price * BigInt(share)) / 10_000n;
          const bonds = bondsTo(deal, loser);
          const toSeller = price + deal.sellerBond + bonds.seller;
          const executing = settlement.connect(relayer).execute(deal, TRANSCRIPT);
          await expect(executing)
            .to.emit(settlement, "Settled")
            .withArgs(hashDeal(deal), Outcome.Ruled, escrowOf(deal) - toSeller, toSeller);
          await expectStatus(settlement, deal, Status.Settled, await networkHelpers.time.latest());
          await expectFree(world, deal.token, bonds.buyer - price, bonds.seller + price);
          await expectFree(world, NATIVE, deal.maxFee - COST, 0n);
          await expectAllBooks(world, 0n, 0n);
        });
      }
    });
  }

  for (const ruling of [0n, 10_004n, ethers.MaxUint256]) {
    it(`given ${ruling}, pays the share on lapse, whatever was stated, and returns the bonds`, async () => {
      const { settlement, deal } = world;
      await ruled(world, 0, 4_000, ruling);
      await settlement.execute(deal, TRANSCRIPT);
      await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
      await expectFree(world, NATIVE, deal.maxFee - COST, 0n);
      await expectAllBooks(world, 0n, 0n);
    });
  }

  it("rounds the seller's share down and loses nothing of the rest", async () => {
    world = await loadDelivered({ price: 99_999_999n, buyerBond: 1n, sellerBond: 1n });
    const { settlement, deal } = world;
    await ruled(world, 0, undefined, points(3_333));
    await settlement.execute(deal, TRANSCRIPT);
    await expectFree(world, deal.token, 1n - 33_329_999n, 33_329_999n - 1n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given receipts of more than the ruling, pays what they say; the bonds go by the ruling", async () => {
    const { settlement, deal } = world;
    await claimReceipt(world, deal, 60_000_000n);
    await ruled(world, 2_000, 9_000, BUYER_WINS);
    await expect(settlement.execute(deal, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Ruled, 40_000_000n + deal.buyerBond + deal.sellerBond, 0n);
    await expectFree(world, deal.token, deal.sellerBond - 60_000_000n, 60_000_000n - deal.sellerBond);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given receipts of less than the ruling, pays the rest, whenever they were claimed", async () => {
    const { settlement, deal } = world;
    await ruled(world, 2_000, 9_000, points(5_500));
    await claimReceipt(world, deal, 10_000_000n);
    await expect(settlement.execute(deal, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Ruled, 45_000_000n + deal.buyerBond, 45_000_000n + deal.sellerBond);
    await expectFree(world, deal.token, -55_000_000n, 55_000_000n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given a receipt of the whole price and a refusal, pays the seller all", async () => {
    const { settlement, deal } = world;
    await claimReceipt(world, deal, deal.price);
    await ruled(world, 0, 9_000, 0n);
    await settlement.execute(deal, TRANSCRIPT);
    await expectFree(world, deal.token, -deal.price, deal.price);
    await expectAllBooks(world, 0n, 0n);
  });

  it("waits for whoever executes, also after the arbitrator's time", async () => {
    const { settlement, deal } = world;
    await ruled(world, 2_000, 9_000, SELLER_WINS);
    const { rulingUntil } = await settlement.disputeOf(deal);
    await networkHelpers.time.increaseTo(rulingUntil * 2n);
    await settlement.execute(deal, TRANSCRIPT);
    const price = 90_000_000n;
    await expectFree(world, deal.token, -price - deal.buyerBond, price + deal.buyerBond);
  });

  it("given no ruling, refuses, referred or not", async () => {
    const { settlement, deal } = world;
    const expectRefused = async () =>
      await expect(settlement.execute(deal, TRANSCRIPT))
        .to.be.revertedWithCustomError(settlement, "NotRuled")
        .withArgs(hashDeal(deal));
    await dispute(world);
    await expectRefused();
    await answer(world);
    await expectRefused();
    await refer(world);
    await expectRefused();
    await networkHelpers.time.increaseTo((await settlement.disputeOf(deal)).rulingUntil);
    await expectRefused();
  });

  it("pays once", async () => {
    const { settlement, deal } = world;
    await ruled(world, 2_000, 9_000, SELLER_WINS);
    await settlement.execute(deal, TRANSCRIPT);
    await expect(settlement.execute(deal, TRANSCRIPT))
      .to.be.revertedWithCustomError(settlement, "StatusMismatch")
      .withArgs(hashDeal(deal), Status.Settled, 1n << Status.Disputed);
  });

  it("given another deal or transcript, refuses", async () => {
    const { settlement, deal } = world;
    await ruled(world, 2_000, 9_000, SELLER_WINS);
    for (const [changed, transcript] of [
      [deal, ethers.id("other")],
      [{ ...deal, lapseShare: 10_000 }, TRANSCRIPT],
      [{ ...deal, buyerBond: deal.buyerBond + 1n }, TRANSCRIPT],
      [{ ...deal, buyer: deal.seller, seller: deal.buyer }, TRANSCRIPT],
    ] as const) {
      await expect(settlement.execute(changed, transcript)).to.be.revertedWithCustomError(settlement, "DealMismatch");
    }
  });
});
