import { agree, agreeBySession, TRANSCRIPT } from "../../fixtures/agreements.ts";
import { ethers } from "../../fixtures/chain.ts";
import {
  committed,
  deliver,
  fixedDeal,
  limitedDeal,
  passHours,
  receipt,
  receiptFor,
  type Scenarios,
  sides,
} from "../scenario.ts";

/** A deal that goes as agreed. Balances are neither zero before nor after, and both bonds are locked. */
export const dealScenarios: Scenarios = {
  /** By wallets that are EOAs, each side with mandate and budget, no approver needed. */
  commit: {
    async run(world) {
      const deal = await limitedDeal(world);
      return await receipt(world.settlement.commit(...(await agree(world, deal))));
    },
  },
  /** The same, ten in one transaction between the same agents; the figure is of each. */
  commitBatch10: {
    each: 10,
    async run(world) {
      const { settlement } = world;
      await limitedDeal(world);
      const calls: string[] = [];
      for (let index = 0; index < 10; index++) {
        const money = { price: 10_000_000n, buyerBond: 1_000_000n, sellerBond: 2_000_000n };
        const deal = await fixedDeal(world, { ...money, negotiation: ethers.id(`gas ${index}`) });
        calls.push(settlement.interface.encodeFunctionData("commit", await agree(world, deal)));
      }
      return await receipt(settlement.commitMany(calls, true));
    },
  },
  /** By session keys, each side with mandate and budget. */
  commitSession: {
    async run(world) {
      const { args } = await agreeBySession(world, await limitedDeal(world), sides);
      return await receipt(world.settlement.commitBySession(...args));
    },
  },
  deliver: {
    run: async (world) => await deliver(world, await committed(world)),
  },
  /** After delivery. */
  accept: {
    async run(world) {
      const deal = await committed(world);
      await deliver(world, deal);
      return await receipt(world.settlement.connect(world.buyerWallet).accept(deal, TRANSCRIPT));
    },
  },
  /** What was delivered and not reviewed in time. */
  claim: {
    async run(world) {
      const deal = await committed(world);
      await deliver(world, deal);
      await passHours(240);
      return await receipt(world.settlement.claim(deal, TRANSCRIPT));
    },
  },
  /** What was not delivered in time. */
  refund: {
    async run(world) {
      const deal = await committed(world);
      await passHours(240);
      return await receipt(world.settlement.refund(deal, TRANSCRIPT));
    },
  },
  /** The first receipt of a deal that goes on. */
  claimReceipt: {
    async run(world) {
      const deal = await committed(world);
      const buyer = await receiptFor(world, deal, 10_000_000n);
      return await receipt(world.settlement.claimReceipt(deal, TRANSCRIPT, 10_000_000n, buyer, false));
    },
  },
  /** A metered deal's ten thousandth receipt, of 9,000 each: all of them claimed, and the deal closed. */
  receipts10000: {
    async run(world) {
      const deal = await committed(world, { reviewPeriod: 0 });
      const total = 10_000n * 9_000n;
      const buyer = await receiptFor(world, deal, total);
      const { settlement, sellerWallet } = world;
      return await receipt(settlement.connect(sellerWallet).claimReceipt(deal, TRANSCRIPT, total, buyer, true));
    },
  },
};
