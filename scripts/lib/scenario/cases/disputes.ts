/** Deals that somebody else has to judge. */
import type { Finding } from "../../../../offchain/ports/connector.ts";
import { STATEMENT_S } from "../../../../offchain/settlement/saga/plan.ts";
import type { Deal } from "../../../../offchain/terms/deal.ts";
import { reached, type Scenario } from "../scenario.ts";
import { EVIDENCE, type Stage } from "../stage.ts";

const BAD: Finding = { good: false, share: 2_500, evidence: EVIDENCE, note: "half of it is missing" };

/** Time that an arbitrator is left besides what it needs itself: the dispute is not referred in its first second. */
const MARGIN_S = 7_200;

/** ERC-792's choices are numbered from 1; those after the first two are shares in basis points. */
const FIRST_SHARE = 3n;

/** Lets the two fall out over a delivery until the arbitrator was asked. */
async function fallOut(stage: Stage, terms: Partial<Deal>) {
  const agreement = await stage.agree(terms);
  const [bought, sold] = [stage.diary(), stage.diary()];
  const buying = stage.settle("buyer", agreement, bought, { inspect: () => BAD });
  const selling = stage.settle("seller", agreement, sold);
  await reached(bought.tasks, "dispute");
  while (![...bought.tasks, ...sold.tasks].includes("refer")) await new Promise((resolve) => setTimeout(resolve, 10));
  return { outcomes: () => Promise.all([buying, selling]) };
}

export const DISPUTES: readonly Scenario[] = [
  {
    name: "panel",
    says: "the buyer owns to a quarter, the seller asks for all; a panel of three rules 30 %, and the seller's bond is lost",
    async play(stage) {
      const court = await stage.rehearsal.openCourt(3);
      const terms = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + MARGIN_S };
      const { outcomes } = await fallOut(stage, terms);
      await court.draw();
      await court.vote([2_000, 3_000, 4_000]);
      await court.rule();
      return { outcomes: await outcomes(), expected: { buyer: -10n, seller: 10n } };
    },
  },
  {
    name: "appeal",
    says: "the panel rules for the seller; the appeal goes to five others, who rule for the buyer",
    async play(stage) {
      const court = await stage.rehearsal.openCourt(7);
      const terms = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + MARGIN_S };
      const { outcomes } = await fallOut(stage, terms);
      await court.draw();
      await court.vote([9_000, 10_000, 10_000]);
      await court.appeal();
      await court.draw();
      await court.vote([2_500, 2_500, 2_500, 3_000, 3_000]);
      await court.rule();
      return { outcomes: await outcomes(), expected: { buyer: -5n, seller: 5n } };
    },
  },
  {
    name: "arbitrator-silent",
    says: "nobody rules in time: the deal's own share is paid, and both bonds return",
    async play(stage) {
      const court = await stage.rehearsal.openCourt(3);
      const rulingWithin = court.longestS + MARGIN_S;
      const terms = { arbitrator: court.address, maxFee: court.fee, rulingWithin, lapseShare: 5_000 };
      const { outcomes } = await fallOut(stage, terms);
      await stage.rehearsal.passTime(STATEMENT_S + rulingWithin + 2);
      return { outcomes: await outcomes(), expected: { buyer: -50n, seller: 50n } };
    },
  },
  {
    name: "foreign-arbitrator",
    says: "an arbitrator that knows nothing but ERC-792 rules 70 %",
    async play(stage) {
      const fee = 10n ** 13n;
      const arbitrator = await stage.rehearsal.openForeignArbitrator(fee);
      const terms = { arbitrator: arbitrator.address, maxFee: fee, rulingWithin: 86_400 };
      const { outcomes } = await fallOut(stage, terms);
      stage.count(await arbitrator.rule(0n, FIRST_SHARE + 7_000n));
      return { outcomes: await outcomes(), expected: { buyer: -80n, seller: 80n } };
    },
  },
];
