/** Deals in which a side doesn't keep its word. */
import { Litigant } from "../../../../offchain/adapters/chain/litigant.ts";
import { type Scenario, until } from "../scenario.ts";
import type { Agreement, Conduct, Stage } from "../stage.ts";

/** A seller that does not wait for the buyer, and declares at once what the buyer can't commit. */
const STRICT: Conduct = { policy: { leaveCommitS: 0, declareBeforeS: 3_600 } };

const POOR = { buyerFunds: 10n, buyerLimit: 1_000n };

async function isDeclared(stage: Stage, { deal, transcript }: Agreement): Promise<boolean> {
  return (await stage.rehearsal.chain.position(deal, transcript)).status === "Declared";
}

export const FAULTS: readonly Scenario[] = [
  {
    name: "default-cured",
    says: "the buyer's money is gone; the seller declares it, the money comes, the deal goes on",
    casting: POOR,
    async play(stage) {
      const agreement = await stage.agree({ price: 50n, buyerBond: 0n });
      const selling = stage.settle("seller", agreement, stage.diary(), STRICT);
      await until(() => isDeclared(stage, agreement));
      await stage.rehearsal.fund(stage.buyer, 50n);
      const outcomes = await Promise.all([stage.settle("buyer", agreement, stage.diary()), selling]);
      return { outcomes, expected: { buyer: 0n, seller: 50n } };
    },
  },
  {
    name: "default-penalised",
    says: "the money never comes: the buyer's bond goes from its stake, a tenth to the seller, the rest is burnt",
    casting: POOR,
    async play(stage) {
      const agreement = await stage.agree({ price: 50n, buyerBond: 10n });
      const selling = stage.settle("seller", agreement, stage.diary(), STRICT);
      await until(() => isDeclared(stage, agreement));
      const bought = stage.diary();
      const buying = stage.settle("buyer", agreement, bought);
      await stage.rehearsal.passTime(3 * 3_600);
      return { outcomes: await Promise.all([buying, selling]), expected: { buyer: -10n, seller: 1n } };
    },
  },
  {
    name: "equivocation",
    says: "the buyer signs two offers under one number; anybody shows both, its stake pays, and the deal goes on",
    async play(stage) {
      const agreement = await stage.agree();
      const { deal, proofs } = agreement;
      const { seq, seen } = proofs.buyer.message.envelope;
      const second = { ...deal, price: deal.price - 10n };
      const other = await stage.say(stage.buyer, second, { kind: "OFFER", deal: second }, { seq, seen });
      const anybody = new Litigant(stage.rpc, stage.sender(stage.seller), stage.rehearsal.deployment);
      stage.count(await anybody.equivocation(stage.buyer.agent, deal, proofs.buyer, other));
      const outcomes = await Promise.all([
        stage.settle("buyer", agreement, stage.diary()),
        stage.settle("seller", agreement, stage.diary()),
      ]);
      return { outcomes, expected: { buyer: -110n, seller: 101n } };
    },
  },
];
