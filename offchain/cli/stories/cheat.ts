import { RECEIPT_GRACE_S } from "../../settlement/saga/plan.ts";
import type { Story } from "./story.ts";

/** The seller takes the deal and delivers nothing. */
export const cheatStory: Story = {
  title: "a seller that doesn't deliver",
  summary: "The seller agrees, puts up its bond, and then does nothing. Its bond goes to the buyer.",
  delivery: "none",
  outcome: "refunded",
  async unfold({ rehearsal, proposal }, { buyer, seller }, narrate) {
    await buyer.event("act");
    const wait = proposal.deal.deliverWithin + RECEIPT_GRACE_S + 1;
    narrate(`The deal is committed. Nothing is delivered; ${Math.round(wait / 3_600)} hours pass on the chain.`);
    await rehearsal.passTime(wait);
    await Promise.all([buyer.event("outcome"), seller.event("outcome")]);
    narrate("The buyer took back its price and its bond, and got the seller's bond on top.");
    return [];
  },
  gains: ({ sellerBond }) => ({ buyer: sellerBond, seller: -sellerBond }),
};
