import { act } from "../../fixtures/acts.ts";
import { agreeBySession } from "../../fixtures/agreements.ts";
import { ethers } from "../../fixtures/chain.ts";
import { Kind } from "../../fixtures/enums.ts";
import type { World } from "../../fixtures/world.ts";
import { hashDeal } from "../../typedData.ts";
import { fixedDeal, passHours, receipt, type Scenarios, sides } from "../scenario.ts";

/** The seller declares a deal whose buyer may commit nothing any more. */
async function declared(world: World) {
  const { settlement, token, buyer, buyerOwner, sellerWallet } = world;
  await settlement.connect(buyerOwner).stake(buyer, token, 50_000_000n);
  const deal = await fixedDeal(world);
  const { args, transcript } = await agreeBySession(world, deal, sides);
  await settlement.connect(buyerOwner).setUnlimited(buyer, false);
  const declare = () => receipt(settlement.connect(sellerWallet).commitOrDeclare(...args));
  return { deal, transcript, declare };
}

/** What agents have to answer for. */
export const faultScenarios: Scenarios = {
  equivocation: {
    async run(world) {
      const { settlement, token, buyer, buyerOwner, buyerWallet } = world;
      await settlement.connect(buyerOwner).stake(buyer, token, 50_000_000n);
      const deal = await fixedDeal(world);
      const say = async (hash: string) => ({
        accepts: false,
        deal: hash,
        auth: await act(world, deal, {
          agent: buyer,
          signer: buyerWallet,
          kind: Kind.Offer,
          body: hash,
          ...sides.buyer,
        }),
      });
      const [first, second] = [await say(hashDeal(deal)), await say(ethers.id("another deal"))];
      return await receipt(settlement.equivocation(buyer, deal, first, second));
    },
  },
  commitOrDeclare: { run: async (world) => await (await declared(world)).declare() },
  cure: {
    async run(world) {
      const { deal, transcript, declare } = await declared(world);
      await declare();
      await world.settlement.connect(world.buyerOwner).setUnlimited(world.buyer, true);
      return await receipt(world.settlement.cure(deal, transcript));
    },
  },
  penalise: {
    async run(world) {
      const { deal, transcript, declare } = await declared(world);
      await declare();
      await passHours(2);
      return await receipt(world.settlement.penalise(deal, transcript));
    },
  },
};
