import type { SessionProofs } from "../../ports/chain.ts";
import { agreementOf, verify } from "./account.ts";
import { type Cast, type Scene, UNIT } from "./scene.ts";
import type { Story } from "./story.ts";

/** More than the least time that the other side has to make an agreement good, whose `commitBy` is an hour ahead. */
const CURE_S = 3_700;

/** The buyer's keys agree to more than its principal lets them commit. */
export const faultStory: Story = {
  title: "a buyer that promises more than it may",
  summary: "The buyer's agent agrees to a price that its mandate forbids. Its stake pays for the broken word.",
  delivery: "none",
  outcome: "defaulted",
  stage: async () => ({ buyerLimit: 100n * UNIT }),
  async unfold(scene, cast, narrate) {
    const { rehearsal, seller, buyer } = scene;
    // Its transcript comes with its end. The seller goes on.
    await cast.buyer.event("trouble");
    await cast.buyer.stop();
    narrate("The mandate forbids the buyer to commit what it agreed to, so Settlement refuses.");
    const { deal, proofs } = await agreement(scene, cast);
    const litigant = rehearsal.litigant(seller);
    await litigant.commitOrDeclare(deal, proofs);
    narrate("The seller shows both signatures to Settlement and declares a default; its own bond is locked meanwhile.");
    await rehearsal.passTime(CURE_S);
    narrate("An hour passes, in which the buyer could still make it good. It doesn't.");
    // Its process has waited for that, and calls in the penalty by itself.
    await cast.seller.event("outcome");
    const [{ bonded }, burnt] = await Promise.all([
      litigant.stakeOf(buyer.agent, deal.token),
      litigant.solvency(deal.token).then(({ burnt }) => burnt),
    ]);
    narrate("The bond that the buyer had named leaves its stake: a tenth goes to the seller, the rest is burnt.");
    return [
      { what: "the buyer's stake is less by the bond it had named", held: bonded === buyer.staked - deal.buyerBond },
      { what: "nine tenths of that are burnt", held: burnt === deal.buyerBond - deal.buyerBond / 10n },
    ];
  },
  gains: ({ buyerBond }) => ({ buyer: 0n, seller: buyerBond / 10n }),
};

/** What both signed, from the buyer's record of it: the seller goes on and has not handed over its own yet. */
async function agreement(scene: Scene, cast: Cast) {
  const verified = await verify(scene, cast.buyer);
  const { deal, offer, accept } = agreementOf(verified);
  const { opener, responder } = verified.certificates;
  const buyerAccepted = accept.envelope.agent === deal.buyer;
  const proofs: SessionProofs = {
    buyer: { message: buyerAccepted ? accept : offer, certificate: opener },
    seller: { message: buyerAccepted ? offer : accept, certificate: responder },
  };
  return { deal, proofs };
}
