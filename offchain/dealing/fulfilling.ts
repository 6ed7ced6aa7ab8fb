import type { Body, CancelBody } from "../terms/body.ts";
import { Refusal } from "../terms/refusal.ts";
import type { Agreed, Fulfilment } from "./state.ts";

/**
 * What may still be said about a deal that was agreed: deliveries by its seller, growing receipts by its buyer, and by either how it
 * would split what is in escrow, or what share it states in a dispute.
 */
export function acknowledge(state: Agreed, body: Body, speaker: "self" | "peer"): Fulfilment {
  const { agreement, fulfilment, brief } = state;
  if (body.kind !== "DELIVER" && body.kind !== "RECEIPT" && body.kind !== "CANCEL" && body.kind !== "DISPUTE") {
    throw new Refusal("OutOfTurn", `${body.kind} can't be said once a deal is agreed`);
  }
  if (body.deal !== agreement.dealHash) throw new Refusal("DealMismatch", `the ${body.kind} is about another deal`);
  if (body.kind === "DISPUTE") return fulfilment;
  if (body.kind === "CANCEL") return propose(state, body, speaker);
  const speaksAsBuyer = (brief.role === "buyer") === (speaker === "self");
  if (speaksAsBuyer !== (body.kind === "RECEIPT")) {
    throw new Refusal("OutOfTurn", `${body.kind} is for the ${speaksAsBuyer ? "seller" : "buyer"} to say`);
  }
  if (body.kind === "DELIVER") return { ...fulfilment, evidence: body.evidence };
  if (body.total < fulfilment.receipted || body.total > agreement.deal.price) {
    throw new Refusal("DealMismatch", "a receipt is below the one before it, or above the price");
  }
  return { ...fulfilment, receipted: body.total };
}

/** A side's newest word on a split stands beside its older ones, all of which count until they expire. */
function propose({ agreement, fulfilment }: Agreed, body: CancelBody, speaker: "self" | "peer"): Fulfilment {
  const { price, buyerBond, sellerBond } = agreement.deal;
  if (body.toSeller > price + buyerBond + sellerBond) {
    throw new Refusal("DealMismatch", "the split gives the seller more than there is in escrow");
  }
  return { ...fulfilment, splits: { ...fulfilment.splits, [speaker]: body } };
}
