import { utf8 } from "../../kernel/bytes.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { RehearsalCourt } from "../../node/rehearsal-court.ts";
import { agreementOf, verify } from "./account.ts";
import type { Story } from "./story.ts";

/** Seller's share of the price in basis points: as the buyer states it, and as each member of the panel votes. */
const STATED = 5_000;
const VOTES = [6_000, 6_250, 6_500] as const;
const RULED = 6_250n;

const WHOLE = 10_000n;

/** A ruling of 3 + n gives the seller n basis points. */
const FIRST_SHARE = 3n;

const EVIDENCE = sha256(utf8.encode("five of eight shards arrived"));

/** What was delivered is not what was agreed, and a panel of the Court decides what it is worth. */
export function panelStory(): Story {
  let court: RehearsalCourt;
  return {
    title: "a delivery in dispute, and a panel that rules",
    summary: "The seller delivers five shards of eight. The buyer owns to half the price, the seller wants all of it.",
    delivery: "other",
    outcome: "ruled",
    async stage(rehearsal, narrate) {
      narrate("opening a Court with five jurors");
      court = await rehearsal.openCourt(5);
      const rulingWithin = 2 * court.longestS;
      return { deal: { arbitrator: court.address, maxFee: court.fee, rulingWithin } };
    },
    async unfold(scene, cast, narrate) {
      const { rehearsal, buyer } = scene;
      const trouble = await cast.buyer.event("trouble");
      narrate("The buyer finds other goods than it agreed to, and does not accept.");
      await cast.buyer.stop();
      const { deal, transcript } = agreementOf(await verify(scene, cast.buyer));
      await rehearsal.litigant(buyer).dispute(deal, transcript, STATED, EVIDENCE);
      // The seller's process answers, refers and executes: whoever else did, in its place, would be in its way.
      await cast.seller.event("act", ({ act }) => act === "refer");
      narrate("The buyer states that half the price is due; the seller states that all of it is.");
      const members = await court.draw();
      narrate(`The Court draws a panel of ${members.length} from a block that was fixed before anyone knew it.`);
      await court.vote(VOTES);
      narrate("Each commits to a vote unseen, then reveals it; the median counts.");
      const ruling = await court.rule();
      narrate(`Nobody appeals. The ruling: ${Number(ruling - FIRST_SHARE) / 100}% of the price to the seller.`);
      await cast.seller.event("outcome");
      narrate("The seller's statement was farther off, by more than 5%: its bond goes to the buyer.");
      return [
        { what: "the buyer noticed that other goods came", held: trouble.code === "NotAsAgreed" },
        { what: "the panel's median is the ruling", held: ruling === FIRST_SHARE + RULED },
      ];
    },
    gains({ price, sellerBond }) {
      const earned = (price * RULED) / WHOLE;
      return { buyer: sellerBond - earned, seller: earned - sellerBond };
    },
  };
}
