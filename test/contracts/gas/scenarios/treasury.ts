import { ethers } from "../../fixtures/chain.ts";
import { limit } from "../../fixtures/mandates.ts";
import { fixedDeal, passHours, receipt, type Scenarios, START } from "../scenario.ts";

/** Money in and out, and what a principal allows. */
export const treasuryScenarios: Scenarios = {
  deposit: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await token.mint(buyerOwner, 10n);
      return await receipt(settlement.connect(buyerOwner).deposit(buyer, token, 1n, false));
    },
  },
  depositNative: {
    run: ({ settlement, buyer, buyerOwner }) =>
      receipt(settlement.connect(buyerOwner).depositNative(buyer, false, { value: 1n })),
  },
  withdraw: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await token.mint(buyerOwner, 10n);
      return await receipt(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n));
    },
  },
  /** More stake, where there is some. */
  stake: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await settlement.connect(buyerOwner).stake(buyer, token, 10n);
      return await receipt(settlement.connect(buyerOwner).stake(buyer, token, 10n));
    },
  },
  unstake: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await settlement.connect(buyerOwner).stake(buyer, token, 10n);
      return await receipt(settlement.connect(buyerOwner).unstake(buyer, token, 5n));
    },
  },
  release: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await settlement.connect(buyerOwner).stake(buyer, token, 10n);
      await settlement.connect(buyerOwner).unstake(buyer, token, 5n);
      await passHours(200);
      return await receipt(settlement.connect(buyerOwner).release(buyer, token));
    },
  },
  setMandate: {
    async run({ settlement, token, buyer, buyerOwner, stranger }) {
      const mandate = {
        limit: 10n ** 12n,
        budget: 10n ** 13n,
        threshold: 10n ** 9n,
        expiry: 2n ** 40n - 1n,
        approver: stranger,
      };
      return await receipt(settlement.connect(buyerOwner).setMandate(buyer, token, ethers.ZeroHash, mandate));
    },
  },
  /** By the approver itself. */
  approve: {
    async run(world) {
      const { settlement, buyer, seller, token, stranger } = world;
      await limit(world, { expiry: START * 2 });
      const { negotiation, category } = await fixedDeal(world);
      const approval = { agent: buyer, tenure: 1n, counterparty: seller, negotiation, token, category };
      const terms = { ...approval, most: 10n ** 9n, until: START * 2, version: 1n };
      return await receipt(settlement.connect(stranger).approve(terms));
    },
  },
};
