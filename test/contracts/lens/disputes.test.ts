import {
  answer,
  COST,
  claimReceipt,
  type DisputeWorld,
  dispute,
  loadDelivered,
  refer,
  ruled,
  STATEMENT_PERIOD,
} from "../disputes/fixtures.ts";
import { escrowOf } from "../fixtures/deals.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { expectPaid, expectPasses, expectRefused } from "./fixtures.ts";

const BUYER_WINS = 1n;
const SELLER_WINS = 2n;

function points(n: number): bigint {
  return 3n + BigInt(n);
}

describe("Lens.preview of a dispute", () => {
  let world: DisputeWorld;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadDelivered();
    ({ deal } = world);
  });

  describe("Dispute", () => {
    it("given the buyer and a share of the whole up to the last second, passes", async () => {
      const { buyerWallet: by, reviewUntil: time } = world;
      await expectPasses(world, { act: "Dispute", deal, by, amount: 10_000n, time });
    });

    it("given the buyer's session key, passes", async () => {
      await expectPasses(world, { act: "Dispute", deal, amount: 2_000n });
    });

    it("given the seller, refuses", async () => {
      const { sellerWallet: by, buyer } = world;
      await expectRefused(world, { act: "Dispute", deal, by }, "NotOwnerOrWallet", buyer, by.address);
    });

    it("given a second more, refuses", async () => {
      const { buyerWallet: by, reviewUntil } = world;
      const args = [hashDeal(deal), reviewUntil + 1, reviewUntil];
      await expectRefused(world, { act: "Dispute", deal, by, time: reviewUntil + 1 }, "DeadlinePassed", ...args);
    });

    for (const who of ["buyerWallet", undefined] as const) {
      it(`given a share above the whole by the ${who ?? "buyer's session key"}, refuses`, async () => {
        const attempt = { act: "Dispute", deal, by: who && world[who], amount: 10_001n } as const;
        await expectRefused(world, attempt, "ShareTooHigh", hashDeal(deal), 10_001n, 10_000n);
      });
    }
  });

  describe("Answer", () => {
    let until: number;

    beforeEach(async () => {
      until = (await dispute(world, 2_000)) + STATEMENT_PERIOD;
    });

    it("given a seller that asks for more up to the last second, passes", async () => {
      await expectPasses(world, { act: "Answer", deal, by: world.sellerWallet, amount: 10_000n, time: until });
    });

    for (const who of ["sellerWallet", undefined] as const) {
      it(`given no more than the buyer owns to by the ${who ?? "seller's session key"}, pays that`, async () => {
        const attempt = { act: "Answer", deal, by: who && world[who], amount: 2_000n } as const;
        await expectPaid(world, attempt, 85_000_000n, 40_000_000n);
      });
    }

    it("given the buyer, refuses", async () => {
      const { buyerWallet: by, seller } = world;
      await expectRefused(world, { act: "Answer", deal, by }, "NotOwnerOrWallet", seller, by.address);
    });

    it("given a second more, refuses", async () => {
      const attempt = { act: "Answer", deal, by: world.sellerWallet, time: until + 1 } as const;
      await expectRefused(world, attempt, "DeadlinePassed", hashDeal(deal), until + 1, until);
    });

    it("given a share above the whole, refuses", async () => {
      const attempt = { act: "Answer", deal, by: world.sellerWallet, amount: 10_001n } as const;
      await expectRefused(world, attempt, "ShareTooHigh", hashDeal(deal), 10_001n, 10_000n);
    });

    it("given an answer already, refuses", async () => {
      await answer(world);
      const attempt = { act: "Answer", deal, by: world.sellerWallet, amount: 2_000n } as const;
      await expectRefused(world, attempt, "AlreadyAnswered", hashDeal(deal));
    });
  });

  describe("Refer", () => {
    let since: number;

    beforeEach(async () => {
      since = await dispute(world);
    });

    it("given an answer, passes at once", async () => {
      await answer(world);
      await expectPasses(world, { act: "Refer", deal });
    });

    it("given no answer, refuses for a day; a second more, passes", async () => {
      const time = since + STATEMENT_PERIOD;
      await expectRefused(world, { act: "Refer", deal, time }, "DeadlineNotPassed", hashDeal(deal), time, time);
      await expectPasses(world, { act: "Refer", deal, time: time + 1 });
    });

    it("given a dispute that was referred, refuses", async () => {
      await answer(world);
      await refer(world);
      await expectRefused(world, { act: "Refer", deal }, "AlreadyReferred", hashDeal(deal));
    });

    it("given no more time for a ruling, refuses", async () => {
      await answer(world);
      const until = since + STATEMENT_PERIOD + deal.rulingWithin;
      const args = [hashDeal(deal), until + 1, until];
      await expectRefused(world, { act: "Refer", deal, time: until + 1 }, "DeadlinePassed", ...args);
    });

    it("given a cost above deposit and coin sent along, refuses; just that, passes", async () => {
      await answer(world);
      const cost = deal.maxFee + COST;
      await world.arbitrator.setCost(cost);
      await expectRefused(world, { act: "Refer", deal, amount: COST - 1n }, "FeeTooHigh", cost, cost - 1n);
      await expectPasses(world, { act: "Refer", deal, amount: COST });
    });
  });

  describe("Execute", () => {
    it("given no ruling, refuses", async () => {
      await dispute(world);
      await answer(world);
      await refer(world);
      await expectRefused(world, { act: "Execute", deal }, "NotRuled", hashDeal(deal));
    });

    const PRICE_AND_BONDS = {
      "for the buyer, pays what it owned to and both bonds to it": [BUYER_WINS, 40_000_000n],
      "below what the buyer owned to, the same": [points(3_999), 40_000_000n],
      "nearer to the buyer, pays it both bonds": [points(4_749), 47_490_000n],
      "nearer to the buyer by no more than the tolerance, returns the bonds": [points(4_750), 67_500_000n],
      "halfway, returns the bonds": [points(5_000), 70_000_000n],
      "nearer to the seller by no more than the tolerance, returns the bonds": [points(5_250), 72_500_000n],
      "nearer to the seller, pays it both bonds": [points(5_251), 77_510_000n],
      "for the seller, pays what it asked for and both bonds to it": [SELLER_WINS, 85_000_000n],
      "above what the seller asked for, the same": [points(6_001), 85_000_000n],
      "that was refused, pays the share on lapse": [0n, 70_000_000n],
    } as const;

    for (const [what, [ruling, toSeller]] of Object.entries(PRICE_AND_BONDS)) {
      it(`given a ruling ${what}`, async () => {
        await ruled(world, 4_000, 6_000, ruling);
        await expectPaid(world, { act: "Execute", deal }, escrowOf(deal) - toSeller, toSeller);
      });
    }

    it("given no answer and a ruling for the seller, pays it all", async () => {
      await ruled(world, 4_000, undefined, SELLER_WINS);
      await expectPaid(world, { act: "Execute", deal }, 0n, escrowOf(deal));
    });

    it("given receipts of more than the ruling, pays no more of the price", async () => {
      await claimReceipt(world, deal, 60_000_000n);
      await ruled(world, 2_000, 9_000, BUYER_WINS);
      await expectPaid(world, { act: "Execute", deal }, escrowOf(deal) - 60_000_000n, 0n);
    });
  });

  describe("Lapse", () => {
    it("given the last second for a ruling, refuses; a second more, pays the share on lapse", async () => {
      const time = (await dispute(world)) + STATEMENT_PERIOD + deal.rulingWithin;
      await expectRefused(world, { act: "Lapse", deal, time }, "DeadlineNotPassed", hashDeal(deal), time, time);
      await expectPaid(world, { act: "Lapse", deal, time: time + 1 }, 55_000_000n, 70_000_000n);
    });

    it("given a ruling, refuses for ever", async () => {
      await ruled(world, 4_000, 6_000, SELLER_WINS);
      const { rulingUntil } = await world.settlement.disputeOf(deal);
      const attempt = { act: "Lapse", deal, time: Number(rulingUntil) + 1 } as const;
      await expectRefused(world, attempt, "AlreadyRuled", hashDeal(deal));
    });
  });
});
