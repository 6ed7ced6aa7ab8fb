import type { Story } from "./story.ts";

/** Everything goes as agreed. */
export const dealStory: Story = {
  title: "two agents bargain, and settle on a chain",
  summary: "A buyer and a seller, each a process of its own, talk over WebSocket; every word is signed.",
  delivery: "agreed",
  outcome: "settled",
  async unfold(_scene, { buyer, seller }, narrate) {
    await Promise.all([buyer.event("outcome"), seller.event("outcome")]);
    narrate("The buyer committed the agreement: price and both bonds went into escrow.");
    narrate("The seller delivered, the buyer found what was agreed, and accepted.");
    return [];
  },
  gains: ({ price }) => ({ buyer: -price, seller: price }),
};
