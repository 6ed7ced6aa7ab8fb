/** Deals that need nobody's judgement. */
import type { SessionProof } from "../../../../offchain/ports/chain.ts";
import { RECEIPT_GRACE_S } from "../../../../offchain/settlement/saga/plan.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import { reached, type Scenario } from "../scenario.ts";

export const PLAIN: readonly Scenario[] = [
  {
    name: "happy-path",
    says: "the seller delivers, the buyer accepts",
    async play(stage) {
      const agreement = await stage.agree();
      const outcomes = await Promise.all([
        stage.settle("buyer", agreement, stage.diary()),
        stage.settle("seller", agreement, stage.diary()),
      ]);
      return { outcomes, expected: { buyer: -100n, seller: 100n } };
    },
  },
  {
    name: "refund",
    says: "the seller's stock is gone after the agreement: it delivers nothing, and its bond is the buyer's",
    async play(stage) {
      const agreement = await stage.agree();
      const bought = stage.diary();
      const buying = stage.settle("buyer", agreement, bought);
      const reserve = () => ({ code: "OutOfStock", note: "the last one is gone" });
      const selling = stage.settle("seller", agreement, stage.diary(), { reserve });
      await reached(bought.tasks, "commit");
      await stage.rehearsal.passTime(agreement.deal.deliverWithin + RECEIPT_GRACE_S + 2);
      return { outcomes: await Promise.all([buying, selling]), expected: { buyer: 20n, seller: -20n } };
    },
  },
  {
    name: "split",
    says: "both sign that the seller gets 60 of what is in escrow, and anybody carries it",
    async play(stage) {
      const agreement = await stage.agree();
      const { deal, transcript } = agreement;
      const bought = stage.diary();
      const buying = stage.settle("buyer", agreement, bought);
      const selling = stage.settle("seller", agreement, stage.diary(), { deliver: () => null });
      await reached(bought.tasks, "commit");
      const cancel = { kind: "CANCEL", deal: hashDeal(deal), toSeller: 60n, until: deal.commitBy } as const;
      const cancels = {
        buyer: await stage.say(stage.buyer, deal, cancel),
        seller: await stage.say(stage.seller, deal, cancel),
      };
      stage.count(await stage.rehearsal.chain.split(deal, transcript, cancels));
      return { outcomes: await Promise.all([buying, selling]), expected: { buyer: -40n, seller: 40n } };
    },
  },
  {
    name: "buyer-silent",
    says: "the buyer commits and dies; the seller claims after the review period",
    async play(stage) {
      const agreement = await stage.agree();
      const [bought, sold] = [stage.diary(), stage.diary()];
      await stage.settle("buyer", agreement, bought, {}, (task) => task === "commit");
      const selling = stage.settle("seller", agreement, sold);
      await reached(sold.tasks, "deliver");
      await stage.rehearsal.passTime(agreement.deal.reviewPeriod + 1);
      const outcome = await selling;
      return {
        outcomes: [await stage.settle("buyer", agreement, bought), outcome],
        expected: { buyer: -100n, seller: 100n },
      };
    },
  },
  {
    name: "seller-late",
    says: "two fifths are receipted, the rest comes too late: the bond is lost in that proportion",
    async play(stage) {
      const agreement = await stage.agree();
      const { deal } = agreement;
      const receipt = await stage.say(stage.buyer, deal, { kind: "RECEIPT", deal: hashDeal(deal), total: 40n });
      const bought = stage.diary();
      const buying = stage.settle("buyer", agreement, bought);
      const selling = stage.settle("seller", agreement, stage.diary(), { deliver: () => null, receipt: () => receipt });
      await reached(bought.tasks, "commit");
      await stage.rehearsal.passTime(deal.deliverWithin + 1);
      return { outcomes: await Promise.all([buying, selling]), expected: { buyer: -28n, seller: 28n } };
    },
  },
  {
    name: "metered",
    says: "a thousand calls are receipted one by one, and claimed by one transaction",
    async play(stage) {
      const agreement = await stage.agree({ price: 1_000n, reviewPeriod: 0 });
      const { deal } = agreement;
      const bought = stage.diary();
      const buying = stage.settle("buyer", agreement, bought);
      await reached(bought.tasks, "commit");
      let newest: SessionProof | null = null;
      for (let total = 1n; total <= 1_000n; total++) {
        newest = await stage.say(stage.buyer, deal, { kind: "RECEIPT", deal: hashDeal(deal), total });
      }
      const selling = stage.settle("seller", agreement, stage.diary(), { receipt: () => newest });
      return { outcomes: await Promise.all([buying, selling]), expected: { buyer: -1_000n, seller: 1_000n } };
    },
  },
];
